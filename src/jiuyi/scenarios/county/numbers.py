"""Numbers that cannot be anybody's: ID numbers of an unassigned area, phones of no network.

Source: rule ID-1 (the area prefix 10 was never assigned to a province).
"""

from datetime import date
from random import Random

ID_AREA_PREFIX = "1099"
PHONE_PREFIX = "100"  # no mobile network of China begins with 10
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def id_number(area: int, birth_date: date, sequence: int) -> str:
    """An 18-character number with its right check character; an odd ``sequence`` (0–999) is a man's."""
    body = f"{ID_AREA_PREFIX}{area:02d}{birth_date:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECK[total % 11]


class Numbers:
    """Hands out ID numbers and phones, none of them twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def id_number(self, area: int, birth_date: date, *, male: bool) -> str:
        """A free number for somebody born on that day."""
        while True:
            sequence = self._rng.randrange(int(male), 1000, 2)
            number = id_number(area, birth_date, sequence)
            if number not in self._taken:
                self._taken.add(number)
                return number

    def phone(self) -> str:
        """Eleven digits that no network can ring; the first million is kept for named parts."""
        while True:
            number = f"{PHONE_PREFIX}{self._rng.randrange(1_000_000, 100_000_000):08d}"
            if number not in self._taken:
                self._taken.add(number)
                return number


def named_phone(rank: int) -> str:
    """The easy phone of a named part: 10000000001, 10000000002 and so on."""
    return f"{PHONE_PREFIX}{rank:08d}"
