"""How many extra places a session may have, and when they are seen."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from jiuyi.domains.scheduling.words.extras import ExtraPlaces
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.periods import Period


def extra_limit(*, capacity: int, own_limit: int | None, parameters: ExtraPlaces) -> int:
    """The number of extra places: the session's own limit, else the smaller of number and share (rounded up). Source: rule AP-8."""
    if own_limit is not None:
        return own_limit
    return min(parameters.per_session, math.ceil(capacity * parameters.places_percent / 100))


def extra_window_start(*, session: Period, minutes: int, extras: Sequence[Period], urgent: bool, now: datetime) -> datetime:
    """When an extra patient is seen: urgent ones in the window that runs (the first, before the session), others after all windows.

    Extras follow each other; nobody is asked to come at a time that has passed, nor on the next day. Source: rule AP-8.
    """
    step = timedelta(minutes=minutes)
    if urgent:
        begun = max(session.start, min(now, session.end - step))
        return session.start + ((begun - session.start) // step) * step
    after = max((session.end, *(each.end for each in extras)))
    start = max(after, now.replace(second=0, microsecond=0))
    if service_date(start + step - timedelta(microseconds=1)) == service_date(session.start):
        return start
    return max(session.start, session.end - step)
