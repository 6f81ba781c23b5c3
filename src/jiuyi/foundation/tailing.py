"""Workers follow the journal: in commit-safe order, each entry in its own transaction, nobody blocked by a failure.

The order is (era, xid, id). ``xid`` is the writing transaction; an entry is taken only when its transaction is older
than every running one (``pg_snapshot_xmin``), so nothing can still appear behind the cursor. ``era`` counts the
database clusters the rows have lived in: after a dump and restore transaction numbers start again from the beginning.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from jiuyi.foundation.listeners import JournalRow, When, listeners_of, registered_listeners, row_of
from jiuyi.foundation.models import JournalEntry, ListenerFailure

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class ParkedListener:
    """A listener that failed on an entry; ``next_attempt_at`` None waits for a person."""

    entry_id: int
    listener: str
    error: str
    attempts: int
    recorded_at: datetime
    next_attempt_at: datetime | None


_Position = tuple[int, int, int]

_READ = """
SELECT era, xid::text::bigint, id, name, recorded_at, actor_kind, actor_id, scope_id, person_id, payload::text
  FROM foundation_journalentry
 WHERE (era, xid, id) > (%s, %s::text::xid8, %s)
   AND (xid < pg_snapshot_xmin(pg_current_snapshot())
        OR era < (SELECT max(era) FROM foundation_era))
 ORDER BY era, xid, id
 LIMIT %s
"""


def run_listeners_once(consumer: str = "listeners", limit: int = 500) -> int:
    """Hand up to ``limit`` settled entries to their AFTER_COMMIT listeners, in order; returns how many were passed.

    A listener that fails is parked (``retry_failures``) and the cursor moves on. Two workers never share an entry:
    the second one finds the cursor locked and returns 0.
    """
    position = _cursor(consumer)
    rows = _settled(position, limit)
    passed = 0
    pending: _Position | None = None
    for place, row in rows:
        if not listeners_of(row.name, When.AFTER_COMMIT):
            pending, passed = place, passed + 1
            continue
        with transaction.atomic():
            if not _lock(consumer, position):
                return passed
            _tell(row)
            _advance(consumer, place)
        position, pending, passed = place, None, passed + 1
    if pending is not None:
        with transaction.atomic():
            if _lock(consumer, position):
                _advance(consumer, pending)
    return passed


def retry_failures(now: datetime, limit: int = 100) -> int:
    """Try parked listeners again; the pause doubles each time, and after eight attempts a person has to look."""
    due = ListenerFailure.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at").values_list("id", flat=True)
    mended = 0
    for failure_id in list(due[:limit]):
        with transaction.atomic():
            failure = ListenerFailure.objects.select_for_update(skip_locked=True).filter(id=failure_id).first()
            if failure is not None:
                mended += _retry(failure, now)
    return mended


def parked(limit: int = 50) -> list[ParkedListener]:
    """Listeners that failed and were not mended yet, oldest first."""
    rows = ListenerFailure.objects.order_by("recorded_at", "id")[:limit]
    return [ParkedListener(row.entry_id, row.listener, row.error, row.attempts, row.recorded_at, row.next_attempt_at) for row in rows]


def count_parked() -> int:
    """Listeners that failed and were not mended yet, those that are tried again included."""
    return ListenerFailure.objects.count()


def count_given_up() -> int:
    """Listeners that failed for good and wait for a person."""
    return ListenerFailure.objects.filter(next_attempt_at=None).count()


def skip_to_end(consumer: str = "listeners") -> None:
    """Put the cursor behind every settled entry without telling anybody (a fresh consumer, a test's starting point)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_journalcursor (consumer, era, xid, entry_id)"
            " SELECT %s, (SELECT max(era) FROM foundation_era), pg_snapshot_xmin(pg_current_snapshot()), 0"
            " ON CONFLICT (consumer) DO UPDATE SET era = EXCLUDED.era, xid = EXCLUDED.xid, entry_id = EXCLUDED.entry_id",
            [consumer],
        )


def count_lag(consumer: str = "listeners") -> int:
    """Settled entries that the consumer has not passed yet (at most 10 000 are counted)."""
    return len(_settled(_cursor(consumer), 10_000))


def begin_era_if_restored() -> None:
    """Notice that the rows now live in another database cluster, and count a new era. Run by migrate, before any work."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE foundation_era IN EXCLUSIVE MODE")
        cursor.execute("SELECT era, cluster FROM foundation_era ORDER BY era DESC LIMIT 1")
        latest = cursor.fetchone()
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        (cluster,) = cursor.fetchone()
        if latest is None or latest[1] != cluster:
            era = 1 if latest is None else latest[0] + 1
            cursor.execute("INSERT INTO foundation_era (era, cluster) VALUES (%s, %s)", [era, cluster])
            for table in ("foundation_journalentry", "foundation_auditentry"):
                name, default = sql.Identifier(table), sql.Literal(int(era))
                cursor.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN era SET DEFAULT {}").format(name, default))


def _cursor(consumer: str) -> _Position:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_journalcursor (consumer, era, xid, entry_id) VALUES (%s, 0, '0', 0) ON CONFLICT (consumer) DO NOTHING",
            [consumer],
        )
        cursor.execute("SELECT era, xid::text::bigint, entry_id FROM foundation_journalcursor WHERE consumer = %s", [consumer])
        return cursor.fetchone()


def _settled(position: _Position, limit: int) -> list[tuple[_Position, JournalRow]]:
    era, xid, entry_id = position
    with connection.cursor() as cursor:
        cursor.execute(_READ, [era, str(xid), entry_id, limit])
        return [_parse(columns) for columns in cursor.fetchall()]


def _parse(columns: tuple[Any, ...]) -> tuple[_Position, JournalRow]:
    era, xid, entry_id, name, recorded_at, actor_kind, actor_id, scope_id, person_id, payload = columns
    row = JournalRow(entry_id, name, recorded_at, actor_kind, actor_id, scope_id, person_id, json.loads(payload))
    return (era, xid, entry_id), row


def _lock(consumer: str, expected: _Position) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT era, xid::text::bigint, entry_id FROM foundation_journalcursor WHERE consumer = %s FOR UPDATE SKIP LOCKED",
            [consumer],
        )
        return cursor.fetchone() == expected


def _advance(consumer: str, place: _Position) -> None:
    era, xid, entry_id = place
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE foundation_journalcursor SET era = %s, xid = %s::text::xid8, entry_id = %s WHERE consumer = %s",
            [era, str(xid), entry_id, consumer],
        )


def _tell(row: JournalRow) -> None:
    for listener in listeners_of(row.name, When.AFTER_COMMIT):
        try:
            with transaction.atomic():
                listener.resolve()(row)
        except Exception as error:
            logger.exception("listener failed", extra={"listener": listener.path, "entry_id": row.id})
            ListenerFailure.objects.get_or_create(
                entry_id=row.id,
                listener=listener.path,
                defaults={
                    "recorded_at": row.recorded_at,
                    "error": type(error).__name__,
                    "next_attempt_at": row.recorded_at + _FIRST_PAUSE,
                },
            )


def _retry(failure: ListenerFailure, now: datetime) -> int:
    entry = JournalEntry.objects.filter(id=failure.entry_id, recorded_at=failure.recorded_at).first()
    by_path = {listener.path: listener for listener in registered_listeners()}
    listener = by_path.get(failure.listener)
    if entry is None or listener is None:
        failure.next_attempt_at, failure.error = None, "listener or entry is gone"
        failure.save(update_fields=["next_attempt_at", "error"])
        return 0
    try:
        with transaction.atomic():
            listener.resolve()(row_of(entry))
    except Exception as error:
        logger.exception("listener failed again", extra={"listener": failure.listener, "entry_id": failure.entry_id})
        failure.attempts += 1
        failure.error = type(error).__name__
        failure.next_attempt_at = None if failure.attempts >= MAX_ATTEMPTS else now + _FIRST_PAUSE * 2**failure.attempts
        failure.save(update_fields=["attempts", "error", "next_attempt_at"])
        return 0
    failure.delete()
    return 1
