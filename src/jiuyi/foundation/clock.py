"""The one place where the time is read: the machine's clock, plus the demo's offset from the database."""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from jiuyi.foundation import audit
from jiuyi.foundation.actors import Actor
from jiuyi.foundation.models import ClockOffset
from jiuyi.kernel.refusals import NotAllowed

_CACHE_SECONDS = 1.0
_cached: tuple[float, timedelta] | None = None


def now() -> datetime:
    """The present UTC instant; in the demo moved by the stored offset (known to every process within a second).

    Called by desks, jobs and commands, which hand it down as an argument; domain code never calls it.
    """
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """How far the demo's clock stands from the machine's; zero outside the demo."""
    global _cached  # noqa: PLW0603  # one small cache per process
    if not settings.DEMO:
        return timedelta()
    fresh = _cached
    if fresh is None or time.monotonic() - fresh[0] >= _CACHE_SECONDS:
        stored = ClockOffset.objects.values_list("offset", flat=True).first()
        fresh = _cached = (time.monotonic(), stored or timedelta())
    return fresh[1]


def set_offset(new_offset: timedelta, *, actor: Actor) -> None:
    """Move the demo's clock. Refuses outside the demo (``not_allowed``)."""
    if not settings.DEMO:
        raise NotAllowed
    ClockOffset.objects.update_or_create(id=1, defaults={"offset": new_offset})
    forget()
    audit.privileged(actor, act="clock.set_offset", reason=str(new_offset), now=now())


def reset_outside_demo() -> None:
    """Remove an offset that a former demo left behind, so that Python and SQL agree on the time. Run by migrate."""
    if not settings.DEMO:
        ClockOffset.objects.all().delete()


def forget() -> None:
    """Drop the cached offset."""
    global _cached  # noqa: PLW0603  # see offset()
    _cached = None
