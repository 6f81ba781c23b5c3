"""A sweep looks after many; one that stumbles is left for a person to look at, and the others are served all the same."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)


def one_by_one(found: Iterable[T], act: Callable[[T], int], *, name: str) -> int:
    """Do ``act`` for each, in a transaction of its own; the sum of what it says. ``name`` stands in the log if one fails."""
    done = 0
    for each in found:
        try:
            done += act(each)
        except Exception:
            logger.exception("one of a sweep failed", extra={"sweep": name})
    return done
