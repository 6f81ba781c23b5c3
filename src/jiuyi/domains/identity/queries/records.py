"""Opening a person's record: the only way, audited, and refused as if the person were not there."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.identity import models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.queries.accounts import facts_link
from jiuyi.domains.identity.queries.facts import age_in_words, facts_person, same_person_ids
from jiuyi.domains.identity.words import (
    PERSON_OPEN,
    PERSON_REGISTER,
    Certainty,
    IdentifierStatus,
    IdentifierType,
    Sex,
)
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import access, audit, vault
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

PERSON_RECORD = "identity.person"


@dataclass(frozen=True, slots=True)
class IdentifierRecord:
    """A number of a paper: masked, unless it was opened with a reason."""

    type: IdentifierType
    number: str
    last_four: str
    status: IdentifierStatus


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person's own data as opened by somebody who may; numbers and phones still masked."""

    id: UUID
    name: str
    sex: Sex
    birth_date: date | None
    age_text: str
    certainty: Certainty
    village: str
    address: str
    deceased_on: date | None
    survivor_id: UUID | None
    identifiers: tuple[IdentifierRecord, ...]
    phones: tuple[str, ...]

    @property
    def masked_name(self) -> str:
        """The name for lists: ``张*``."""
        return rules.masked_name(self.name)


def open_person(actor: Actor, person_id: UUID, *, now: datetime) -> PersonRecord:
    """A person's own data: for an account with a verified link, staff in a care relation, or a registration desk.

    Everybody else gets NotFound, and the attempt stays in the audit. One audit row per request.
    """
    _open(actor, person_id, record=PERSON_RECORD, object_id=None, desk=True, now=now)
    person = models.Person.objects.get(pk=person_id)
    facts = facts_person(person_id)
    ids = same_person_ids(person_id)
    numbers = models.Identifier.objects.select_related("person").filter(person_id__in=ids).order_by("type", "id")
    contacts = models.Contact.objects.select_related("person").filter(person_id__in=ids).order_by("rank", "id")
    return PersonRecord(
        id=person.id,
        name=person.name,
        sex=facts.sex,
        birth_date=person.birth_date,
        age_text=age_in_words(rules.age(person.birth_date, service_date(now))),
        certainty=facts.certainty,
        village=person.village,
        address="" if person.address_encrypted is None else _opened(person, person.address_encrypted, ciphers.ADDRESS),
        deceased_on=person.deceased_on,
        survivor_id=person.survivor_id,
        identifiers=tuple(_identifier(row, masked=True) for row in numbers),
        phones=tuple(rules.masked_phone(_opened(row.person, row.phone_encrypted, ciphers.PHONE)) for row in contacts),
    )


def open_numbers(actor: Actor, person_id: UUID, *, reason: str, now: datetime) -> tuple[IdentifierRecord, ...]:
    """The unmasked numbers of a person: as ``open_person``, and the reason is kept in the audit. Source: rule DS-6."""
    _open(actor, person_id, record=PERSON_RECORD, object_id=None, desk=True, now=now)
    audit.privileged(actor, act="identity.unmask_numbers", person_id=person_id, reason=reason, now=now)
    rows = models.Identifier.objects.select_related("person").filter(person_id__in=same_person_ids(person_id))
    return tuple(_identifier(row, masked=False) for row in rows.order_by("type", "id"))


def open_record(actor: Actor, person_id: UUID, *, record: str, object_id: UUID | None = None, now: datetime) -> None:
    """The gate of other departments' ``open_…`` queries: audits the opening, or refuses NotFound and audits the attempt.

    A verified link or a running care relation opens; a registration desk alone does not. Source: rule DS-5.
    """
    _open(actor, person_id, record=record, object_id=object_id, desk=False, now=now)


def may_open_record(actor: Actor, person_id: UUID, *, now: datetime) -> bool:
    """Whether the actor may open this person's records; nothing is audited, so render nothing on this answer alone."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is ActorKind.PATIENT:
        return facts_link(actor.id, person_id) is Certainty.VERIFIED
    return actor.kind is ActorKind.STAFF and _cares_for(actor, person_id, now)


def _open(actor: Actor, person_id: UUID, *, record: str, object_id: UUID | None, desk: bool, now: datetime) -> None:
    exists = models.Person.objects.filter(pk=person_id).exists()
    registers = desk and actor.kind is ActorKind.STAFF and bool(access.nodes_with(actor, PERSON_REGISTER))
    if not exists or not (registers or may_open_record(actor, person_id, now=now)):
        audit.refused(actor, act=record, object_id=object_id or person_id, person_id=person_id, code=NotFound.code, now=now)
        raise NotFound
    audit.opened(actor, record=record, person_id=person_id, object_id=object_id, now=now)


def _cares_for(actor: Actor, person_id: UUID, now: datetime) -> bool:
    if not access.nodes_with(actor, PERSON_OPEN):
        return False
    relations = models.CareRelation.objects.filter(person_id__in=same_person_ids(person_id))
    running = [row for row in relations if rules.is_current(row.starts_at, row.ends_at, now)]
    if any(row.node_id is not None and access.may(actor, PERSON_OPEN, row.node_id) for row in running):
        return True
    personal = {row.practitioner_id for row in running if row.practitioner_id is not None}
    if not personal:
        return False
    self_ = organizations.practitioner_of_user(actor.id)
    return self_ is not None and self_.id in personal


def _identifier(row: models.Identifier, *, masked: bool) -> IdentifierRecord:
    number = _opened(row.person, row.number_encrypted, ciphers.NUMBER)
    return IdentifierRecord(
        type=IdentifierType(row.type),
        number=rules.masked_id(number) if masked else number,
        last_four=row.last_four,
        status=IdentifierStatus(row.status),
    )


def _opened(person: models.Person, encrypted: bytes | memoryview, purpose: str) -> str:
    return vault.decrypt(bytes(person.wrapped_key), bytes(encrypted), purpose=purpose)
