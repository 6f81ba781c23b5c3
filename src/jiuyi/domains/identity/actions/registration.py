"""Entering people: one at the desk, or thousands at once, under the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import events, models, rules
from jiuyi.domains.identity.actions.locks import lock_numbers
from jiuyi.domains.identity.actions.verification import take_numbers
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.words import (
    PERSON_REGISTER,
    PERSON_VERIFY,
    Certainty,
    ContactManner,
    Credential,
    Description,
    IdentifierStatus,
    IdentifierType,
    Match,
    NewPerson,
    NumberHeldByAnother,
    ParsedNumber,
    PersonNotTaken,
    PhoneNotTaken,
    Relation,
    ReviewReason,
    Sex,
)
from jiuyi.domains.organizations.words import initials_of_name
from jiuyi.foundation import access, journal, vault
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

BATCH = 1000


@dataclass(slots=True)
class Entry:
    """A checked entry on its way into the tables."""

    description: Description
    parsed: ParsedNumber | None
    number_hash: bytes | None
    phone: str | None = None
    village: str = ""
    address: str = ""
    certainty: Certainty = Certainty.CLAIMED
    credential: Credential | None = None
    id: UUID | None = None


@dataclass(slots=True)
class _Rows:
    people: list[models.Person] = field(default_factory=list)
    identifiers: list[models.Identifier] = field(default_factory=list)
    contacts: list[models.Contact] = field(default_factory=list)
    reviews: list[models.MatchReview] = field(default_factory=list)


def register_person(
    *,
    actor: Actor,
    now: datetime,
    organization_id: UUID,
    name: str,
    sex: Sex,
    birth_date: date | None,
    id_type: IdentifierType | None = None,
    number: str | None = None,
    phone: str | None = None,
    village: str = "",
    address: str = "",
    credential: Credential | None = None,
    id: UUID | None = None,  # noqa: A002  # the contract's word for an id that the caller has chosen
) -> UUID:
    """Enter a person at the desk, or find the one who has this number already; returns the id.

    Without number, birth date or papers care is given all the same: the person stays claimed. The same number with another
    name, sex or birth date becomes a separate, disputed person and a question to a human; without a number nothing is merged.
    A ``credential`` that proves identity makes the person verified (needs person.verify).
    Refuses not_allowed; identity.person_not_taken with all ``fields``. Source: rules ID-7, ID-14; C5.
    """
    entry = NewPerson(
        name=name,
        sex=sex,
        birth_date=birth_date,
        id_type=id_type,
        number=number,
        phone=phone,
        village=village,
        address=address,
        credential=credential,
        id=id,
    )
    return _register([entry], actor=actor, now=now, organization_id=organization_id, single=True)[0]


def register_people(*, actor: Actor, now: datetime, organization_id: UUID, entries: Sequence[NewPerson]) -> list[UUID]:
    """Enter many people under the rules of ``register_person``; the ids come back in order.

    One faulty entry refuses all: ``fields`` names it as ``entries[3].number``.
    """
    return _register(entries, actor=actor, now=now, organization_id=organization_id, single=False)


@transaction.atomic
def add_contact(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    phone: str,
    relation: Relation = Relation.SELF,
    rank: int = 0,
    manner: ContactManner = ContactManner.ANY,
    organization_id: UUID | None = None,
) -> UUID:
    """Note a phone by which a person is reached; the same phone again only changes relation, rank and manner.

    Needs person.register at ``organization_id``. Refuses not_found, identity.phone_not_taken.
    """
    access.require(actor, PERSON_REGISTER, organization_id)
    person = models.Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    number = rules.parse_phone(phone, mobile_only=False)
    contact = _contact(person, number, relation=relation, rank=rank)
    contact.manner = manner
    known = models.Contact.objects.filter(person=person, phone_hash=contact.phone_hash).first()
    if known is not None:
        known.relation, known.rank, known.manner = relation, rank, manner
        known.save(update_fields=["relation", "rank", "manner"])
        return known.id
    contact.save(force_insert=True)
    journal.record(events.ContactAdded(contact_id=contact.id, person_id=person_id, scope_id=organization_id), actor=actor, now=now)
    return contact.id


def enter(entries: Sequence[Entry], *, actor: Actor, now: datetime, scope_id: UUID | None) -> list[UUID]:
    """Write checked entries inside the caller's transaction: known people are found, disagreeing ones stand apart.

    The caller holds the numbers' locks (``lock_numbers``).
    """
    known = _known([entry.number_hash for entry in entries if entry.number_hash is not None])
    rows = _Rows()
    ids: list[UUID] = []
    proven: list[UUID] = []
    for entry in entries:
        key = None if entry.parsed is None or entry.number_hash is None else (entry.parsed.type.value, entry.number_hash)
        holder = known.get(key) if key is not None else None
        if holder is not None and rules.same_person(entry.description, _describe(holder, entry)) is Match.SAME:
            ids.append(holder.id)
            if entry.phone is not None:  # a known person's new phone is added, nothing known is overwritten
                rows.contacts.append(_contact(holder, entry.phone, relation=Relation.SELF, rank=0))
            if entry.certainty is Certainty.VERIFIED and holder.certainty != Certainty.VERIFIED:
                proven.append(holder.id)
            continue
        person = _build(entry, rows, now=now, disputed=holder is not None)
        ids.append(person.id)
        if holder is not None:
            rows.reviews.append(_review(person, holder, ReviewReason.NUMBER_DISAGREES, now))
            if entry.certainty is Certainty.VERIFIED:
                proven.append(person.id)
        elif key is not None:
            known[key] = person
        else:
            rows.reviews += [_review(person, other, ReviewReason.LOOKS_ALIKE, now) for other in _alike(entry)]
    _write(rows, actor=actor, now=now, scope_id=scope_id)
    for person_id in proven:
        _take_or_leave(person_id, actor=actor, now=now, scope_id=scope_id)
    return ids


@transaction.atomic
def _register(entries: Sequence[NewPerson], *, actor: Actor, now: datetime, organization_id: UUID, single: bool) -> list[UUID]:
    access.require(actor, PERSON_REGISTER, organization_id)
    if any(entry.credential is not None and rules.proves(entry.credential) for entry in entries):
        access.require(actor, PERSON_VERIFY, organization_id)
    checked: list[Entry] = []
    fields: dict[str, str] = {}
    for index, entry in enumerate(entries):
        try:
            checked.append(_checked(entry, service_date(now)))
        except PersonNotTaken as refusal:
            fields |= refusal.fields if single else {f"entries[{index}].{k}": v for k, v in refusal.fields.items()}
    if fields:
        raise PersonNotTaken(fields=fields)
    lock_numbers({entry.number_hash for entry in checked if entry.number_hash is not None})
    return enter(checked, actor=actor, now=now, scope_id=organization_id)


def _checked(entry: NewPerson, today: date) -> Entry:
    fields: dict[str, str] = {}
    phone: str | None = None
    if entry.phone is not None and entry.phone.strip():
        try:
            phone = rules.parse_phone(entry.phone, mobile_only=False)
        except PhoneNotTaken as refusal:
            fields |= refusal.fields
    try:
        description, parsed = rules.check_description(
            name=entry.name,
            sex=entry.sex,
            birth_date=entry.birth_date,
            id_type=entry.id_type,
            number=entry.number,
            on=today,
            remote=False,
        )
    except PersonNotTaken as refusal:
        raise PersonNotTaken(fields=refusal.fields | fields) from refusal
    if fields:
        raise PersonNotTaken(fields=fields)
    proven = entry.credential is not None and rules.proves(entry.credential)
    return Entry(
        description=replace(description, phone=phone),
        parsed=parsed,
        number_hash=None if parsed is None else ciphers.number_hash(parsed.number),
        phone=phone,
        village=entry.village.strip(),
        address=entry.address.strip(),
        certainty=Certainty.VERIFIED if proven else Certainty.CLAIMED,
        credential=entry.credential,
        id=entry.id,
    )


def _known(hashes: list[bytes]) -> dict[tuple[str, bytes], models.Person]:
    rows = (
        models.Identifier.objects.select_related("person", "person__survivor")
        .filter(number_hash__in=hashes)
        .exclude(status=IdentifierStatus.DISPUTED)
    )
    return {(row.type, bytes(row.number_hash)): row.person.survivor or row.person for row in rows}


def _describe(person: models.Person, entry: Entry) -> Description:
    return Description(person.name, Sex(person.sex), person.birth_date, number=entry.description.number)


def _build(entry: Entry, rows: _Rows, *, now: datetime, disputed: bool) -> models.Person:
    wrapped_key = vault.new_data_key()
    person = models.Person(
        name=entry.description.name,
        name_key=rules.name_key(entry.description.name),
        name_initials=initials_of_name(entry.description.name)[:60],
        sex=entry.description.sex,
        birth_date=entry.description.birth_date,
        certainty=Certainty.CLAIMED if disputed else entry.certainty,
        village=entry.village,
        wrapped_key=wrapped_key,
        address_encrypted=vault.encrypt(wrapped_key, entry.address, purpose=ciphers.ADDRESS) if entry.address else None,
        registered_at=now,
    )
    if entry.id is not None:
        person.id = entry.id
    rows.people.append(person)
    if entry.parsed is not None:
        status = IdentifierStatus.DISPUTED if disputed else IdentifierStatus(entry.certainty.value)
        numbers = [(entry.parsed.type, entry.parsed.number)]
        numbers += [entry.parsed.alias] if entry.parsed.alias is not None else []
        for kind, number in numbers:
            rows.identifiers.append(
                models.Identifier(
                    person=person,
                    type=kind,
                    number_encrypted=vault.encrypt(wrapped_key, number, purpose=ciphers.NUMBER),
                    number_hash=ciphers.number_hash(number),
                    last_four=number[-4:],
                    status=status,
                )
            )
    if entry.phone is not None:
        rows.contacts.append(_contact(person, entry.phone, relation=Relation.SELF, rank=0))
    return person


def _contact(person: models.Person, phone: str, *, relation: Relation, rank: int) -> models.Contact:
    return models.Contact(
        person=person,
        phone_encrypted=vault.encrypt(bytes(person.wrapped_key), phone, purpose=ciphers.PHONE),
        phone_hash=ciphers.phone_hash(phone),
        phone_hint=phone[-4:],
        relation=relation,
        rank=rank,
    )


def _alike(entry: Entry) -> list[models.Person]:
    """People without this number who look like the entry: candidates for a human, never merged by machine."""
    if entry.phone is None or entry.description.birth_date is None:
        return []
    phone_hash = ciphers.phone_hash(entry.phone)
    with_phone = models.Contact.objects.filter(phone_hash=phone_hash).values("person_id")
    people = models.Person.objects.filter(name_key=rules.name_key(entry.description.name), survivor__isnull=True, id__in=with_phone)
    return [
        person
        for person in people[:5]
        if rules.same_person(entry.description, Description(person.name, Sex(person.sex), person.birth_date, phone=entry.phone))
        is Match.CANDIDATE
    ]


def _review(person: models.Person, other: models.Person, why: ReviewReason, now: datetime) -> models.MatchReview:
    return models.MatchReview(person=person, other=other, why=why, asked_at=now)


def _write(rows: _Rows, *, actor: Actor, now: datetime, scope_id: UUID | None) -> None:
    models.Person.objects.bulk_create(rows.people, batch_size=BATCH)
    models.Identifier.objects.bulk_create(rows.identifiers, batch_size=BATCH)
    models.Contact.objects.bulk_create(rows.contacts, batch_size=BATCH, ignore_conflicts=True)
    models.MatchReview.objects.bulk_create(rows.reviews, batch_size=BATCH)
    for person in rows.people:
        event = events.PersonRegistered(person_id=person.id, scope_id=scope_id, certainty=Certainty(person.certainty))
        journal.record(event, actor=actor, now=now)
    for review in rows.reviews:
        questioned = events.MatchQuestioned(
            person_id=review.person_id, other_id=review.other_id, why=ReviewReason(review.why), scope_id=scope_id
        )
        journal.record(questioned, actor=actor, now=now)


def _take_or_leave(person_id: UUID, *, actor: Actor, now: datetime, scope_id: UUID | None) -> None:
    """The paper was shown: take the number from somebody who only claimed it; if it was verified for another, leave it disputed."""
    try:
        with transaction.atomic():
            take_numbers(person_id, actor=actor, now=now, scope_id=scope_id)
            models.Person.objects.filter(pk=person_id).update(certainty=Certainty.VERIFIED)
    except NumberHeldByAnother:
        return
