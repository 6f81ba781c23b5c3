"""One append-only table of what happened, written in the transaction of the change; and those who listen to it.

A journal row becomes readable for workers when its transaction is older than every running one: reading by id alone
would skip the rows of a transaction that started earlier and commits later (see ``tailing``).
"""

import json
from datetime import datetime
from uuid import UUID

from django.db import connection

from jiuyi.foundation.actors import Actor
from jiuyi.foundation.listeners import (
    JournalRow,
    Listener,
    When,
    listeners_of,
    register_listeners,
    registered_listeners,
    row_of,
)
from jiuyi.foundation.models import JournalEntry
from jiuyi.foundation.tailing import count_lag, run_listeners_once, skip_to_end
from jiuyi.kernel.events import Event

__all__ = [
    "JournalRow",
    "Listener",
    "When",
    "count_lag",
    "entries_of_person",
    "record",
    "register_listeners",
    "registered_listeners",
    "run_listeners_once",
    "skip_to_end",
]


def record(event: Event, *, actor: Actor, now: datetime) -> None:
    """Write what happened, in the caller's transaction, and tell those who listen within it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_journalentry (recorded_at, name, actor_kind, actor_id, scope_id, person_id, payload)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)",
            [now, event.name, actor.kind.value, actor.id, event.scope_id, event.person_id, json.dumps(event.payload())],
        )
    for listener in listeners_of(event.name, When.SAME_TRANSACTION):
        listener.resolve()(event, actor=actor, now=now)


def entries_of_person(person_id: UUID) -> list[JournalRow]:
    """Everything that happened to the person, oldest first."""
    return [row_of(entry) for entry in JournalEntry.objects.filter(person_id=person_id).order_by("recorded_at", "id")]
