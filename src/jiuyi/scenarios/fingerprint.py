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

# Table → its stable columns; the first ones put the rows in order.
_TABLES = {
    "foundation_node": "id, parent_id, path, name",
    "foundation_staffuser": "id, username, display_name, is_active",
    "foundation_roleassignment": "user_id, role, node_id",
    "mfa_authenticator": "user_id, type",
    "organizations_organization": "id, kind, name, short_name, address, phone, position",
    "organizations_department": "id, organization_id, code, name, patient_name, category, sensitive, min_age, max_age,"
    " location, intro, directions",
    "organizations_building": "id, organization_id, name",
    "organizations_room": "id, building_id, department_id, floor, number, name, kind, directions",
    "organizations_practitioner": "id, user_id, name, sex, title, home_organization_id, specialty, intro",
    "organizations_practitionerrole": "practitioner_id, department_id, room_id",
    "identity_person": "id, name, sex, birth_date, certainty, village",
    "identity_identifier": "person_id, type, last_four, status",
    "identity_contact": "person_id, phone_hint, relation, rank",
    "identity_accountlink": "person_id, relation, typed_name, level",
    "billing_priceitem": "code, name, kind, unit_price_fen",
    "scheduling_scheduletemplate": "id, practitioner_id, department_id, room_id, weekday, rhythm, start_minute, end_minute, number_class,"
    " per_window, valid_from",
    "queueing_queue": "id, department_id, name, prefix, area",
}
_SESSIONS = """
    SELECT s.id, s.practitioner_id, s.department_id, s.room_id, s.number_class, s.starts_at, s.ends_at, s.capacity, s.visible_at,
        s.kind, s.template_id, s.contact
    FROM scheduling_clinicsession s JOIN organizations_department d ON d.id = s.department_id
    WHERE d.code <> %(open_clinic)s ORDER BY s.id
"""
_PLACES = """
    SELECT p.session_id, p.ordinal, p.window_start, p.window_end, p.pool, p.visible_at, p.flows_back_at
    FROM scheduling_place p JOIN scheduling_clinicsession s ON s.id = p.session_id
    JOIN organizations_department d ON d.id = s.department_id
    WHERE d.code <> %(open_clinic)s ORDER BY p.session_id, p.ordinal
"""


def database_fingerprint() -> str:
    """SHA-256 of the stable columns of what was loaded: equal for two loads with the same seed and anchor, on every machine."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for statement in (*(_stable(table, columns) for table, columns in _TABLES.items()), _SESSIONS, _PLACES):
            cursor.execute(statement, {"open_clinic": OPEN_CLINIC_CODE})
            digest.update(statement.encode())
            for row in cursor:
                digest.update(json.dumps(row, default=_plain, ensure_ascii=False).encode())
    return digest.hexdigest()


def _stable(table: str, columns: str) -> str:
    keys = ", ".join(str(position + 1) for position in range(min(3, len(columns.split(",")))))
    return f"SELECT {columns} FROM {table} ORDER BY {keys}"  # noqa: S608  # names from the table above


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(type(value).__name__)
