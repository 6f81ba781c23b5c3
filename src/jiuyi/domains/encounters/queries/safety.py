"""What is known of a person's allergies, pregnancy and implants; never asked is said as such."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.encounters import rules
from jiuyi.domains.encounters.models import AllergyAssessment, AllergyIntolerance, PersonFlag, Substance
from jiuyi.domains.encounters.words import Answer, FlagKind
from jiuyi.domains.identity import queries as identity


@dataclass(frozen=True, slots=True)
class AllergyRow:
    """One allergy on record."""

    allergy_id: UUID
    substance_code: str
    substance_name: str
    reaction: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AllergyFacts:
    """The newest answer about allergies and all that are on record."""

    status: Answer
    asked_at: datetime | None
    rows: tuple[AllergyRow, ...]


@dataclass(frozen=True, slots=True)
class FlagFacts:
    """The newest unexpired answer to one safety question."""

    kind: FlagKind
    status: Answer
    detail: str
    asked_at: datetime | None


def facts_allergies(person_id: UUID) -> AllergyFacts:
    """Allergies of a person (and of the records merged into it). Any allergy on record means *present*."""
    ids = list(identity.same_person_ids(person_id))
    rows = AllergyIntolerance.objects.filter(person_id__in=ids, refuted_at=None).order_by("recorded_at", "id")
    asked = AllergyAssessment.objects.filter(person_id__in=ids).order_by("-recorded_at", "-id").first()
    allergies = tuple(
        AllergyRow(
            allergy_id=row.id,
            substance_code=row.substance_code,
            substance_name=row.substance_name,
            reaction=row.reaction,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )
    answer = Answer(asked.status) if asked else Answer.NOT_ASKED
    if answer is Answer.PRESENT and not allergies:
        answer = Answer.NOT_ASKED  # All were refuted since: ask again rather than conclude "none".
    return AllergyFacts(status=Answer.PRESENT if allergies else answer, asked_at=asked.recorded_at if asked else None, rows=allergies)


def facts_flags(person_id: UUID, *, today: date) -> tuple[FlagFacts, ...]:
    """One answer per safety question, in a fixed order; an expired answer is *not asked* again."""
    ids = list(identity.same_person_ids(person_id))
    stored = list(PersonFlag.objects.filter(person_id__in=ids).order_by("-recorded_at", "-id"))
    return tuple(_flag(kind, [row for row in stored if row.kind == kind], today) for kind in FlagKind)


def facts_substances() -> dict[str, rules.SubstanceFacts]:
    """All substances and classes with their relations, by code."""
    return {
        s.code: rules.SubstanceFacts(code=s.code, name=s.name, classes=tuple(s.classes), cross=tuple(s.cross))
        for s in Substance.objects.all()
    }


def _flag(kind: FlagKind, rows: list[PersonFlag], today: date) -> FlagFacts:
    answer = rules.current_answer([(row.recorded_at, Answer(row.status), row.expires_on) for row in rows], today)
    valid = [row for row in rows if row.expires_on is None or row.expires_on >= today]
    if not valid:
        return FlagFacts(kind=kind, status=answer, detail="", asked_at=None)
    return FlagFacts(kind=kind, status=answer, detail=valid[0].detail, asked_at=valid[0].recorded_at)
