"""Tables of the foundation, a file for each concern."""

from jiuyi.foundation.models.access import USERNAME_CHARACTERS, RoleAssignment, StaffUser
from jiuyi.foundation.models.api_keys import AccountToken, MachineKey, MachineNonce
from jiuyi.foundation.models.audit import AuditEntry
from jiuyi.foundation.models.clock import ClockOffset
from jiuyi.foundation.models.enrolled_devices import EnrolledDevice
from jiuyi.foundation.models.journal import JournalEntry, ListenerFailure
from jiuyi.foundation.models.key_check import KeyCheck
from jiuyi.foundation.models.notices import Notice
from jiuyi.foundation.models.rulebook import RuleVersion
from jiuyi.foundation.models.scopes import Node

__all__ = [
    "USERNAME_CHARACTERS",
    "AccountToken",
    "AuditEntry",
    "ClockOffset",
    "EnrolledDevice",
    "JournalEntry",
    "KeyCheck",
    "ListenerFailure",
    "MachineKey",
    "MachineNonce",
    "Node",
    "Notice",
    "RoleAssignment",
    "RuleVersion",
    "StaffUser",
]
