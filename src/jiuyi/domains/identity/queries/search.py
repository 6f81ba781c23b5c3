"""Finding a person at the desk: by number, phone, name or pinyin initials, and telling people of one name apart."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import F, Q, TextField, Value

from jiuyi.domains.identity import models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.queries.facts import facts_people
from jiuyi.domains.identity.words import PERSON_SEARCH, Certainty, NumberRefused, PhoneNotTaken, SearchTooShort, Sex
from jiuyi.foundation import access, audit
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date

RESULT_LIMIT = 30
MIN_LETTERS = 2
_LAST_FOUR = re.compile(r"[0-9]{3}[0-9X]")


@dataclass(frozen=True, slots=True)
class PersonHit:
    """One line of a search result: enough to tell people of one name apart, nothing unmasked."""

    person_id: UUID
    masked_name: str
    sex: Sex
    age_text: str
    village: str
    id_last_four: str
    id_disputed: bool
    phone_hint: str
    certainty: Certainty


class SearchKind(StrEnum):
    """By what somebody was looked for; the audit keeps this, never the text."""

    NUMBER = "number"
    PHONE = "phone"
    NAME = "name"
    INITIALS = "initials"


def search_people(actor: Actor, text: str, *, organization_id: UUID, now: datetime, within: str = "") -> list[PersonHit]:
    """At most thirty people for a whole number of a paper, a whole phone number, the start of a name, or ≥ 2 pinyin initials.

    The last four characters of a number after a name narrow it (``张三 1221``). Audited as one act without the text.
    ``within``: only people whose village is part of this name. Refuses not_allowed, identity.search_too_short.
    """
    access.require(actor, PERSON_SEARCH, organization_id)
    kind, condition = _condition(text)
    audit.privileged(actor, act="identity.search_people", object_id=organization_id, reason=kind.value, now=now)
    found = models.Person.objects.filter(condition, survivor__isnull=True)
    if within:
        found = found.annotate(place=Value(within, output_field=TextField())).filter(place__contains=F("village")).exclude(village="")
    ids = list(found.order_by("name_key", "village", "birth_date", "id").values_list("id", flat=True)[:RESULT_LIMIT])
    facts = facts_people(ids)
    hints = _phone_hints(ids)
    today = service_date(now)
    return [
        PersonHit(
            person_id=person_id,
            masked_name=facts[person_id].masked_name,
            sex=facts[person_id].sex,
            age_text=facts[person_id].age_text(today),
            village=facts[person_id].village,
            id_last_four=facts[person_id].id_last_four,
            id_disputed=facts[person_id].id_disputed,
            phone_hint=hints.get(person_id, ""),
            certainty=facts[person_id].certainty,
        )
        for person_id in ids
    ]


def _condition(text: str) -> tuple[SearchKind, Q]:
    typed = unicodedata.normalize("NFKC", text).strip()
    joined = re.sub(r"[\s\-]", "", typed).upper()
    if any(c.isdigit() for c in joined) and joined.isascii() and len(joined) >= 6:  # noqa: PLR2004  # shorter is no whole number
        return _by_number(typed, joined)
    words = typed.split()
    last_four = words.pop().upper() if len(words) > 1 and _LAST_FOUR.fullmatch(words[-1].upper()) else None
    key = rules.name_key(" ".join(words))
    if len(key) < MIN_LETTERS:
        raise SearchTooShort(fields={"text": SearchTooShort.message})
    if key.isascii() and key.isalpha():
        kind, condition = SearchKind.INITIALS, Q(name_initials__startswith=key) | Q(name_key__startswith=key)
    else:
        kind, condition = SearchKind.NAME, Q(name_key__startswith=key)
    if last_four is not None:
        condition &= Q(id__in=models.Identifier.objects.filter(last_four=last_four).values("person_id"))
    return kind, condition


def _by_number(typed: str, joined: str) -> tuple[SearchKind, Q]:
    numbers = {joined}
    with suppress(NumberRefused):
        numbers.add(rules.parse_id_number(joined, on=None).number)
    owners = models.Identifier.objects.filter(number_hash__in=[ciphers.number_hash(n) for n in numbers])
    condition = Q(id__in=owners.values("person_id"))
    try:
        phone = ciphers.phone_hash(rules.parse_phone(typed, mobile_only=False))
    except PhoneNotTaken:
        return SearchKind.NUMBER, condition
    contacts = models.Contact.objects.filter(phone_hash=phone).values("person_id")
    links = models.AccountLink.objects.filter(account__phone_hash=phone, ended_at__isnull=True).values("person_id")
    return SearchKind.PHONE, condition | Q(id__in=contacts) | Q(id__in=links)


def _phone_hints(ids: list[UUID]) -> dict[UUID, str]:
    result: dict[UUID, str] = {}
    for row in models.Contact.objects.filter(person_id__in=ids).order_by("rank", "id"):
        result.setdefault(row.person_id, row.phone_hint)
    return result
