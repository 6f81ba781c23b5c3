"""What happened: frozen, past tense, ids and codes only.

An event goes into the journal, which is kept for decades and read widely, so it must not carry a name, a number that
identifies a person, a phone or a sentence. Field types are limited accordingly.
"""

import dataclasses
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

ALLOWED_FIELD_TYPES = (UUID, int, bool, date, datetime, Enum, type(None))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every event. ``name`` is ``department.PastTense`` and permanent: stored rows carry it.

    ``person_id`` is the patient whom it concerns, if any; ``scope_id`` the organisation node where it happened.
    """

    name: ClassVar[str]
    person_id: UUID | None = None
    scope_id: UUID | None = None

    def payload(self) -> dict[str, Any]:
        """The event's own fields as JSON-ready ids, numbers, days and codes; anything else is refused."""
        result: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            if field.name in {"person_id", "scope_id"}:
                continue
            value = getattr(self, field.name)
            if not isinstance(value, ALLOWED_FIELD_TYPES):
                message = f"{self.name}.{field.name}: an event carries ids, numbers, times and codes only"
                raise TypeError(message)
            result[field.name] = _plain(value)
        return result


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    return value
