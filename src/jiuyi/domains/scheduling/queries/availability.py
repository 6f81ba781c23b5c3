"""What can be booked: one or two statements each, over the partial index of free places."""
# ruff: noqa: S608  # the statements are put together from this file's own constants; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from jiuyi.domains.scheduling import models, rules
from jiuyi.domains.scheduling.words import (
    HalfDay,
    NumberClass,
    Pool,
    SessionStatus,
)
from jiuyi.kernel.refusals import NotFound

PUBLIC = (Pool.PUBLIC,)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a department: free places now, and how many there are in all."""

    day: date
    free: int
    total: int
    sessions: int


@dataclass(frozen=True, slots=True)
class SessionOffer:
    """One clinic session and its free places."""

    session_id: UUID
    practitioner_id: UUID
    department_id: UUID
    organization_id: UUID
    room_id: UUID | None
    service_date: date
    half_day: HalfDay
    number_class: NumberClass
    starts_at: datetime
    ends_at: datetime
    status: SessionStatus
    visible_at: datetime
    capacity: int
    free: int


@dataclass(frozen=True, slots=True)
class Window:
    """One arrival window of a session. ``passed`` windows are over; the one that runs now is not."""

    start: datetime
    end: datetime
    free: int
    total: int
    passed: bool


@dataclass(frozen=True, slots=True)
class NearWindow:
    """A free window offered instead of one that is full."""

    session_id: UUID
    practitioner_id: UUID
    start: datetime
    end: datetime
    free: int


@dataclass(frozen=True, slots=True)
class DepartmentOffer:
    """A department that has sessions ahead; ``next_day`` is the first with a free place, None when all is full."""

    department_id: UUID
    next_day: date | None


@dataclass(frozen=True, slots=True)
class DoctorOffer:
    """A doctor's sessions of one class in a department; ``next_day`` is the first with a free place."""

    practitioner_id: UUID
    number_class: NumberClass
    next_day: date | None
    free: int


# A place of a reserved pool is the public's too once it has flowed back (rule AP-4).
_OF_POOLS = "(p.pool = ANY (%(pools)s) OR (p.flows_back_at <= %(now)s AND 'public' = ANY (%(pools)s)))"
SELLABLE = f"p.state = 'free' AND p.window_end > %(now)s AND p.visible_at <= %(now)s AND {_OF_POOLS}"
_FREE = f"SELECT count(*) FROM scheduling_place p WHERE p.session_id = s.id AND {SELLABLE}"
# Whoever has a share of their own may see a session before the public does.
OFFERED = (
    "s.status = 'open' AND s.ends_at > %(now)s AND (s.visible_at <= %(now)s OR EXISTS (SELECT FROM scheduling_place p"
    " WHERE p.session_id = s.id AND p.visible_at <= %(now)s AND p.pool <> 'public' AND p.pool = ANY (%(pools)s)))"
)


def available_days(department_id: UUID, from_: date, days: int, now: datetime, *, pools: Sequence[Pool] = PUBLIC) -> list[Day]:
    """Each of ``days`` days from ``from_`` on, in order; a day without sessions has ``sessions`` 0."""
    rows = _rows(
        f"""
        SELECT s.service_date, sum(f.free)::int, sum(s.capacity)::int, count(*)::int
        FROM scheduling_clinicsession s CROSS JOIN LATERAL ({_FREE}) AS f(free)
        WHERE s.department_id = %(department)s AND s.service_date >= %(first)s AND s.service_date < %(beyond)s AND {OFFERED}
        GROUP BY s.service_date
        """,
        department=department_id,
        first=from_,
        beyond=from_ + timedelta(days=days),
        now=now,
        pools=_codes(pools),
    )
    found = {day: Day(day, free, total, sessions) for day, free, total, sessions in rows}
    every = (from_ + timedelta(days=ahead) for ahead in range(days))
    return [found.get(day, Day(day, 0, 0, 0)) for day in every]


def sessions_on(department_id: UUID, day: date, now: datetime, *, pools: Sequence[Pool] = PUBLIC) -> list[SessionOffer]:
    """A department's sessions of one day that can still be visited, in order of time."""
    return offers(
        f"s.department_id = %(department)s AND s.service_date = %(day)s AND {OFFERED}", now, pools, department=department_id, day=day
    )


def sessions_of_practitioner(practitioner_id: UUID, day: date, now: datetime, *, pools: Sequence[Pool] = PUBLIC) -> list[SessionOffer]:
    """All sessions of a practitioner on a day, stopped and finished ones included, in order of time."""
    return offers("s.practitioner_id = %(practitioner)s AND s.service_date = %(day)s", now, pools, practitioner=practitioner_id, day=day)


def session_exists(session_id: UUID) -> bool:
    """Whether a session of this id was ever published."""
    return models.ClinicSession.objects.filter(pk=session_id).exists()


def facts_session(session_id: UUID, now: datetime | None = None) -> SessionOffer:
    """One session; ``free`` counts from the session's beginning when no ``now`` is given. NotFound otherwise."""
    moment = now or models.ClinicSession.objects.filter(pk=session_id).values_list("visible_at", flat=True).first()
    found = offers("s.id = %(session)s", moment, PUBLIC, session=session_id) if moment else []
    if not found:
        raise NotFound
    return found[0]


def session_windows(session_id: UUID, now: datetime, *, pools: Sequence[Pool] = PUBLIC) -> list[Window]:
    """The arrival windows of a session in order of time; nothing is free in a stopped or unreleased one. NotFound otherwise."""
    rows = _rows(
        f"""
        SELECT p.window_start, p.window_end,
            count(*) FILTER (WHERE {SELLABLE} AND {OFFERED})::int,
            count(*) FILTER (WHERE p.state <> 'withdrawn')::int
        FROM scheduling_clinicsession s JOIN scheduling_place p ON p.session_id = s.id
        WHERE s.id = %(session)s AND {_OF_POOLS}
        GROUP BY p.window_start, p.window_end ORDER BY p.window_start
        """,
        session=session_id,
        now=now,
        pools=_codes(pools),
    )
    if not rows and not models.ClinicSession.objects.filter(pk=session_id).exists():
        raise NotFound
    return [Window(start, end, free, total, passed=end <= now) for start, end, free, total in rows]


def departments_with_sessions(organization_id: UUID, now: datetime) -> list[DepartmentOffer]:
    """Departments of an institution that have sessions ahead, with the first day that has a free place."""
    rows = _rows(
        f"""
        SELECT d.department_id, first.service_date
        FROM (
            SELECT DISTINCT s.department_id FROM scheduling_clinicsession s WHERE s.organization_id = %(organization)s AND {OFFERED}
        ) AS d
        LEFT JOIN LATERAL (
            SELECT s.service_date FROM scheduling_clinicsession s
            WHERE s.department_id = d.department_id AND {OFFERED} AND EXISTS ({_FREE.replace("count(*)", "")})
            ORDER BY s.starts_at LIMIT 1
        ) AS first ON true
        """,
        organization=organization_id,
        now=now,
        pools=_codes(PUBLIC),
    )
    return [DepartmentOffer(department_id, day) for department_id, day in rows]


def doctors_available(department_id: UUID, now: datetime, *, pools: Sequence[Pool] = PUBLIC) -> list[DoctorOffer]:
    """Doctors who have sessions ahead in a department, by class; those with the nearest free place first, full ones last."""
    rows = _rows(
        f"""
        SELECT s.practitioner_id, s.number_class, min(s.service_date) FILTER (WHERE f.free > 0) AS next_day, sum(f.free)::int
        FROM scheduling_clinicsession s CROSS JOIN LATERAL ({_FREE}) AS f(free)
        WHERE s.department_id = %(department)s AND {OFFERED}
        GROUP BY s.practitioner_id, s.number_class ORDER BY next_day NULLS LAST, s.practitioner_id, s.number_class
        """,
        department=department_id,
        now=now,
        pools=_codes(pools),
    )
    return [DoctorOffer(practitioner_id, NumberClass(number_class), day, free) for practitioner_id, number_class, day, free in rows]


def nearest_free(
    session_id: UUID, window_start: datetime, now: datetime, limit: int = 3, *, pools: Sequence[Pool] = PUBLIC
) -> list[NearWindow]:
    """Free windows instead of a full one: of the same session first, then of the department's others within a week of it."""
    rows = _rows(
        f"""
        SELECT s.id, s.practitioner_id, p.window_start, p.window_end, count(*)::int
        FROM scheduling_clinicsession wanted
        JOIN scheduling_clinicsession s ON s.department_id = wanted.department_id
            AND s.service_date BETWEEN wanted.service_date - 7 AND wanted.service_date + 7 AND {OFFERED}
        JOIN scheduling_place p ON p.session_id = s.id AND {SELLABLE}
        WHERE wanted.id = %(session)s
        GROUP BY s.id, p.window_start, p.window_end
        ORDER BY s.id <> %(session)s, abs(extract(epoch FROM p.window_start - %(wanted)s)), p.window_start DESC
        LIMIT %(limit)s
        """,
        session=session_id,
        wanted=window_start,
        limit=limit,
        now=now,
        pools=_codes(pools),
    )
    return rules.nearest_windows((NearWindow(*row) for row in rows), window_start, limit)


def offers(where: str, now: datetime, pools: Sequence[Pool], **values: Any) -> list[SessionOffer]:
    """Sessions that fit a condition (this department's own SQL), with their free places, in order of time; one statement."""
    rows = _rows(
        f"""
        SELECT s.id, s.practitioner_id, s.department_id, s.organization_id, s.room_id, s.service_date, s.half_day, s.number_class,
            s.starts_at, s.ends_at, s.status, s.visible_at, s.capacity, CASE WHEN {OFFERED} THEN ({_FREE}) ELSE 0 END
        FROM scheduling_clinicsession s WHERE {where} ORDER BY s.starts_at, s.number_class, s.id
        """,
        now=now,
        pools=_codes(pools),
        **values,
    )
    return [
        SessionOffer(
            session_id=row[0],
            practitioner_id=row[1],
            department_id=row[2],
            organization_id=row[3],
            room_id=row[4],
            service_date=row[5],
            half_day=HalfDay(row[6]),
            number_class=NumberClass(row[7]),
            starts_at=row[8],
            ends_at=row[9],
            status=SessionStatus(row[10]),
            visible_at=row[11],
            capacity=row[12],
            free=row[13],
        )
        for row in rows
    ]


def _codes(pools: Sequence[Pool]) -> list[str]:
    return [pool.value for pool in pools]


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
