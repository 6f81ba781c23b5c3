"""Which windows get more places, and which free places go, so that a session stays evenly filled."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiuyi.domains.scheduling.words import Pool


@dataclass(frozen=True, slots=True)
class FreePlace:
    """A free place that may be withdrawn."""

    key: UUID
    ordinal: int
    window_start: datetime
    pool: Pool


def spread_additions(places: Mapping[datetime, int], count: int) -> dict[datetime, int]:
    """How many of ``count`` new places each window gets: always the one with the fewest, the earlier among equals.

    ``places`` is window → places that it has. The result names only windows that get some. Source: rule AP-5; C3.
    """
    now = Counter(dict(places))
    added: Counter[datetime] = Counter()
    for _ in range(count if places else 0):
        window = min(places, key=lambda each: (now[each], each))
        now[window] += 1
        added[window] += 1
    return dict(added)


def choose_withdrawals(free: Iterable[FreePlace], places: Mapping[datetime, int], count: int) -> list[FreePlace]:
    """``count`` free places (or all, if there are fewer) to withdraw: always one of the fullest window that has a free place.

    Among equally full windows the later goes first; in a window the pool with the most free places, the last place of it.
    Source: rule AP-5; C3.
    """
    left = list(free)
    full = Counter(dict(places))
    by_pool = Counter(place.pool for place in left)
    chosen: list[FreePlace] = []
    while left and len(chosen) < count:
        gone = max(left, key=lambda place: (full[place.window_start], place.window_start, by_pool[place.pool], place.ordinal))
        left.remove(gone)
        full[gone.window_start] -= 1
        by_pool[gone.pool] -= 1
        chosen.append(gone)
    return chosen
