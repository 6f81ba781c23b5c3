"""What happened to institutions and staff."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.organizations.words import DepartmentCategory, OrganizationKind, PractitionerTitle, RoomKind
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OrganizationAdded(Event):
    """An institution joined the consortium."""

    name: ClassVar[str] = "organizations.OrganizationAdded"
    organization_id: UUID
    kind: OrganizationKind


@dataclass(frozen=True, kw_only=True)
class DepartmentAdded(Event):
    """An institution opened a department."""

    name: ClassVar[str] = "organizations.DepartmentAdded"
    department_id: UUID
    category: DepartmentCategory


@dataclass(frozen=True, kw_only=True)
class BuildingAdded(Event):
    """A building was entered."""

    name: ClassVar[str] = "organizations.BuildingAdded"
    building_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoomAdded(Event):
    """A room was entered."""

    name: ClassVar[str] = "organizations.RoomAdded"
    room_id: UUID
    kind: RoomKind


@dataclass(frozen=True, kw_only=True)
class PractitionerAdded(Event):
    """A practitioner was entered in the directory."""

    name: ClassVar[str] = "organizations.PractitionerAdded"
    practitioner_id: UUID
    title: PractitionerTitle


@dataclass(frozen=True, kw_only=True)
class PractitionerRoleAdded(Event):
    """A practitioner began to work in a department."""

    name: ClassVar[str] = "organizations.PractitionerRoleAdded"
    practitioner_id: UUID
    department_id: UUID
