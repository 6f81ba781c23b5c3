"""Decisions of a visit: what may follow what, allergies, limits of a prescription, and what exactly is signed."""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from jiuyi.domains.encounters.words import (
    Answer,
    ConflictKind,
    EncounterAct,
    EncounterStatus,
    OrderStatus,
    Party,
    PrescriptionParameters,
)
from jiuyi.kernel.text import gettext_noop

STATE_TABLE: dict[tuple[EncounterStatus, EncounterAct], tuple[EncounterStatus, frozenset[Party]]] = {
    (EncounterStatus.ARRIVED, EncounterAct.START): (EncounterStatus.IN_PROGRESS, frozenset({Party.DOCTOR})),
    (EncounterStatus.ARRIVED, EncounterAct.CANCEL): (EncounterStatus.CANCELLED, frozenset({Party.DOCTOR, Party.CLERK, Party.SYSTEM})),
    (EncounterStatus.IN_PROGRESS, EncounterAct.UNDO_START): (EncounterStatus.ARRIVED, frozenset({Party.DOCTOR})),
    (EncounterStatus.IN_PROGRESS, EncounterAct.FINISH): (EncounterStatus.FINISHED, frozenset({Party.DOCTOR})),
}

REVOCABLE = (OrderStatus.DRAFT, OrderStatus.ACTIVE, OrderStatus.RELEASED)
NOTE_SECTIONS = ("complaint", "history", "exam", "plan", "addendum")
NOTE_SECTIONS_NEEDED = {
    "complaint": gettext_noop("请填写主诉。"),
    "plan": gettext_noop("请填写处理意见。"),
}
MISSING_NOTE = gettext_noop("病历还没有签名。")
MISSING_DIAGNOSIS = gettext_noop("还没有录入诊断。")


def next_status(status: EncounterStatus, act: EncounterAct, by: Party) -> EncounterStatus | None:
    """The state after an act, or None if this party cannot do it now. The table is docs/states/encounter.md."""
    found = STATE_TABLE.get((status, act))
    if found is None or by not in found[1]:
        return None
    return found[0]


def missing_to_finish(*, signed_notes: int, diagnoses: int) -> dict[str, str]:
    """What a visit still needs before it can end, all at once: field → sentence; empty when nothing is missing."""
    missing = {}
    if signed_notes == 0:
        missing["note"] = MISSING_NOTE
    if diagnoses == 0:
        missing["diagnosis"] = MISSING_DIAGNOSIS
    return missing


def missing_in_note(sections: Mapping[str, str]) -> dict[str, str]:
    """Sections that must not be blank in a first note (主诉、处理意见): field → sentence."""
    return {field: words for field, words in NOTE_SECTIONS_NEEDED.items() if not sections.get(field, "").strip()}


# Allergies ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubstanceFacts:
    """A substance with the classes it belongs to and the classes that may react alike."""

    code: str
    name: str
    classes: tuple[str, ...] = ()
    cross: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A recorded allergy meets a substance of the drug."""

    allergy_code: str
    substance_code: str
    kind: ConflictKind


def allergy_conflicts(drug: Iterable[str], allergies: Iterable[str], substances: Mapping[str, SubstanceFacts]) -> list[Conflict]:
    """Every pair of drug substance and recorded allergy that meet, the gravest kind of each pair.

    *Same*: the very substance. *Class*: one belongs to the other, or both belong to one class. *Cross*: the classes are known to
    cross-react (penicillins and cephalosporins). By codes only, never by names; an unknown code conflicts only with itself.
    """
    found = []
    allergies = sorted(set(allergies))
    for substance in sorted(set(drug)):
        for allergy in allergies:
            kind = _conflict(substance, allergy, substances)
            if kind is not None:
                found.append(Conflict(allergy_code=allergy, substance_code=substance, kind=kind))
    return found


def _conflict(substance: str, allergy: str, substances: Mapping[str, SubstanceFacts]) -> ConflictKind | None:
    if substance == allergy:
        return ConflictKind.SAME
    ours, theirs = _family(substance, substances), _family(allergy, substances)
    if ours & theirs:
        return ConflictKind.CLASS
    ours_cross = {code for member in ours for code in _facts(member, substances).cross}
    theirs_cross = {code for member in theirs for code in _facts(member, substances).cross}
    if ours & theirs_cross or theirs & ours_cross:
        return ConflictKind.CROSS
    return None


def _family(code: str, substances: Mapping[str, SubstanceFacts]) -> set[str]:
    """The code and all classes above it."""
    family: set[str] = set()
    todo = [code]
    while todo:
        member = todo.pop()
        if member not in family:
            family.add(member)
            todo.extend(_facts(member, substances).classes)
    return family


def _facts(code: str, substances: Mapping[str, SubstanceFacts]) -> SubstanceFacts:
    return substances.get(code) or SubstanceFacts(code=code, name=code)


def current_answer(answers: Sequence[tuple[datetime, Answer, date | None]], today: date) -> Answer:
    """The newest answer that has not expired (its last day still counts); with none: not asked, which is not *none*."""
    valid = [(at, answer) for at, answer, expires_on in answers if expires_on is None or expires_on >= today]
    return max(valid, key=lambda row: row[0])[1] if valid else Answer.NOT_ASKED


# Prescriptions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DaysLimit:
    """How long a prescription may be: freely, and with a written reason."""

    free_days: int
    longest_days: int

    def allows(self, days: int, reason: str) -> bool:
        """Whether so many days may be ordered; both bounds are included."""
        return 1 <= days <= self.free_days or (1 <= days <= self.longest_days and bool(reason.strip()))


def days_limit(params: PrescriptionParameters, *, emergency: bool) -> DaysLimit:
    """The limit of an ordinary or an emergency prescription. Source: rule RX-2."""
    free = params.emergency_days if emergency else params.ordinary_days
    return DaysLimit(free_days=free, longest_days=max(free, params.longest_days))


def prescription_group(lines_before: int, params: PrescriptionParameters) -> int:
    """The number of the prescription that the next line belongs to: five drugs each. Source: rule RX-3."""
    return lines_before // params.drugs_per_prescription + 1


def valid_until(ordered_on: date, params: PrescriptionParameters) -> date:
    """The last day on which a prescription is valid: with one day, the day of issue until 24:00. Source: rule RX-1."""
    return ordered_on + timedelta(days=params.valid_days - 1)


# Signing --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteContent:
    """Everything a signature covers."""

    note_id: UUID
    encounter_id: UUID
    person_id: UUID
    author_id: UUID
    addendum_to: UUID | None
    sections: Mapping[str, str]
    diagnoses: Sequence[Mapping[str, object]]
    signed_at: datetime


def signed_bytes(content: NoteContent) -> bytes:
    """The note as the exact bytes that are hashed and signed: the same on every machine, for as long as records are kept."""
    plain = {
        "format": 1,
        "note": str(content.note_id),
        "encounter": str(content.encounter_id),
        "person": str(content.person_id),
        "author": str(content.author_id),
        "addendum_to": str(content.addendum_to) if content.addendum_to else None,
        "sections": {name: content.sections.get(name, "") for name in NOTE_SECTIONS},
        "diagnoses": [dict(sorted(d.items())) for d in content.diagnoses],
        "signed_at": content.signed_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


# Searching ------------------------------------------------------------------------------------------------------------


def searchable(text: str) -> str:
    """Text as it is compared: full-width forms and capitals made equal (``Ⅱ`` → ``ii``), outer and double blanks gone."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(*texts: str) -> list[int]:
    """All single characters and neighbouring pairs of the texts as numbers; a text contains another only if its grams do."""
    found: set[int] = set()
    for text in texts:
        found.update(map(ord, text))
        found.update((ord(a) << 21) | ord(b) for a, b in pairwise(text))
    return sorted(found)


def grams_wanted(text: str) -> list[int]:
    """The grams to look up for a search text: its pairs, or its one character."""
    return grams(text) if len(text) == 1 else [gram for gram in grams(text) if gram >= 1 << 21]
