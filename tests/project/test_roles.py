"""Roles: complete, without unknown permissions, and the three officers apart."""

import importlib

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import access, enrolled_devices, notices
from jiuyi.project.roles import ROLES

DEPARTMENTS = ("billing", "encounters", "identity", "organizations", "queueing", "scheduling")
OFFICERS = (StaffRole.ADMIN, StaffRole.SECURITY, StaffRole.AUDITOR)


def medical_permissions() -> set[str]:
    known: set[str] = set()
    for department in DEPARTMENTS:
        known |= set(importlib.import_module(f"jiuyi.domains.{department}.words").PERMISSIONS)
    return known


def test_every_role_is_listed_and_every_permission_is_held_by_somebody() -> None:
    assert set(ROLES) == {*StaffRole, *enrolled_devices.DEVICE_ROLES}
    held = set().union(*ROLES.values())
    foundation = {
        access.ASSIGN_ROLES,
        access.CREATE_STAFF,
        access.CHANGE_RULES,
        access.READ_AUDIT,
        enrolled_devices.ENROL_DEVICES,
        notices.READ_OUTBOX,
    }
    assert held == medical_permissions() | foundation


def test_officers_open_no_record_and_watch_each_other() -> None:
    about_patients = ("person.", "encounter.", "appointment.", "payment.")
    for officer in OFFICERS:
        assert not {permission for permission in ROLES[officer] if permission.startswith(about_patients)}
    for one in OFFICERS:
        for other in OFFICERS:
            assert one is other or not ROLES[one] & ROLES[other]


def test_roles_are_wired_at_start() -> None:
    assert access.registered_roles() == ROLES
