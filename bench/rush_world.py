"""A consortium on the morning of a release: many sessions whose places have just become visible, and more people than places.

Rows are copied in, because only the claiming is measured; every row is one that the product's own doors could have made.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from uuid_utils.compat import uuid7

PLACES_PER_SESSION = 200
PER_WINDOW = 10
SESSIONS_PER_DEPARTMENT = 10
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Session:
    """One session of the world and its windows."""

    id: uuid.UUID
    department_id: uuid.UUID
    windows: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What a generator needs to ask for places."""

    sessions: tuple[Session, ...]
    people: tuple[uuid.UUID, ...]
    account_id: uuid.UUID


def make(database_url: str, *, places: int, people: int) -> World:
    """Enter the world into a migrated database (as its owner)."""
    now = datetime.now(UTC)
    opens = (now + timedelta(days=3)).replace(hour=0, minute=0, second=0, microsecond=0)
    count = -(-places // PLACES_PER_SESSION)
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        hospital = _hospital(cursor)
        departments = [_department(cursor, hospital, number) for number in range(-(-count // SESSIONS_PER_DEPARTMENT))]
        sessions = [
            _session(cursor, hospital, departments[number // SESSIONS_PER_DEPARTMENT], opens, now, number) for number in range(count)
        ]
        _places(cursor, sessions, now)
        persons = _people(cursor, people, now)
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")
    return World(tuple(sessions), tuple(persons), uuid7())


def make_free_again(database_url: str) -> None:
    """Forget all bookings: the next window begins with every place free. The journal stays."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("TRUNCATE scheduling_appointment CASCADE")
        connection.execute("UPDATE scheduling_place SET state = 'free' WHERE state <> 'free'")
        connection.execute("VACUUM ANALYZE scheduling_place")
        connection.execute("VACUUM ANALYZE scheduling_appointment")
        connection.execute("CHECKPOINT")


def _node(cursor: psycopg.Cursor, parent: uuid.UUID | None, path: list[uuid.UUID], name: str) -> uuid.UUID:
    node = uuid7()
    cursor.execute("INSERT INTO foundation_node (id, parent_id, path, name) VALUES (%s, %s, %s, %s)", [node, parent, [*path, node], name])
    return node


def _hospital(cursor: psycopg.Cursor) -> uuid.UUID:
    found = cursor.execute("SELECT id FROM foundation_node WHERE parent_id IS NULL").fetchone()
    root = found[0] if found else _node(cursor, None, [], "县")
    hospital = _node(cursor, root, [root], f"放号医院{secrets.token_hex(2)}")
    cursor.execute(
        "INSERT INTO organizations_organization (id, kind, name, short_name, address, phone, pinyin_initials, position)"
        " VALUES (%s, 'county_hospital', '放号医院', '放号', '', '', 'FHYY', 1)",
        [hospital],
    )
    return hospital


def _department(cursor: psycopg.Cursor, hospital: uuid.UUID, number: int) -> uuid.UUID:
    (path,) = cursor.execute("SELECT path FROM foundation_node WHERE id = %s", [hospital]).fetchone() or ([],)
    department = _node(cursor, hospital, path, f"专科{number}")
    cursor.execute(
        "INSERT INTO organizations_department (id, name, patient_name, code, category, sensitive, location, intro, directions,"
        " pinyin_initials, position, organization_id) VALUES (%s, %s, '', %s, 'internal', false, '', '', '', 'ZK', %s, %s)",
        [department, f"专科{number}", f"R{number:03}", number, hospital],
    )
    return department


def _session(  # noqa: PLR0917  # one row
    cursor: psycopg.Cursor, hospital: uuid.UUID, department: uuid.UUID, opens: datetime, now: datetime, number: int
) -> Session:
    doctor, session = uuid7(), uuid7()
    cursor.execute(
        "INSERT INTO organizations_practitioner (id, name, pinyin_initials, sex, title, specialty, intro, home_organization_id)"
        " VALUES (%s, %s, 'YS', '1', 'chief', '', '', %s)",
        [doctor, f"医生{number}", hospital],
    )
    windows = tuple(opens + WINDOW * each for each in range(PLACES_PER_SESSION // PER_WINDOW))
    cursor.execute(
        "INSERT INTO scheduling_clinicsession (id, service_date, half_day, number_class, starts_at, ends_at, slot_minutes, capacity,"
        " status, visible_at, fee_note, published_at, department_id, organization_id, practitioner_id, road_until)"
        " VALUES (%s, %s, 'morning', 'ordinary', %s, %s, 15, %s, 'open', %s, '', %s, %s, %s, %s, %s)",
        [
            session,
            # One booking per person, department and day is allowed: the sessions of a department lie on different days.
            (opens + timedelta(hours=8, days=number % SESSIONS_PER_DEPARTMENT)).date(),
            windows[0],
            windows[-1] + WINDOW,
            PLACES_PER_SESSION,
            now - timedelta(minutes=1),
            now,
            department,
            hospital,
            doctor,
            windows[-1] + WINDOW + timedelta(hours=1),
        ],
    )
    return Session(session, department, windows)


def _places(cursor: psycopg.Cursor, sessions: list[Session], now: datetime) -> None:
    statement = (
        "COPY scheduling_place (id, session_id, ordinal, window_start, window_end, pool, visible_at, state) FROM STDIN WITH (FORMAT text)"
    )
    with cursor.copy(statement) as copy:
        for session in sessions:
            for ordinal in range(PLACES_PER_SESSION):
                start = session.windows[ordinal // PER_WINDOW]
                copy.write_row((uuid7(), session.id, ordinal + 1, start, start + WINDOW, "public", now - timedelta(minutes=1), "free"))


def _people(cursor: psycopg.Cursor, count: int, now: datetime) -> list[uuid.UUID]:
    persons = [uuid7() for _ in range(count)]
    statement = "COPY identity_person (id, name, name_key, name_initials, sex, certainty, village, wrapped_key, registered_at) FROM STDIN"
    with cursor.copy(statement) as copy:
        for number, person in enumerate(persons):
            copy.write_row((person, f"测试{number}", f"测试{number}", "CS", "1", "verified", "", b"\\x00", now))
    return persons
