"""One place beyond the capacity, for somebody who must be seen: an extra (加号), or a patient sent to the right department."""

from datetime import datetime, timedelta

from django.db.models import Max

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.words import PlaceState, Pool, SessionStatus, SessionStopped
from jiuyi.kernel.ids import new_id


def new_extra_place(session: models.ClinicSession, *, window_start: datetime, now: datetime) -> models.Place:
    """Make one free extra place; the caller holds the session's lock, and takes the place in the same transaction."""
    if session.status != SessionStatus.OPEN:
        raise SessionStopped(conflicts=["session_stopped"])
    last = models.Place.objects.filter(session=session).aggregate(last=Max("ordinal"))["last"] or 0
    return models.Place.objects.create(
        id=new_id(),
        session=session,
        ordinal=last + 1,
        window_start=window_start,
        window_end=window_start + timedelta(minutes=session.slot_minutes),
        pool=Pool.EXTRA,
        visible_at=now,
        state=PlaceState.FREE,
        extra=True,
    )
