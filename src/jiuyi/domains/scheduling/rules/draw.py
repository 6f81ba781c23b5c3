"""The draw at a release: an order that nobody can foresee and everybody can check, then each takes the best that is left."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody in the draw: ``wishes`` are window starts, the dearest first; ``any_window``: if none is free, the nearest will do."""

    entry_id: UUID
    wishes: tuple[datetime, ...]
    any_window: bool


def order_of(entry_ids: Sequence[UUID], seed: str) -> list[UUID]:
    """The drawn order: by the hash of seed and entry. The seed is stored, so that anybody can compute it again.

    It does not depend on when or how often somebody pressed. Source: rule AP-3 (§21).
    """
    return sorted(entry_ids, key=lambda entry_id: hashlib.sha256(f"{seed}:{entry_id}".encode()).digest())


def allot(entries: Sequence[Wish], free: Mapping[datetime, int]) -> dict[UUID, datetime]:
    """Who gets which window: in the drawn order each takes the dearest window that still has a place.

    Nobody gains by wishing for anything but what they want. Never gives more places of a window than ``free`` says;
    nobody who takes any window is left out while a place is free.
    """
    left = {start: count for start, count in free.items() if count > 0}
    given: dict[UUID, datetime] = {}
    for entry in entries:
        start = next((wish for wish in entry.wishes if left.get(wish, 0)), None)
        if start is None and entry.any_window:
            start = _nearest(left, entry.wishes[0] if entry.wishes else None)
        if start is None:
            continue
        given[entry.entry_id] = start
        left[start] -= 1
        if not left[start]:
            del left[start]
    return given


def _nearest(left: Mapping[datetime, int], wanted: datetime | None) -> datetime | None:
    if not left:
        return None
    if wanted is None:
        return min(left)
    return min(left, key=lambda start: (abs(start - wanted), start))
