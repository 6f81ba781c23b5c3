"""Who hears of which event, and when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string

from jiuyi.foundation.models import JournalEntry


class When(Enum):
    """When a listener hears of an event."""

    SAME_TRANSACTION = "same_transaction"
    AFTER_COMMIT = "after_commit"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of which event, and when.

    SAME_TRANSACTION: called as ``function(event, actor=actor, now=now)`` inside ``record``; its refusal undoes the change.
    AFTER_COMMIT: called by the worker as ``function(row)`` with a ``JournalRow``, possibly more than once.
    ``function`` is a callable or its dotted name.
    """

    event_name: str
    function: Callable[..., None] | str
    when: When

    @property
    def path(self) -> str:
        """The function's dotted name."""
        if isinstance(self.function, str):
            return self.function
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def resolve(self) -> Callable[..., None]:
        """The function itself; ``ImportError`` if the name leads nowhere."""
        return import_string(self.function) if isinstance(self.function, str) else self.function


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One stored event."""

    id: int
    name: str
    recorded_at: datetime
    actor_kind: str
    actor_id: UUID
    scope_id: UUID | None
    person_id: UUID | None
    payload: dict[str, Any]


_listeners: dict[str, tuple[Listener, ...]] = {}


def register_listeners(listeners: Iterable[Listener]) -> None:
    """Wire the table of listeners; replaces what was wired before."""
    _listeners.clear()
    for listener in listeners:
        _listeners[listener.event_name] = (*_listeners.get(listener.event_name, ()), listener)


def registered_listeners() -> tuple[Listener, ...]:
    """Every wired listener."""
    return tuple(listener for of_one in _listeners.values() for listener in of_one)


def listeners_of(event_name: str, when: When) -> list[Listener]:
    """Who hears of this event at this moment."""
    return [listener for listener in _listeners.get(event_name, ()) if listener.when is when]


def row_of(entry: JournalEntry) -> JournalRow:
    """The stored row as a value."""
    return JournalRow(
        id=entry.id,
        name=entry.name,
        recorded_at=entry.recorded_at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        scope_id=entry.scope_id,
        person_id=entry.person_id,
        payload=entry.payload,
    )
