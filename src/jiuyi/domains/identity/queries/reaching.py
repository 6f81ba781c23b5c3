"""How a person is reached: every phone in its order, and whoever looks after somebody without one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiuyi.domains.identity import models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.queries.facts import same_person_ids
from jiuyi.domains.identity.words import CareBasis, ContactManner, Relation
from jiuyi.foundation import audit, notices, vault
from jiuyi.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """One phone: sealed as ``notices.post`` takes it, its masked form, and how its owner can be told something."""

    sealed: bytes
    hint: str
    manner: ContactManner
    own_account: bool


@dataclass(frozen=True, slots=True)
class PhoneToRing:
    """One phone in full, for somebody who is about to ring it. ``relation`` is None for the account that booked."""

    number: str
    relation: Relation | None
    manner: ContactManner


def facts_phones(person_id: UUID, account_id: UUID | None = None) -> list[PhoneFacts]:
    """The phones by which a person is reached: the account that booked, then the contacts by rank; each number once.

    A land line is told by voice, whatever was noted.
    """
    return [
        PhoneFacts(notices.seal_address(number), rules.masked_phone(number), manner, own_account=relation is None)
        for number, relation, manner in _phones(person_id, account_id)
    ]


def open_phones(actor: Actor, person_id: UUID, account_id: UUID | None, *, now: datetime) -> list[PhoneToRing]:
    """The same phones in full, for somebody whose task it is to ring; the caller has asked whether it is. Each look is witnessed."""
    audit.opened(actor, record="identity.phones", person_id=person_id, now=now)
    return [PhoneToRing(number, relation, manner) for number, relation, manner in _phones(person_id, account_id)]


def family_doctors(person_id: UUID, *, now: datetime) -> list[tuple[UUID | None, UUID | None]]:
    """Unit and practitioner of each running family doctor contract: who can pass something on by word of mouth."""
    rows = models.CareRelation.objects.filter(person_id__in=same_person_ids(person_id), basis=CareBasis.FAMILY_DOCTOR)
    return [
        (row.node_id, row.practitioner_id) for row in rows.order_by("starts_at", "id") if rules.is_current(row.starts_at, row.ends_at, now)
    ]


def _phones(person_id: UUID, account_id: UUID | None) -> list[tuple[str, Relation | None, ContactManner]]:
    rows = models.Contact.objects.select_related("person").filter(person_id__in=same_person_ids(person_id)).order_by("rank", "id")
    contacts = [(vault.decrypt(bytes(row.person.wrapped_key), bytes(row.phone_encrypted), purpose=ciphers.PHONE), row) for row in rows]
    found: dict[str, tuple[Relation | None, ContactManner]] = {}
    account = models.Account.objects.filter(pk=account_id).first() if account_id else None
    if account is not None:
        number = vault.decrypt(bytes(account.wrapped_key), bytes(account.phone_encrypted), purpose=ciphers.PHONE)
        noted = next((ContactManner(row.manner) for phone, row in contacts if phone == number), ContactManner.ANY)
        found[number] = (None, noted)
    for number, row in contacts:
        spoken = ContactManner.VOICE_ONLY if number.startswith("0") else ContactManner(row.manner)
        found.setdefault(number, (Relation(row.relation), spoken))
    return [(number, relation, manner) for number, (relation, manner) in found.items()]
