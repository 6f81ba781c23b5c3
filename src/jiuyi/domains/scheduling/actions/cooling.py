"""Giving a place back: at once, or after it has cooled; the one way by which a taken place becomes free."""

import secrets
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.rules import cooling
from jiuyi.domains.scheduling.words import Cooling, PlaceState, Pool, SessionStatus, WaitingState, WaitingTerms
from jiuyi.foundation import rulebook


def give_back_place(place: models.Place, *, now: datetime) -> None:
    """A locked place of an open session is free again, a sought-after one after it cooled; of a stopped one it is withdrawn.

    Extras leave with whoever had them. Only what the public could buy cools: a reserved place goes straight back to those
    it is kept for. The random delay makes it useless to cancel for somebody else.  Source: rule AP-10.
    """
    session = models.ClinicSession.objects.get(pk=place.session_id)  # read under the place's lock: a stop waits for it
    if session.status != SessionStatus.OPEN or place.extra:
        place.state = PlaceState.WITHDRAWN
        place.save(update_fields=["state"])
        if not place.extra:
            models.ClinicSession.objects.filter(pk=session.pk).update(capacity=F("capacity") - 1)
        return
    place.state = PlaceState.FREE
    place.visible_at, place.cooling_since = _rest(place, session, now=now)
    place.save(update_fields=["state", "visible_at", "cooling_since"])


def waits_for(*, department_id: UUID, practitioner_id: UUID, day: date, half_day: str) -> Q:
    """The entries of the list, still waiting, whose wish a session of that doctor, day and half-day fulfils."""
    return (
        Q(state=WaitingState.WAITING, department_id=department_id, first_day__lte=day, last_day__gte=day)
        & (Q(practitioner_id=None) | Q(practitioner_id=practitioner_id))
        & (Q(half_days=[]) | Q(half_days__contains=[half_day]))
    )


def _rest(place: models.Place, session: models.ClinicSession, *, now: datetime) -> tuple[datetime, datetime | None]:
    public = place.pool == Pool.PUBLIC or (place.flows_back_at is not None and place.flows_back_at <= now)
    parameters = rulebook.rule(Cooling, scope_id=session.organization_id, at=now).parameters
    waited_for = models.WaitingEntry.objects.filter(
        waits_for(
            department_id=session.department_id,
            practitioner_id=session.practitioner_id,
            day=session.service_date,
            half_day=session.half_day,
        )
    ).exists()
    free = _free_places(session, now=now)
    if not public or not cooling.is_hot(free=free, capacity=session.capacity, is_waited_for=waited_for, parameters=parameters):
        # What cools already goes on cooling: a place is not seen earlier because its offer was declined.
        return place.visible_at, now if place.visible_at > now else None
    visible_at = cooling.visible_again_at(
        now=now,
        released_at=place.visible_at,
        window_start=place.window_start,
        delay_minutes=parameters.min_minutes + secrets.randbelow(max(0, parameters.max_minutes - parameters.min_minutes) + 1),
        is_waited_for=waited_for,
        parameters=parameters,
        terms=rulebook.rule(WaitingTerms, scope_id=session.organization_id, at=now).parameters,
    )
    return visible_at, now


def _free_places(session: models.ClinicSession, *, now: datetime) -> int:
    rows = models.Place.objects.filter(session_id=session.pk, state=PlaceState.FREE, extra=False, window_end__gt=now, visible_at__lte=now)
    return rows.filter(Q(pool=Pool.PUBLIC) | Q(flows_back_at__lte=now)).count()
