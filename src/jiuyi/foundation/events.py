"""What happens in the foundation itself."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class StaffUserCreated(Event):
    """A staff account was opened."""

    name: ClassVar[str] = "foundation.StaffUserCreated"
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoleAssigned(Event):
    """A staff account was given a role at a node."""

    name: ClassVar[str] = "foundation.RoleAssigned"
    assignment_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoleEnded(Event):
    """A role was taken from a staff account."""

    name: ClassVar[str] = "foundation.RoleEnded"
    assignment_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class RuleChanged(Event):
    """A local number was changed; the version row says who, when and why."""

    name: ClassVar[str] = "foundation.RuleChanged"
    rule_version_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class DeviceEnrolled(Event):
    """A machine in a hall was allowed to act at a node."""

    name: ClassVar[str] = "foundation.DeviceEnrolled"
    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class DeviceRevoked(Event):
    """A machine in a hall may act no longer."""

    name: ClassVar[str] = "foundation.DeviceRevoked"
    device_id: UUID
