"""What two loads of the same world must have in common, read back from the tables.

Left out is what is random by design (keys, ciphers, ids of places), and what depends on the hour of loading (the open clinic's
shifts, waiting people, bookings, journal). It reads SQL, because a check of the doors cannot go through the doors.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE

_NOT_OPEN_CLINIC = "d.code <> %(open_clinic)s"
_STATEMENTS = (
    "SELECT id, parent_id, path, name FROM foundation_node ORDER BY id",
    "SELECT id, username, display_name, is_active FROM foundation_staffuser ORDER BY id",
    "SELECT user_id, role, node_id FROM foundation_roleassignment ORDER BY user_id, role, node_id",
    "SELECT user_id, type FROM mfa_authenticator ORDER BY user_id, type",
    "SELECT id, kind, name, short_name, address, phone, position FROM organizations_organization ORDER BY id",
    "SELECT id, organization_id, code, name, patient_name, category, sensitive, min_age, max_age, location, intro, directions"
    " FROM organizations_department ORDER BY id",
    "SELECT id, organization_id, name FROM organizations_building ORDER BY id",
    "SELECT id, building_id, department_id, floor, number, name, kind, directions FROM organizations_room ORDER BY id",
    "SELECT id, user_id, name, sex, title, home_organization_id, specialty, intro FROM organizations_practitioner ORDER BY id",
    "SELECT practitioner_id, department_id, room_id FROM organizations_practitionerrole ORDER BY practitioner_id, department_id",
    "SELECT id, name, sex, birth_date, certainty, village FROM identity_person ORDER BY id",
    "SELECT person_id, type, last_four, status FROM identity_identifier ORDER BY person_id, type, last_four",
    "SELECT person_id, phone_hint, relation, rank FROM identity_contact ORDER BY person_id, phone_hint",
    "SELECT person_id, relation, level, typed_name FROM identity_accountlink ORDER BY person_id, relation, typed_name",
    "SELECT code, name, kind, unit_price_fen FROM billing_priceitem ORDER BY code",
    "SELECT id, department_id, name, prefix, area FROM queueing_queue ORDER BY id",
    "SELECT s.id, s.practitioner_id, s.department_id, s.room_id, s.number_class, s.starts_at, s.ends_at, s.capacity, s.visible_at"
    f" FROM scheduling_clinicsession s JOIN organizations_department d ON d.id = s.department_id WHERE {_NOT_OPEN_CLINIC} ORDER BY s.id",
    "SELECT p.session_id, p.ordinal, p.window_start, p.window_end, p.pool, p.visible_at FROM scheduling_place p"
    " JOIN scheduling_clinicsession s ON s.id = p.session_id JOIN organizations_department d ON d.id = s.department_id"
    f" WHERE {_NOT_OPEN_CLINIC} ORDER BY p.session_id, p.ordinal",
)  # fmt: skip


def database_fingerprint() -> str:
    """SHA-256 of the stable columns of what was loaded: equal for two loads with the same seed and anchor, on every machine."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, {"open_clinic": OPEN_CLINIC_CODE})
            digest.update(statement.encode())
            for row in cursor:
                digest.update(json.dumps(row, default=_plain, ensure_ascii=False).encode())
    return digest.hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(type(value).__name__)
