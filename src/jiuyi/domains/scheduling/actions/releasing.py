"""Planning the release: whose each place is and when it is sold; anew for what is not released when a rule has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.scheduling import models, rules
from jiuyi.domains.scheduling.actions.sessions import NewSession, lock_session
from jiuyi.domains.scheduling.events.timetable import SessionReplanned
from jiuyi.domains.scheduling.rules import DayKind, PlacePlan
from jiuyi.domains.scheduling.words import (
    NumberClass,
    PlaceState,
    Pool,
    PoolShares,
    ReleaseMoment,
    SessionStatus,
    WindowLength,
)
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.foundation.rulebook import Rule
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.periods import Period

_BOTH_WAYS = timedelta(days=62)  # as far as the head start and the last working day look back
_PARTS = 200


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """When a session's places are sold, and the versions of the rules that say so."""

    visible_at: datetime
    draws: bool
    release_version: int
    shares_version: int
    places: Sequence[PlacePlan]


class ReleasePlanner:
    """Plans many sessions with each rule and the calendar read once."""

    def __init__(self, *, now: datetime, decided: Mapping[date, bool]) -> None:
        self.now = now
        self.decided = decided
        self._kinds: dict[date, bool] = {}
        self._release: dict[tuple[UUID, datetime], Rule[ReleaseMoment]] = {}
        self._shares: dict[tuple[UUID, datetime], Rule[PoolShares]] = {}
        self._lengths: dict[UUID, int] = {}

    def plan(self, windows: Sequence[Period], *, department_id: UUID, number_class: NumberClass) -> ReleasePlan:
        """The plan by the rules that are in force when the places are released; one whose moment has passed is released now."""
        day = service_date(windows[0].start)
        release_rule = self._release_rule(department_id, self.now)
        at = max(self.now, rules.release_at(day, number_class, release_rule.parameters))
        release_rule = self._release_rule(department_id, at)  # a change that comes before the release is obeyed by it
        shares_rule = self._shares_rule(department_id, at)
        release = rules.release_of(day, number_class, release_rule.parameters)
        places = rules.plan_places(
            windows, number_class=number_class, shares=shares_rule.parameters, release=release, is_working=self.is_working
        )
        draws = release_rule.parameters.by_draw and release.at > self.now
        return ReleasePlan(release.at, draws, release_rule.reference.version, shares_rule.reference.version, places)

    def is_working(self, day: date) -> bool:
        """Whether a day is worked, by the calendar and what was decided by hand."""
        if day not in self._kinds:
            self._kinds[day] = rules.kind_of_day(day, self.decided) is DayKind.WORKING
        return self._kinds[day]

    def slot_minutes(self, department_id: UUID) -> int:
        """How long a window of the department is (rule AP-1)."""
        if department_id not in self._lengths:
            found = rulebook.rule(WindowLength, scope_id=department_id, at=self.now)
            self._lengths[department_id] = found.parameters.slot_minutes
        return self._lengths[department_id]

    def _release_rule(self, department_id: UUID, at: datetime) -> Rule[ReleaseMoment]:
        key = department_id, at
        if key not in self._release:
            self._release[key] = rulebook.rule(ReleaseMoment, scope_id=department_id, at=at)
        return self._release[key]

    def _shares_rule(self, department_id: UUID, at: datetime) -> Rule[PoolShares]:
        key = department_id, at
        if key not in self._shares:
            self._shares[key] = rulebook.rule(PoolShares, scope_id=department_id, at=at)
        return self._shares[key]


def planner(now: datetime, first: date, last: date) -> ReleasePlanner:
    """A planner that knows what was decided by hand about the days around a stretch."""
    days = models.CalendarDay.objects.filter(day__range=(first - _BOTH_WAYS, last + _BOTH_WAYS))
    return ReleasePlanner(now=now, decided=dict(days.values_list("day", "working")))


def with_release(sessions: Sequence[NewSession], *, now: datetime) -> list[NewSession]:
    """The sessions with their places shared and timed as the rules say, ready to be published.

    ``visible_at`` of what is given does not matter.  Source: rules AP-3, AP-4; C3, C6, C8.
    """
    if not sessions:
        return []
    days = [service_date(session.starts_at) for session in sessions]
    planning = planner(now, min(days), max(days))
    return [planned(session, planning) for session in sessions]


def planned(session: NewSession, planning: ReleasePlanner) -> NewSession:
    """One session with its places. One that cannot be cut into windows is left as it is, for the publishing to refuse."""
    minutes = session.slot_minutes or planning.slot_minutes(session.department_id)
    if session.ends_at <= session.starts_at or minutes < 1 or session.per_window < 1:
        return session
    windows = [window for _, window in rules.windows_of(Period(session.starts_at, session.ends_at), minutes, session.per_window)]
    plan = planning.plan(windows, department_id=session.department_id, number_class=session.number_class)
    return replace(
        session,
        visible_at=plan.visible_at,
        places=plan.places,
        draws=plan.draws,
        release_rule_version=plan.release_version,
    )


def replan_unreleased(*, actor: Actor, now: datetime, department_ids: Sequence[UUID] | None = None) -> list[UUID]:
    """Bring every session that is not released yet in line with the rules; the ids of those that changed.

    What is sold stays where it is and counts in its share; sessions whose moment was set by hand are left alone. Done a
    second time it changes nothing. One session that stumbles does not hold up the others: each is its own transaction.
    Source: rules AP-3, AP-4; C3.
    """
    waiting = models.ClinicSession.objects.filter(status=SessionStatus.OPEN, visible_at__gt=now, release_rule_version__isnull=False)
    if department_ids is not None:
        waiting = waiting.filter(department_id__in=department_ids)
    sessions = list(waiting.order_by("starts_at", "id"))
    if not sessions:
        return []
    planning = planner(now, sessions[0].service_date, sessions[-1].service_date)
    changed = []
    for part in (sessions[start : start + _PARTS] for start in range(0, len(sessions), _PARTS)):
        rows = _places_of([session.id for session in part])
        changed += [session.id for session in part if _differs(session, rows.get(session.id, []), planning)]
    return [session_id for session_id in changed if _replan(session_id, planning, actor=actor, now=now)]


@transaction.atomic
def _replan(session_id: UUID, planning: ReleasePlanner, *, actor: Actor, now: datetime) -> bool:
    """Read again under the lock, session before places (docs/locking.md), and write what differs."""
    session = lock_session(session_id)
    free = {"session_id": session_id, "state": PlaceState.FREE, "extra": False}
    list(models.Place.objects.select_for_update(no_key=True).filter(**free).order_by("id").values_list("pk", flat=True))
    rows = _places_of([session_id]).get(session_id, [])
    if session.status != SessionStatus.OPEN or session.visible_at <= now or not _differs(session, rows, planning):
        return False
    plan = _plan_of(session, rows, planning)
    assert plan is not None  # noqa: S101  # narrows the type: without places nothing differs
    moved = [row for row, place in zip(rows, plan.places, strict=True) if _is_open(row) and _apply(row, place)]
    models.Place.objects.bulk_update(moved, ["pool", "visible_at", "flows_back_at"])
    # A moment that the new rule puts into the past is now; from now on it is released and no rule touches it.
    session.visible_at, session.draws = max(plan.visible_at, now), plan.draws
    session.release_rule_version = plan.release_version
    session.save(update_fields=["visible_at", "draws", "release_rule_version"])
    journal.record(
        SessionReplanned(
            session_id=session_id,
            release_version=plan.release_version,
            shares_version=plan.shares_version,
            places=len(moved),
            scope_id=session.organization_id,
        ),
        actor=actor,
        now=now,
    )
    return True


def _differs(session: models.ClinicSession, rows: Sequence[models.Place], planning: ReleasePlanner) -> bool:
    plan = _plan_of(session, rows, planning)
    if plan is None:
        return False
    own = (session.visible_at, session.draws, session.release_rule_version)
    return own != (plan.visible_at, plan.draws, plan.release_version) or any(
        _is_open(row) and _own(row) != (place.pool, place.visible_at, place.flows_back_at)
        for row, place in zip(rows, plan.places, strict=True)
    )


def _plan_of(session: models.ClinicSession, rows: Sequence[models.Place], planning: ReleasePlanner) -> ReleasePlan | None:
    if not rows:
        return None
    windows = [Period(row.window_start, row.window_end) for row in rows]
    plan = planning.plan(windows, department_id=session.department_id, number_class=NumberClass(session.number_class))
    fixed = {index: Pool(row.pool) for index, row in enumerate(rows) if not _is_open(row)}
    return replace(plan, places=rules.fit_to_taken(plan.places, fixed))


def _places_of(session_ids: Sequence[UUID]) -> dict[UUID, list[models.Place]]:
    """The places that count, by session, in the order in which they were planned."""
    rows: dict[UUID, list[models.Place]] = {}
    counting = models.Place.objects.filter(session_id__in=session_ids, extra=False).exclude(state=PlaceState.WITHDRAWN)
    for row in counting.order_by("session_id", "window_start", "ordinal"):
        rows.setdefault(row.session_id, []).append(row)
    return rows


def _is_open(row: models.Place) -> bool:
    """Whether a place is neither sold nor resting after it was given up."""
    return row.state == PlaceState.FREE and row.cooling_since is None


def _own(row: models.Place) -> tuple[Pool, datetime, datetime | None]:
    return Pool(row.pool), row.visible_at, row.flows_back_at


def _apply(row: models.Place, plan: PlacePlan) -> bool:
    """Write the plan into the row; whether anything was different."""
    wanted = (plan.pool, plan.visible_at, plan.flows_back_at)
    differs = _own(row) != wanted
    row.pool, row.visible_at, row.flows_back_at = wanted
    return differs
