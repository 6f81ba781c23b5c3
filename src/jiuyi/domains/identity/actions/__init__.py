"""Writes about people: signing in, families, registration, verification and care relations."""

from jiuyi.domains.identity.actions.care import add_care_relation, end_care_relation
from jiuyi.domains.identity.actions.families import claim_person, end_link
from jiuyi.domains.identity.actions.logins import request_login_code, sign_in_with_code
from jiuyi.domains.identity.actions.registration import add_contact, register_people, register_person
from jiuyi.domains.identity.actions.verification import verify_person

__all__ = [
    "add_care_relation",
    "add_contact",
    "claim_person",
    "end_care_relation",
    "end_link",
    "register_people",
    "register_person",
    "request_login_code",
    "sign_in_with_code",
    "verify_person",
]
