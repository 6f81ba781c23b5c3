"""Facts about people for actions, rules and journeys: not audited, never rendered unmasked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from jiuyi.domains.identity import models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.words import Age, CareBasis, Certainty, IdentifierStatus, IdentifierType, NumberRefused, Sex
from jiuyi.foundation import notices, vault
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What rules and journeys need to know of a person. Lists and walls show ``masked_name`` and ``wall_name``."""

    id: UUID
    name: str
    sex: Sex
    birth_date: date | None
    certainty: Certainty
    deceased_on: date | None
    village: str
    id_type: IdentifierType | None
    id_last_four: str
    id_disputed: bool
    survivor_id: UUID | None

    @property
    def masked_name(self) -> str:
        """The name for lists: ``张*``. Source: rule DS-6."""
        return rules.masked_name(self.name)

    @property
    def wall_name(self) -> str:
        """The name for walls and voices: ``张*明``. Source: rule DS-6."""
        return rules.wall_name(self.name)

    def years(self, on: date) -> int | None:
        """周岁 on a day, None if the birth date is unknown."""
        return None if self.birth_date is None else rules.completed_years(self.birth_date, on)

    def age_text(self, on: date) -> str:
        """The age as written: days, months or years, in the language of the page."""
        return age_in_words(rules.age(self.birth_date, on))


def age_in_words(age: Age) -> str:
    """An age in the language of the page."""
    return gettext(age.unit.label).format(value=age.value)


def facts_person(person_id: UUID) -> PersonFacts:
    """One person; NotFound otherwise. A merged id answers for itself and names its survivor."""
    found = facts_people([person_id])
    if person_id not in found:
        raise NotFound
    return found[person_id]


def facts_people(person_ids: Iterable[UUID]) -> dict[UUID, PersonFacts]:
    """Several people by id in two statements; an unknown id is missing from the answer."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    numbers = _main_identifiers(wanted)
    return {row.id: _facts(row, numbers.get(row.id)) for row in models.Person.objects.filter(id__in=wanted)}


def wall_names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names for walls and voices by id: ``张*明``. Source: rule DS-6."""
    rows = models.Person.objects.filter(id__in=set(person_ids)).values_list("id", "name")
    return {id_: rules.wall_name(name) for id_, name in rows}


def _main_identifiers(person_ids: Iterable[UUID]) -> dict[UUID, models.Identifier]:
    """The number by which each person is usually told apart: the resident's number first, undisputed before disputed."""
    result: dict[UUID, models.Identifier] = {}
    rows = models.Identifier.objects.filter(person_id__in=person_ids).exclude(type=IdentifierType.RESIDENT_ID_15)
    for row in sorted(rows, key=lambda row: (row.status == IdentifierStatus.DISPUTED, row.type, row.id)):
        result.setdefault(row.person_id, row)
    return result


def same_person_ids(person_id: UUID) -> frozenset[UUID]:
    """All ids that mean this person: its survivor and everybody merged into it. Upper departments read the set."""
    rows = list(models.Person.objects.filter(Q(pk=person_id) | Q(survivor_id=person_id)).values_list("id", "survivor_id"))
    survivor = next((survivor for id_, survivor in rows if id_ == person_id), None)
    if survivor is not None:
        merged = models.Person.objects.filter(survivor_id=survivor).values_list("id", flat=True)
        return frozenset({survivor, *merged})
    return frozenset(id_ for id_, _ in rows)


def facts_phone(person_id: UUID) -> tuple[bytes, str] | None:
    """The phone to reach a person by, sealed as ``notices.post`` takes it, and its masked form; None if there is none."""
    row = models.Contact.objects.select_related("person").filter(person_id=person_id).order_by("rank", "id").first()
    if row is None:
        return None
    phone = vault.decrypt(bytes(row.person.wrapped_key), bytes(row.phone_encrypted), purpose=ciphers.PHONE)
    return notices.seal_address(phone), rules.masked_phone(phone)


def find_by_identifier(id_type: IdentifierType, number: str) -> UUID | None:
    """The person to whom an undisputed number belongs (the survivor of a merge), or None; for desks and card readers only.

    A number of a wrong form belongs to nobody.
    """
    try:
        parsed = rules.parse_identifier(id_type, number, on=None)
    except NumberRefused:
        return None
    found = (
        models.Identifier.objects.select_related("person")
        .filter(type=parsed.type, number_hash=ciphers.number_hash(parsed.number))
        .exclude(status=IdentifierStatus.DISPUTED)
        .first()
    )
    return None if found is None else found.person.survivor_id or found.person_id


def is_described_by(person_id: UUID, *, name: str, id_type: IdentifierType, number: str) -> bool:
    """Whether this name and number mean the person, under whichever id, disputed numbers included; False for a wrong form."""
    try:
        parsed = rules.parse_identifier(id_type, number, on=None)
    except NumberRefused:
        return False
    ids = same_person_ids(person_id)
    numbers = models.Identifier.objects.filter(person_id__in=ids, type=parsed.type, number_hash=ciphers.number_hash(parsed.number))
    return numbers.filter(person__name_key=rules.name_key(name)).exists()


def people_cared_for(person_ids: Iterable[UUID], *, basis: CareBasis, node_id: UUID, now: datetime) -> set[UUID]:
    """Which of these people a unit cares for at this moment on this basis (signed up with its family doctor, …)."""
    rows = models.CareRelation.objects.filter(person_id__in=set(person_ids), basis=basis, node_id=node_id, starts_at__lte=now)
    return set(rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).values_list("person_id", flat=True))


def count_people() -> int:
    """People known here, merged ones not counted."""
    return models.Person.objects.filter(survivor__isnull=True).count()


def count_open_reviews() -> int:
    """Questions about identity that wait for a human."""
    return models.MatchReview.objects.filter(answered_at__isnull=True).count()


def _facts(row: models.Person, number: models.Identifier | None) -> PersonFacts:
    return PersonFacts(
        id=row.id,
        name=row.name,
        sex=Sex(row.sex),
        birth_date=row.birth_date,
        certainty=Certainty(row.certainty),
        deceased_on=row.deceased_on,
        village=row.village,
        id_type=None if number is None else IdentifierType(number.type),
        id_last_four="" if number is None else number.last_four,
        id_disputed=number is not None and number.status == IdentifierStatus.DISPUTED,
        survivor_id=row.survivor_id,
    )
