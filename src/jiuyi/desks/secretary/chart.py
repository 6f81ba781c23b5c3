"""A small line chart as plain SVG: positions are computed here, the page draws them; the table beside it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 28
TICKS = 4
LABELS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name, the style of its kind, and the drawn pieces (a gap where a value is missing) and points."""

    name: str
    kind: str
    pieces: tuple[str, ...]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What the page draws."""

    lines: tuple[Line, ...]
    ticks: tuple[tuple[int, float], ...]
    days: tuple[tuple[date, float], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def chart_of(days: Sequence[date], lines: Sequence[tuple[str, str, Sequence[int | None]]]) -> Chart:
    """Series over the same days, from zero up to the next round number above the largest."""
    largest = max([value for _, _, values in lines for value in values if value is not None], default=0)
    step = _round_step(largest)
    top = step * TICKS
    across = [LEFT + (WIDTH - LEFT - RIGHT) * number / max(1, len(days) - 1) for number in range(len(days))]
    every = max(1, len(days) // LABELS)
    drawn = tuple(_line(name, kind, values, across, top) for name, kind, values in lines)
    ticks = tuple((step * number, _height(step * number, top)) for number in range(TICKS + 1))
    return Chart(drawn, ticks, tuple((day, round(across[number], 1)) for number, day in enumerate(days) if number % every == 0))


def _line(name: str, kind: str, values: Sequence[int | None], across: Sequence[float], top: int) -> Line:
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(across, values, strict=True):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((round(x, 1), _height(value, top)))
    points = tuple(point for piece in pieces for point in piece)
    return Line(name, kind, tuple(" ".join(f"{x},{y}" for x, y in piece) for piece in pieces if len(piece) > 1), points)


def _height(value: int, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)


def _round_step(largest: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … of which ``TICKS`` reach the largest value."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if size * factor * TICKS >= largest:
                return size * factor
        size *= 10
