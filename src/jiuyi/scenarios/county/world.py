"""What a world is: plain frozen facts, in the order in which they are loaded."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid5

from jiuyi.domains.identity.words import IdentifierType, Relation, Sex
from jiuyi.domains.organizations.words import DepartmentCategory, OrganizationKind, PractitionerTitle, RoomKind, StaffRole, StaffSex
from jiuyi.domains.scheduling.words import NumberClass

NAMESPACE = UUID("6a697579-6900-5000-8000-000000001099")


def world_id(seed: int, *path: str | int) -> UUID:
    """The id of a thing of the world: the same seed and path give the same id for ever."""
    return uuid5(NAMESPACE, "/".join(str(part) for part in (seed, *path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An institution of the consortium, or a hospital outside it that sends experts."""

    id: UUID
    kind: OrganizationKind
    name: str
    short_name: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """A house of an institution."""

    id: UUID
    organization_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department; ages in completed years, ``max_age`` included; ``queue_prefix`` is empty where nobody queues."""

    id: UUID
    organization_id: UUID
    code: str
    name: str
    patient_name: str
    category: DepartmentCategory
    sensitive: bool
    min_age: int | None
    max_age: int | None
    location: str
    intro: str
    directions: str
    queue_prefix: str
    bookable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room with the way to it from the entrance."""

    id: UUID
    building_id: UUID
    organization_id: UUID
    department_id: UUID | None
    floor: int
    number: str
    name: str
    kind: RoomKind
    directions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """A doctor, nurse or technician with title and home institution; ``account`` is the work number of the log-in, if any."""

    id: UUID
    name: str
    sex: StaffSex
    title: PractitionerTitle
    home_organization_id: UUID
    specialty: str
    intro: str
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerRole:
    """Where a practitioner works."""

    id: UUID
    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One half-day of one practitioner; instants in UTC, ``end`` excluded."""

    id: UUID
    practitioner_id: UUID
    department_id: UUID
    organization_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    number_class: NumberClass
    per_window: int
    visible_at: datetime
    template_id: UUID | None
    visiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A standing clinic behind the sessions; ``weekday`` 0 is Monday, minutes count from midnight."""

    id: UUID
    practitioner_id: UUID
    department_id: UUID
    room_id: UUID
    weekday: int
    start_minute: int
    end_minute: int
    number_class: NumberClass
    per_window: int
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person of the county; without ``id_type`` nobody has a number yet (newborns). ``allergies`` None means not asked, () none."""

    id: UUID
    household_id: UUID
    name: str
    sex: Sex
    birth_date: date
    id_type: IdentifierType | None
    number: str | None
    phone: str | None
    village: str
    address: str
    allergies: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLink:
    """An account (by its phone) that looks after a person; a claimed link may book, a verified one opens the record."""

    phone: str
    person_id: UUID
    relation: Relation
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    """A log-in of the demo; password and second-factor secret are public on purpose, and refused outside demo mode."""

    id: UUID
    username: str
    password: str
    totp_secret: str
    display_name: str
    role: StaffRole
    organization_id: UUID | None
    practitioner_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A kiosk or a wall screen standing in an institution."""

    id: UUID
    kind: str
    name: str
    organization_id: UUID
    department_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClinic:
    """The clinic that is open whatever the hour: two doctors side by side, each in a room."""

    organization_id: UUID
    department_id: UUID
    practitioner_ids: tuple[UUID, ...]
    room_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A whole county on a day. Equal seed and anchor give an equal world."""

    seed: int
    anchor: date
    county: str
    root_name: str
    organizations: tuple[Organization, ...]
    buildings: tuple[Building, ...]
    departments: tuple[Department, ...]
    rooms: tuple[Room, ...]
    practitioners: tuple[Practitioner, ...]
    practitioner_roles: tuple[PractitionerRole, ...]
    templates: tuple[Template, ...]
    sessions: tuple[Session, ...]
    residents: tuple[Resident, ...]
    family_links: tuple[FamilyLink, ...]
    staff: tuple[StaffAccount, ...]
    devices: tuple[Device, ...]
    open_clinic: OpenClinic
    cast: tuple[tuple[str, UUID], ...]

    def person(self, part: str) -> Resident:
        """The resident who plays a named part of the scenario (``demo_patient``, ``twin_1a`` …)."""
        wanted = dict(self.cast)[part]
        return next(resident for resident in self.residents if resident.id == wanted)

    def fingerprint(self) -> str:
        """SHA-256 of a canonical serialisation: equal for equal worlds, on every machine."""
        text = json.dumps(dataclasses.asdict(self), default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
