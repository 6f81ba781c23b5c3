"""Half-open periods ``[start, end)``: two that touch do not overlap."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From ``start`` (included) to ``end`` (excluded); an empty or backward period is refused."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            message = "a period needs aware instants"
            raise ValueError(message)
        if self.end <= self.start:
            message = "a period ends after it starts"
            raise ValueError(message)

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies inside; the end itself does not."""
        return self.start <= instant < self.end

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share any instant."""
        return self.start < other.end and other.start < self.end

    def split(self, minutes: int) -> Iterator["Period"]:
        """Consecutive windows of ``minutes``; a shorter rest at the end is kept as the last window."""
        if minutes <= 0:
            message = "a window has at least one minute"
            raise ValueError(message)
        start = self.start
        while start < self.end:
            end = min(start + timedelta(minutes=minutes), self.end)
            yield Period(start, end)
            start = end
