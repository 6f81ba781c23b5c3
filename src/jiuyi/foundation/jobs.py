"""Background work, by name: jobs that roll back with their transaction, a timetable, and sweeps.

::

    @jobs.task("scheduling.tell_waiting")            deferred by ``jobs.defer("scheduling.tell_waiting", session_id=…)``
    @jobs.timetable("journeys.paper_lists", cron="*/30 * * * *")   called with ``now`` at its hours, by one worker
    @jobs.sweep("scheduling.expire_holds", seconds=5)              called with ``now`` again and again, leaves no rows

A department's ``tasks.py`` declares them; the worker finds them there.
"""

import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast, get_type_hints
from uuid import UUID

import procrastinate
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from jiuyi.foundation import clock

__all__ = [
    "UnknownTask",
    "app",
    "count_by_status",
    "defer",
    "last_done",
    "run_sweep",
    "sweep",
    "sweeps",
    "task",
    "task_names",
    "timetable",
    "work",
]

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])
_QUEUE = "jiuyi"
_RETRY = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4)


class UnknownTask(LookupError):  # noqa: N818  # names what is missing
    """No task of this name exists."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Something to look after every few seconds."""

    name: str
    seconds: float
    function: Callable[[datetime], Any]


_task_names: set[str] = set()
_sweeps: dict[str, Sweep] = {}


def task(name: str) -> Callable[[F], F]:
    """Declare a background job. It must be idempotent: it runs at least once, at most five times."""

    def declare(function: F) -> F:
        hints = get_type_hints(function)

        @functools.wraps(function)
        def run(**stored: Any) -> None:
            function(**{key: UUID(value) if hints.get(key) is UUID else value for key, value in stored.items()})

        app.task(name=name, queue=_QUEUE, retry=_RETRY)(run)
        _task_names.add(name)
        return function

    return declare


def timetable(name: str, *, cron: str) -> Callable[[F], F]:
    """Declare something to do at fixed hours; called with ``now``. ``cron`` is read in UTC."""

    def declare(function: F) -> F:
        @functools.wraps(function)
        def run(timestamp: int) -> None:  # noqa: ARG001  # procrastinate's own instant does not know the demo's clock
            function(clock.now())

        # wraps() would show procrastinate the wrapped function's parameter
        del run.__wrapped__
        app.periodic(cron=cron, periodic_id=name)(app.task(name=name, queue=_QUEUE, retry=_RETRY)(run))
        _task_names.add(name)
        return function

    return declare


def sweep(name: str, *, seconds: float) -> Callable[[F], F]:
    """Declare something the worker does again and again with ``now``; one worker at a time, without leaving rows."""

    def declare(function: F) -> F:
        _sweeps[name] = Sweep(name, seconds, function)
        return function

    return declare


def sweeps() -> dict[str, Sweep]:
    """Every declared sweep by its name."""
    return dict(_sweeps)


def task_names() -> frozenset[str]:
    """Every name that ``defer`` takes, and those of the timetable."""
    return frozenset(_task_names)


def defer(name: str, *, at: datetime | None = None, **ids: UUID | int | str | None) -> None:
    """Enqueue a job in the caller's transaction; it vanishes if that rolls back. ``UnknownTask`` for a wrong name."""
    if name not in _task_names:
        raise UnknownTask(name)
    stored = {key: str(value) if isinstance(value, UUID) else value for key, value in ids.items()}
    app.configure_task(name, queue=_QUEUE, schedule_at=at).defer(**stored)


def count_by_status() -> dict[str, int]:
    """How many jobs wait (todo), run (doing) and failed for good (failed)."""
    counted = dict.fromkeys(("todo", "doing", "failed"), 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs WHERE status::text = ANY(%s) GROUP BY 1", [list(counted)])
        return counted | dict(cursor.fetchall())


def last_done(name: str) -> datetime | None:
    """When a job of this name last succeeded, by the machine's clock; None if it never did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(e.at) FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id"
            " WHERE j.task_name = %s AND e.type = 'succeeded'",
            [name],
        )
        return cast("datetime | None", cursor.fetchone()[0])


def run_sweep(name: str, *, now: datetime | None = None) -> bool:
    """Do one sweep now, unless another worker is at it; returns whether it was done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('sweep:' || %s, 0))", [name])
        (ours,) = cursor.fetchone()
        if not ours:
            return False
        try:
            _sweeps[name].function(now or clock.now())
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('sweep:' || %s, 0))", [name])
    return True


def run_sweeps(stop: threading.Event) -> None:
    """Do all sweeps, each at its own pace, until told to stop. One that is slow or fails holds up no other."""
    threads = [threading.Thread(target=_repeat, args=(one, stop), name=one.name, daemon=True) for one in _sweeps.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(one: Sweep, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            run_sweep(one.name)
        except Exception:
            # The worker outlives a restart of the database and a mistake in one sweep.
            logger.exception("sweep failed", extra={"sweep": one.name})
        finally:
            connection.close()
        stop.wait(one.seconds)


def work(*, concurrency: int = 2) -> None:
    """Be the worker: jobs, timetable and sweeps, until SIGTERM or SIGINT. Blocks; main thread only."""
    stop = threading.Event()
    sweeper = threading.Thread(target=run_sweeps, args=(stop,), name="sweeper", daemon=True)
    sweeper.start()
    try:
        with app.replace_connector(cast("DjangoConnector", app.connector).get_worker_connector()) as worker_app:
            worker_app.run_worker(queues=[_QUEUE], concurrency=concurrency, shutdown_graceful_timeout=4)
    finally:
        stop.set()
        sweeper.join(timeout=4)
