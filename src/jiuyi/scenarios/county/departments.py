"""Which departments the institutions have: the usual ones, and for the TCM hospital those that seed S0 names."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from jiuyi.domains.organizations.words import DepartmentCategory, OrganizationKind, RoomKind
from jiuyi.kernel.words import Word

OPEN_CLINIC_CODE = "BMMZ"

W = TypeVar("W", bound=Word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One department of a kind of institution: where it sits, whom it sees, how many doctors of its own it has.

    ``duty`` departments run a duty clinic on weekends and holidays; ``prefix`` is the letter on its tickets, empty without a queue;
    ages in completed years, ``max_age`` included.
    """

    kind: OrganizationKind
    code: str
    name: str
    patient_name: str
    category: DepartmentCategory
    building: str
    floor: int
    prefix: str
    doctors: int
    rooms: int
    room_kind: RoomKind
    duty: bool
    bookable: bool
    sensitive: bool
    min_age: int | None
    max_age: int | None
    intro: str


@cache
def plans(kind: OrganizationKind) -> tuple[Plan, ...]:
    """The departments of a kind of institution, as ``data/departments.csv`` lists them."""
    text = (files("jiuyi.scenarios") / "data" / "departments.csv").read_text(encoding="utf-8")
    return tuple(_plan(row) for row in csv.DictReader(text.splitlines()) if row["kind"] == kind)


def _plan(row: dict[str, str]) -> Plan:
    return Plan(
        kind=_word(OrganizationKind, row["kind"]),
        code=row["code"],
        name=row["name"],
        patient_name=row["patient_name"],
        category=_word(DepartmentCategory, row["category"]),
        building=row["building"],
        floor=int(row["floor"]),
        prefix=row["prefix"],
        doctors=int(row["doctors"]),
        rooms=int(row["rooms"]),
        room_kind=_word(RoomKind, row["room_kind"]),
        duty=row["duty"] == "yes",
        bookable=row["bookable"] == "yes",
        sensitive=row["sensitive"] == "yes",
        min_age=int(row["min_age"]) if row["min_age"] else None,
        max_age=int(row["max_age"]) if row["max_age"] else None,
        intro=row["intro"],
    )


def _word(words: type[W], code: str) -> W:
    return {str(word.value): word for word in words}[code]
