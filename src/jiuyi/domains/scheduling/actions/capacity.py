"""More or fewer places in a session that is on sale (C3): free places only, a booking is never dropped."""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions.cooling import waits_for
from jiuyi.domains.scheduling.actions.sessions import lock_session
from jiuyi.domains.scheduling.events.capacity import SessionLowered, SessionRaised
from jiuyi.domains.scheduling.rules import capacity as rules
from jiuyi.domains.scheduling.rules import cooling
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    AmountOutOfRange,
    Cooling,
    NothingToChange,
    NoWindowLeft,
    PlaceState,
    Pool,
    SessionStatus,
    SessionStopped,
    TooFewFree,
    WaitingTerms,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor

MOST_PLACES = 500


@dataclass(frozen=True, slots=True)
class CapacityChange:
    """The capacity before and after."""

    before: int
    after: int


@transaction.atomic
def raise_session(
    *,
    actor: Actor,
    now: datetime,
    session_id: UUID,
    places: int | None = None,
    per_window: int | None = None,
    windows: Collection[datetime] | None = None,
) -> CapacityChange:
    """Add ``places`` in all, spread so that the windows are evenly filled, or ``per_window`` to each; ``windows`` names some only.

    Only windows that are not over get any. The new places are the public's: on sale at the session's release, at once after
    it, and first to the waiting list if anybody waits. Refuses ``scheduling.session_stopped``, ``scheduling.no_window_left``,
    ``scheduling.amount_out_of_range``. Source: rule AP-5; C3.
    """
    session = _locked(actor, session_id)
    full = _windows(session, now)
    wanted = set(full) if windows is None else set(windows)
    if not wanted or not wanted <= set(full):
        raise NoWindowLeft
    added = dict.fromkeys(sorted(wanted), per_window or 0)
    if places is not None:
        added = rules.spread_additions({window: full[window].places for window in wanted}, min(places, MOST_PLACES + 1))
    more = sum(added.values())
    if not 1 <= more <= MOST_PLACES - session.capacity:
        raise AmountOutOfRange(least=1, most=MOST_PLACES - session.capacity)
    _add(session, added, full, now=now)
    return _changed(session, more, SessionRaised, actor=actor, now=now)


@transaction.atomic
def lower_session(*, actor: Actor, now: datetime, session_id: UUID, to_capacity: int) -> CapacityChange:
    """Withdraw free places, evenly from the fullest windows, until ``to_capacity`` are left.

    All or nothing: refuses ``scheduling.too_few_free`` (``can_go`` places could go, ``lowest`` is the capacity then, ``short``
    are booked and need 改约 or 停诊), ``scheduling.nothing_to_change``, ``scheduling.amount_out_of_range``,
    ``scheduling.session_stopped``. Places whose window is over stay, they tell what was on offer. Source: rule AP-5; C3.
    """
    session = _locked(actor, session_id)
    if to_capacity < 0:
        raise AmountOutOfRange(least=0, most=session.capacity)
    fewer = session.capacity - to_capacity
    if fewer <= 0:
        raise NothingToChange(capacity=session.capacity)
    rows = models.Place.objects.filter(session_id=session_id, state=PlaceState.FREE, extra=False, window_end__gt=now)
    free = [rules.FreePlace(row.pk, row.ordinal, row.window_start, Pool(row.pool)) for row in rows.order_by("pk")]
    if len(free) < fewer:
        raise TooFewFree(can_go=len(free), lowest=session.capacity - len(free), short=fewer - len(free))
    full = {start: window.places for start, window in _windows(session, now).items()}
    gone = [place.key for place in rules.choose_withdrawals(free, full, fewer)]
    models.Place.objects.filter(pk__in=gone).update(state=PlaceState.WITHDRAWN, cooling_since=None)
    return _changed(session, -fewer, SessionLowered, actor=actor, now=now)


def set_capacity(*, actor: Actor, now: datetime, session_id: UUID, to_capacity: int) -> CapacityChange:
    """Raise or lower to a capacity, whichever it takes; refuses as they do, and ``scheduling.nothing_to_change``."""
    with transaction.atomic():
        before = lock_session(session_id).capacity
        if to_capacity > before:
            return raise_session(actor=actor, now=now, session_id=session_id, places=to_capacity - before)
        return lower_session(actor=actor, now=now, session_id=session_id, to_capacity=to_capacity)


@dataclass(frozen=True, slots=True)
class _Window:
    end: datetime
    places: int


def _locked(actor: Actor, session_id: UUID) -> models.ClinicSession:
    session = lock_session(session_id)
    access.require(actor, SESSION_PUBLISH, session.department_id)
    if session.status != SessionStatus.OPEN:
        raise SessionStopped
    return session


def _windows(session: models.ClinicSession, now: datetime) -> dict[datetime, _Window]:
    """The windows that are not over, in order of time, with the places they have (withdrawn ones and extras apart)."""
    rows = models.Place.objects.filter(session_id=session.pk, extra=False, window_end__gt=now).order_by("window_start")
    ends, places = {}, Counter[datetime]()
    for start, end, state in rows.values_list("window_start", "window_end", "state"):
        ends[start] = end
        places[start] += state != PlaceState.WITHDRAWN
    return {start: _Window(end, places[start]) for start, end in ends.items()}


def _add(session: models.ClinicSession, added: Mapping[datetime, int], full: Mapping[datetime, _Window], *, now: datetime) -> None:
    last = models.Place.objects.filter(session_id=session.pk).aggregate(last=Max("ordinal"))["last"] or 0
    starts = [start for start, count in sorted(added.items()) for _ in range(count)]
    is_waited_for = _is_waited_for(session)
    rows = []
    for ordinal, start in enumerate(starts, start=last + 1):
        visible_at, cooling_since = _on_sale(session, start, is_waited_for=is_waited_for, now=now)
        rows.append(
            models.Place(
                session_id=session.pk,
                ordinal=ordinal,
                window_start=start,
                window_end=full[start].end,
                pool=Pool.PUBLIC,
                visible_at=visible_at,
                state=PlaceState.FREE,
                cooling_since=cooling_since,
            )
        )
    models.Place.objects.bulk_create(rows)


def _is_waited_for(session: models.ClinicSession) -> bool:
    wish = waits_for(
        department_id=session.department_id,
        practitioner_id=session.practitioner_id,
        day=session.service_date,
        half_day=session.half_day,
    )
    return models.WaitingEntry.objects.filter(wish).exists()


def _on_sale(
    session: models.ClinicSession, window_start: datetime, *, is_waited_for: bool, now: datetime
) -> tuple[datetime, datetime | None]:
    """When the place is sold, and since when it cools: like a place given back, it is offered to those who wait first (AP-10)."""
    if session.visible_at > now or not is_waited_for:
        return max(session.visible_at, now), None
    parameters = rulebook.rule(Cooling, scope_id=session.organization_id, at=now).parameters
    visible_at = cooling.visible_again_at(
        now=now,
        released_at=session.visible_at,
        window_start=window_start,
        delay_minutes=parameters.min_minutes + secrets.randbelow(max(0, parameters.max_minutes - parameters.min_minutes) + 1),
        is_waited_for=True,
        parameters=parameters,
        terms=rulebook.rule(WaitingTerms, scope_id=session.organization_id, at=now).parameters,
    )
    return visible_at, now


def _changed(
    session: models.ClinicSession, change: int, kind: type[SessionRaised] | type[SessionLowered], *, actor: Actor, now: datetime
) -> CapacityChange:
    before, after = session.capacity, session.capacity + change
    models.ClinicSession.objects.filter(pk=session.pk).update(capacity=F("capacity") + change)
    event = kind(session_id=session.pk, before=before, after=after, scope_id=session.organization_id)
    journal.record(event, actor=actor, now=now)
    return CapacityChange(before, after)
