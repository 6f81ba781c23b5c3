"""Reads of the directory: institutions, departments, rooms and practitioners. Nothing here is about a patient."""

from dataclasses import dataclass
from uuid import UUID

from jiuyi.domains.organizations import models, rules
from jiuyi.domains.organizations.words import (
    DepartmentCategory,
    OrganizationKind,
    PractitionerTitle,
    RoomKind,
    StaffSex,
)
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """One institution."""

    id: UUID
    kind: OrganizationKind
    name: str
    short_name: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class DepartmentFacts:
    """One department; ``patient_name`` is the one for walls, slips and voices."""

    id: UUID
    organization_id: UUID
    organization_name: str
    name: str
    patient_name: str
    code: str
    category: DepartmentCategory
    sensitive: bool
    min_age: int | None
    max_age: int | None
    location: str
    intro: str
    directions: str


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """One room; ``place_text`` is the way to it in one line of data (building, floor, number)."""

    id: UUID
    organization_id: UUID
    department_id: UUID | None
    building_id: UUID
    building_name: str
    floor: int
    number: str
    name: str
    kind: RoomKind
    directions: str

    @property
    def place_text(self) -> str:
        """Building, floor and room as written on the signs: ``门诊楼 3F 305``."""
        floor = f"B{-self.floor}" if self.floor < 0 else f"{self.floor}F"
        return f"{self.building_name} {floor} {self.number}"


@dataclass(frozen=True, slots=True)
class PractitionerFacts:
    """One practitioner as patients see her."""

    id: UUID
    user_id: UUID | None
    name: str
    sex: StaffSex
    title: PractitionerTitle
    home_organization_id: UUID
    home_organization_name: str
    specialty: str
    intro: str


@dataclass(frozen=True, slots=True)
class PractitionerRoleFacts:
    """Where a practitioner works."""

    practitioner_id: UUID
    department_id: UUID
    organization_id: UUID
    room_id: UUID | None


def organizations(kind: OrganizationKind | None = None) -> list[OrganizationFacts]:
    """All institutions in their order of display, or those of one kind."""
    rows = models.Organization.objects.order_by("position", "name")
    if kind is not None:
        rows = rows.filter(kind=kind)
    return [_organization(row) for row in rows]


def organization(organization_id: UUID) -> OrganizationFacts:
    """One institution; NotFound otherwise."""
    row = models.Organization.objects.filter(pk=organization_id).first()
    if row is None:
        raise NotFound
    return _organization(row)


def departments(organization_id: UUID | None = None) -> list[DepartmentFacts]:
    """Departments of one institution (or of all) in their order of display."""
    rows = models.Department.objects.select_related("organization").order_by("organization__position", "position", "code")
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return [_department(row) for row in rows]


def department(department_id: UUID) -> DepartmentFacts:
    """One department; NotFound otherwise."""
    row = models.Department.objects.select_related("organization").filter(pk=department_id).first()
    if row is None:
        raise NotFound
    return _department(row)


def department_accepts_age(department_id: UUID, years: int) -> bool:
    """Whether the department takes patients of so many completed years. Source: rule ID-11."""
    facts = department(department_id)
    return rules.accepts_age(years, min_age=facts.min_age, max_age=facts.max_age)


def rooms(organization_id: UUID, department_id: UUID | None = None) -> list[RoomFacts]:
    """Rooms of an institution, or of one of its departments, by building, floor and number."""
    rows = models.Room.objects.select_related("building").filter(organization_id=organization_id)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    return [_room(row) for row in rows.order_by("building__name", "floor", "number")]


def room(room_id: UUID) -> RoomFacts:
    """One room; NotFound otherwise."""
    row = models.Room.objects.select_related("building").filter(pk=room_id).first()
    if row is None:
        raise NotFound
    return _room(row)


def practitioner(practitioner_id: UUID) -> PractitionerFacts:
    """One practitioner; NotFound otherwise."""
    row = models.Practitioner.objects.select_related("home_organization").filter(pk=practitioner_id).first()
    if row is None:
        raise NotFound
    return _practitioner(row)


def practitioner_of_user(user_id: UUID) -> PractitionerFacts | None:
    """The practitioner who signs in with this staff account, or None."""
    row = models.Practitioner.objects.select_related("home_organization").filter(user_id=user_id).first()
    return None if row is None else _practitioner(row)


def practitioners(department_id: UUID | None = None) -> list[PractitionerFacts]:
    """Practitioners of one department (or of all), by pinyin."""
    rows = models.Practitioner.objects.select_related("home_organization").order_by("pinyin_initials", "name", "id")
    if department_id is not None:
        working = models.PractitionerRole.objects.filter(department_id=department_id).values("practitioner_id")
        rows = rows.filter(id__in=working)
    return [_practitioner(row) for row in rows]


def facts_practitioners(practitioner_ids: set[UUID]) -> dict[UUID, PractitionerFacts]:
    """Several practitioners by id; an unknown id is missing from the answer."""
    rows = models.Practitioner.objects.select_related("home_organization").filter(id__in=practitioner_ids)
    return {row.id: _practitioner(row) for row in rows}


def facts_departments(department_ids: set[UUID]) -> dict[UUID, DepartmentFacts]:
    """Several departments by id; an unknown id is missing from the answer."""
    rows = models.Department.objects.select_related("organization").filter(pk__in=department_ids)
    return {row.pk: _department(row) for row in rows}


def facts_rooms(room_ids: set[UUID]) -> dict[UUID, RoomFacts]:
    """Several rooms by id; an unknown id is missing from the answer."""
    rows = models.Room.objects.select_related("building").filter(id__in=room_ids)
    return {row.id: _room(row) for row in rows}


def roles_of_practitioner(practitioner_id: UUID) -> list[PractitionerRoleFacts]:
    """The departments and rooms where a practitioner works."""
    rows = models.PractitionerRole.objects.select_related("department").filter(practitioner_id=practitioner_id)
    return [
        PractitionerRoleFacts(row.practitioner_id, row.department_id, row.department.organization_id, row.room_id)
        for row in rows.order_by("id")
    ]


def _organization(row: models.Organization) -> OrganizationFacts:
    return OrganizationFacts(row.pk, OrganizationKind(row.kind), row.name, row.short_name, row.address, row.phone)


def _department(row: models.Department) -> DepartmentFacts:
    return DepartmentFacts(
        id=row.pk,
        organization_id=row.organization_id,
        organization_name=row.organization.name,
        name=row.name,
        patient_name=row.patient_name,
        code=row.code,
        category=DepartmentCategory(row.category),
        sensitive=row.sensitive,
        min_age=row.min_age,
        max_age=row.max_age,
        location=row.location,
        intro=row.intro,
        directions=row.directions,
    )


def _room(row: models.Room) -> RoomFacts:
    return RoomFacts(
        id=row.id,
        organization_id=row.organization_id,
        department_id=row.department_id,
        building_id=row.building_id,
        building_name=row.building.name,
        floor=row.floor,
        number=row.number,
        name=row.name,
        kind=RoomKind(row.kind),
        directions=row.directions,
    )


def _practitioner(row: models.Practitioner) -> PractitionerFacts:
    return PractitionerFacts(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        sex=StaffSex(row.sex),
        title=PractitionerTitle(row.title),
        home_organization_id=row.home_organization_id,
        home_organization_name=row.home_organization.name,
        specialty=row.specialty,
        intro=row.intro,
    )
