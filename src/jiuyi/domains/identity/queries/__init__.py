"""Reads about people: facts for actions and rules, records for those who may open them, search, and accounts."""

from jiuyi.domains.identity.queries.accounts import (
    AccountFacts,
    FamilyMember,
    LinkRow,
    account,
    account_people,
    facts_account_phone,
    facts_link,
    facts_link_row,
    links_of_person,
)
from jiuyi.domains.identity.queries.facts import (
    PersonFacts,
    count_open_reviews,
    count_people,
    facts_people,
    facts_person,
    facts_phone,
    find_by_identifier,
    same_person_ids,
    wall_names,
)
from jiuyi.domains.identity.queries.reaching import PhoneFacts, PhoneToRing, facts_phones, family_doctors, open_phones
from jiuyi.domains.identity.queries.records import (
    IdentifierRecord,
    PersonRecord,
    may_open_record,
    open_numbers,
    open_person,
    open_record,
)
from jiuyi.domains.identity.queries.search import PersonHit, search_people

__all__ = [
    "AccountFacts",
    "FamilyMember",
    "IdentifierRecord",
    "LinkRow",
    "PersonFacts",
    "PersonHit",
    "PersonRecord",
    "PhoneFacts",
    "PhoneToRing",
    "account",
    "account_people",
    "count_open_reviews",
    "count_people",
    "facts_account_phone",
    "facts_link",
    "facts_link_row",
    "facts_people",
    "facts_person",
    "facts_phone",
    "facts_phones",
    "family_doctors",
    "find_by_identifier",
    "links_of_person",
    "may_open_record",
    "open_numbers",
    "open_person",
    "open_phones",
    "open_record",
    "same_person_ids",
    "search_people",
    "wall_names",
]
