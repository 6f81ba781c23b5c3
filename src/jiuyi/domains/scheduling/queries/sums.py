"""The law of sums: every place of a session is accounted for, and every appointment sits on a place of its own session."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

# An appointment occupies its place in these states (words.OCCUPYING); the statements stay literal, so that they can be read and pasted.
SUMS = """
WITH occupying AS MATERIALIZED (
    SELECT a.place_id, min(a.status) AS status
    FROM scheduling_appointment a
    WHERE a.status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow')
        AND (%(sessions)s::uuid[] IS NULL OR a.session_id = ANY (%(sessions)s))
    GROUP BY a.place_id
), classed AS (
    SELECT p.session_id,
        CASE
            WHEN p.extra AND p.state = 'taken' THEN 'extra'
            WHEN p.extra OR p.state = 'withdrawn' THEN 'withdrawn'
            WHEN p.state = 'taken' AND o.status = 'held' THEN 'held'
            WHEN p.state = 'taken' AND o.status = 'booked' THEN 'booked'
            WHEN p.state = 'taken' AND o.status IS NOT NULL THEN 'used'
            WHEN p.state <> 'free' THEN 'unexplained'
            WHEN p.window_end <= %(now)s THEN 'expired'
            WHEN p.visible_at > %(now)s AND p.cooling_since IS NOT NULL THEN 'cooling'
            WHEN p.visible_at > %(now)s THEN 'unreleased'
            ELSE 'free'
        END AS class
    FROM scheduling_place p LEFT JOIN occupying o ON o.place_id = p.id
    WHERE %(sessions)s::uuid[] IS NULL OR p.session_id = ANY (%(sessions)s)
), counted AS (
    SELECT session_id,
        count(*) FILTER (WHERE class = 'unreleased')::int AS unreleased, count(*) FILTER (WHERE class = 'free')::int AS free,
        count(*) FILTER (WHERE class = 'held')::int AS held, count(*) FILTER (WHERE class = 'cooling')::int AS cooling,
        count(*) FILTER (WHERE class = 'booked')::int AS booked, count(*) FILTER (WHERE class = 'used')::int AS used,
        count(*) FILTER (WHERE class = 'expired')::int AS expired, count(*) FILTER (WHERE class = 'extra')::int AS extras,
        count(*) FILTER (WHERE class = 'withdrawn')::int AS withdrawn
    FROM classed GROUP BY session_id
)
SELECT s.id, s.department_id, s.practitioner_id, s.service_date, s.starts_at, coalesce(c.unreleased, 0), coalesce(c.free, 0),
    coalesce(c.held, 0), coalesce(c.cooling, 0), coalesce(c.booked, 0), coalesce(c.used, 0), coalesce(c.expired, 0),
    coalesce(c.extras, 0), coalesce(c.withdrawn, 0), s.capacity
FROM scheduling_clinicsession s LEFT JOIN counted c ON c.session_id = s.id
WHERE (%(sessions)s::uuid[] IS NULL OR s.id = ANY (%(sessions)s))
    AND (%(department)s::uuid IS NULL OR s.department_id = %(department)s)
    AND (%(first)s::date IS NULL OR s.service_date >= %(first)s) AND (%(last)s::date IS NULL OR s.service_date <= %(last)s)
ORDER BY s.starts_at, s.id
"""

# Whoever was seen before a substitute came keeps the doctor who saw them.
DISAGREEMENTS = """
WITH occupying AS MATERIALIZED (
    SELECT a.* FROM scheduling_appointment a WHERE a.status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow')
)
SELECT 'taken_by_nobody', p.session_id, p.id, NULL::uuid FROM scheduling_place p
WHERE p.state = 'taken' AND NOT EXISTS (SELECT FROM occupying a WHERE a.place_id = p.id)
UNION ALL
SELECT 'place_not_taken', p.session_id, p.id, a.id FROM occupying a JOIN scheduling_place p ON p.id = a.place_id
WHERE p.state <> 'taken'
UNION ALL
SELECT 'taken_twice', a.session_id, a.place_id, a.id FROM (
    SELECT *, count(*) OVER (PARTITION BY place_id) AS n FROM occupying
) a WHERE a.n > 1
UNION ALL
SELECT 'other_session', p.session_id, p.id, a.id FROM occupying a JOIN scheduling_place p ON p.id = a.place_id
WHERE a.session_id <> p.session_id
UNION ALL
SELECT 'other_window', p.session_id, p.id, a.id FROM occupying a JOIN scheduling_place p ON p.id = a.place_id
WHERE (a.window_start, a.window_end) <> (p.window_start, p.window_end)
UNION ALL
SELECT 'other_department', s.id, a.place_id, a.id
FROM occupying a JOIN scheduling_place p ON p.id = a.place_id JOIN scheduling_clinicsession s ON s.id = p.session_id
WHERE a.department_id <> s.department_id OR a.organization_id <> s.organization_id OR a.service_date <> s.service_date
UNION ALL
SELECT 'other_practitioner', s.id, a.place_id, a.id
FROM occupying a JOIN scheduling_place p ON p.id = a.place_id JOIN scheduling_clinicsession s ON s.id = p.session_id
WHERE a.practitioner_id <> s.practitioner_id
    AND (a.status IN ('held', 'booked', 'arrived') OR a.practitioner_id IS DISTINCT FROM s.original_practitioner_id)
ORDER BY 1, 2, 3, 4
"""

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SessionSums:
    """Where the places of one session are now. ``extras`` and ``withdrawn`` count apart from ``capacity``."""

    session_id: UUID
    department_id: UUID
    practitioner_id: UUID
    service_date: date
    starts_at: datetime
    unreleased: int
    free: int
    held: int
    cooling: int
    booked: int
    used: int
    expired: int
    extras: int
    withdrawn: int
    capacity: int

    @property
    def accounted(self) -> int:
        """All that the law adds up."""
        return self.unreleased + self.free + self.held + self.cooling + self.booked + self.used + self.expired

    @property
    def is_lawful(self) -> bool:
        """Unreleased + free + held + cooling + booked + used + expired = capacity."""
        return self.accounted == self.capacity


@dataclass(frozen=True, slots=True)
class WindowSums:
    """One window of a session: its places (withdrawn ones and extras apart), and how many of them nobody has."""

    start: datetime
    end: datetime
    places: int
    free: int
    passed: bool


@dataclass(frozen=True, slots=True)
class PlaceDifference:
    """One thing that cannot be: ``kind`` says what, the ids say where."""

    kind: str
    session_id: UUID
    place_id: UUID | None
    appointment_id: UUID | None


def sums_of_sessions(
    *,
    now: datetime,
    session_ids: "list[UUID] | None" = None,
    department_id: UUID | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> list[SessionSums]:
    """Unreleased, free, held, cooling, booked, used, expired, extras and withdrawn places of each session, in order of time.

    One statement, one snapshot; all sessions unless they are named or bounded (days included). An open window at ``now`` is
    not over; a place becomes visible at its very instant. Source: rules AP-2 … AP-5; C1, C3.
    """
    values = {"now": now, "sessions": session_ids, "department": department_id, "first": first_day, "last": last_day}
    return [SessionSums(*row) for row in _rows(SUMS, **values)]


def windows_of_session(session_id: UUID, now: datetime) -> list[WindowSums]:
    """Every window of a session in order of time, whoever its places are kept for, released or not; none of an unknown session."""
    rows = _rows(
        """
        SELECT p.window_start, p.window_end, count(*) FILTER (WHERE p.state <> 'withdrawn')::int,
            count(*) FILTER (WHERE p.state = 'free')::int
        FROM scheduling_place p WHERE p.session_id = %(session)s AND NOT p.extra
        GROUP BY p.window_start, p.window_end ORDER BY p.window_start
        """,
        session=session_id,
    )
    return [WindowSums(start, end, places, free, passed=end <= now) for start, end, places, free in rows]


def place_differences(*, now: datetime) -> list[PlaceDifference]:
    """Every session whose sum is wrong (``sum``), every place and appointment that disagree; empty is the only right answer."""
    wrong = [PlaceDifference("sum", sums.session_id, None, None) for sums in sums_of_sessions(now=now) if not sums.is_lawful]
    return wrong + [PlaceDifference(*row) for row in _rows(DISAGREEMENTS)]


def count_sum_differences(now: datetime) -> int:
    """How many things break the law of sums; 0 is the only right answer."""
    return len(place_differences(now=now))


def count_place_difference() -> int:
    """As ``count_sum_differences``, for whoever has no time at hand: which class a free place falls into cannot break a sum."""
    return count_sum_differences(_ANY_TIME)


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
