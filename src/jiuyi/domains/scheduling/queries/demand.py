"""What half-days needed, what was forecast and proposed, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.rules.forecast import mean_absolute_error
from jiuyi.domains.scheduling.words import HalfDay, ProposalState, SessionStatus
from jiuyi.kernel.refusals import NotFound

# Demand = people whose appointment stands + people whose appointment the hospital gave up and who have no other in that half-day
# + people who waited in vain, on the first half-day that would have done. Asked-for places that were refused as full are not
# counted: one person who tries five times would be five. A full half-day without a waiting list therefore shows its capacity.
DEMAND = """
WITH half_days AS MATERIALIZED (
    SELECT s.department_id, s.service_date, s.half_day, count(*) FILTER (WHERE s.status = 'open') AS sessions,
        sum(s.capacity)::int AS capacity
    FROM scheduling_clinicsession s
    WHERE s.department_id = ANY (%(departments)s) AND s.service_date BETWEEN %(first)s AND %(last)s
    GROUP BY s.department_id, s.service_date, s.half_day
), people AS (
    SELECT s.department_id, s.service_date, s.half_day, a.person_id,
        bool_or(a.status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow')) AS booked
    FROM scheduling_appointment a JOIN scheduling_clinicsession s ON s.id = a.session_id
    WHERE s.department_id = ANY (%(departments)s) AND s.service_date BETWEEN %(first)s AND %(last)s
        AND (a.status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow') OR (a.status = 'cancelled' AND a.cancelled_by = 'hospital'))
    GROUP BY s.department_id, s.service_date, s.half_day, a.person_id
), counted AS (
    SELECT department_id, service_date, half_day, count(*) FILTER (WHERE booked)::int AS booked,
        count(*) FILTER (WHERE NOT booked)::int AS dropped
    FROM people GROUP BY department_id, service_date, half_day
), in_vain AS (
    SELECT w.department_id, f.service_date, f.half_day, count(DISTINCT w.person_id)::int AS waited
    FROM scheduling_waitingentry w
    CROSS JOIN LATERAL (
        SELECT s.service_date, s.half_day FROM scheduling_clinicsession s
        WHERE s.department_id = w.department_id AND s.service_date BETWEEN w.first_day AND w.last_day
            AND (w.practitioner_id IS NULL OR s.practitioner_id = w.practitioner_id)
            AND (cardinality(w.half_days) = 0 OR s.half_day = ANY (w.half_days))
        ORDER BY s.starts_at LIMIT 1
    ) AS f
    WHERE w.department_id = ANY (%(departments)s) AND w.state IN ('waiting', 'offered', 'lapsed')
        AND f.service_date BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (
            SELECT FROM people p
            WHERE p.department_id = w.department_id AND p.person_id = w.person_id AND p.service_date BETWEEN w.first_day AND w.last_day
        )
    GROUP BY w.department_id, f.service_date, f.half_day
)
SELECT h.department_id, h.service_date, h.half_day, h.sessions::int, h.capacity, coalesce(c.booked, 0), coalesce(c.dropped, 0),
    coalesce(v.waited, 0)
FROM half_days h
LEFT JOIN counted c USING (department_id, service_date, half_day)
LEFT JOIN in_vain v USING (department_id, service_date, half_day)
ORDER BY h.department_id, h.service_date, array_position(ARRAY['morning', 'afternoon', 'evening', 'night'], h.half_day::text)
"""


@dataclass(frozen=True, slots=True)
class HalfDayDemand:
    """What one department's half-day needed; ``sessions`` counts those that took place."""

    department_id: UUID
    day: date
    half_day: HalfDay
    sessions: int
    capacity: int
    booked: int
    dropped: int
    waited: int

    @property
    def demand(self) -> int:
        """Booked, given up by the hospital, and waited in vain."""
        return self.booked + self.dropped + self.waited


@dataclass(frozen=True, slots=True)
class ForecastFacts:
    """One forecast; ``actual`` once its day is over."""

    forecast_id: UUID
    department_id: UUID
    day: date
    half_day: HalfDay
    made_at: datetime
    expected: int
    last_week: int | None
    actual: int | None
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ForecastError:
    """Mean absolute errors, in people per half-day, over the ``half_days`` that have forecast, last week's figure and outcome."""

    half_days: int
    forecast: float | None
    last_week: float | None


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """A proposed capacity, and what a person decided. ``decided`` None: declined, or still open."""

    proposal_id: UUID
    forecast: ForecastFacts
    session_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity_now: int
    capacity_before: int
    proposed: int
    state: ProposalState
    made_at: datetime
    decided_by_id: UUID | None
    decided_at: datetime | None
    decided: int | None
    reason: str


def demand_of_half_days(department_ids: Sequence[UUID], first_day: date, last_day: date) -> list[HalfDayDemand]:
    """Each half-day with a session, both days included, by department, day and half-day; one statement. Source: C3."""
    with connection.cursor() as cursor:
        cursor.execute(DEMAND, {"departments": list(department_ids), "first": first_day, "last": last_day})
        rows = cursor.fetchall()
    return [HalfDayDemand(row[0], row[1], HalfDay(row[2]), *row[3:]) for row in rows]


def forecasts(department_id: UUID, first_day: date, last_day: date) -> list[ForecastFacts]:
    """A department's forecasts between two days, both included, in order of time."""
    rows = models.DemandForecast.objects.filter(department_id=department_id, service_date__range=(first_day, last_day))
    order = list(HalfDay)
    return sorted((_forecast(row) for row in rows), key=lambda each: (each.day, order.index(each.half_day)))


def forecast(forecast_id: UUID) -> ForecastFacts:
    """One forecast. NotFound otherwise."""
    row = models.DemandForecast.objects.filter(pk=forecast_id).first()
    if row is None:
        raise NotFound
    return _forecast(row)


def forecast_error(found: Sequence[ForecastFacts]) -> ForecastError:
    """How far the forecasts, and "same weekday last week", were from what came, over the very same half-days."""
    over = [(each.expected, each.last_week, each.actual) for each in found if each.last_week is not None and each.actual is not None]
    ours = mean_absolute_error([(expected, actual) for expected, _, actual in over])
    theirs = mean_absolute_error([(last_week, actual) for _, last_week, actual in over])
    return ForecastError(len(over), ours, theirs)


def open_proposals(department_ids: Sequence[UUID], now: datetime) -> list[ProposalFacts]:
    """Proposals that wait for a person: the session has not begun and takes place; in order of time."""
    rows = _proposals().filter(
        state=ProposalState.OPEN, session__starts_at__gt=now, session__status=SessionStatus.OPEN, session__department_id__in=department_ids
    )
    return [_proposal(row) for row in rows.order_by("session__starts_at", "id")]


def decided_proposals(department_ids: Sequence[UUID], *, limit: int = 50) -> list[ProposalFacts]:
    """The last decisions, the newest first."""
    rows = _proposals().filter(session__department_id__in=department_ids).exclude(state=ProposalState.OPEN)
    return [_proposal(row) for row in rows.order_by("-decided_at", "id")[:limit]]


def proposals_of_forecast(forecast_id: UUID) -> list[ProposalFacts]:
    """What a forecast led to, in order of time."""
    return [_proposal(row) for row in _proposals().filter(forecast_id=forecast_id).order_by("session__starts_at", "id")]


def _proposals() -> Any:
    return models.CapacityProposal.objects.select_related("forecast", "session")


def _forecast(row: models.DemandForecast) -> ForecastFacts:
    return ForecastFacts(
        forecast_id=row.pk,
        department_id=row.department_id,
        day=row.service_date,
        half_day=HalfDay(row.half_day),
        made_at=row.made_at,
        expected=row.expected,
        last_week=row.last_week,
        actual=row.actual,
        inputs=row.inputs,
    )


def _proposal(row: models.CapacityProposal) -> ProposalFacts:
    return ProposalFacts(
        proposal_id=row.pk,
        forecast=_forecast(row.forecast),
        session_id=row.session_id,
        practitioner_id=row.session.practitioner_id,
        starts_at=row.session.starts_at,
        ends_at=row.session.ends_at,
        capacity_now=row.session.capacity,
        capacity_before=row.capacity_before,
        proposed=row.capacity_proposed,
        state=ProposalState(row.state),
        made_at=row.made_at,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
        decided=row.capacity_decided,
        reason=row.reason,
    )
