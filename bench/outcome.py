"""What a benchmark was asked and what it found."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """``quick``: fewer rounds, 45 seconds at most. ``url``: measure what runs there already. ``verify``: compare instead of measuring."""

    quick: bool = False
    url: str | None = None
    verify: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of one run, the reference of the same run, and their ratios. Names end in their unit."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    reference: dict[str, Any] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> str:
        """The contract: ``{"name", "figures", "reference", "ratios"}``."""
        whole = {"name": self.name, "figures": self.figures, "reference": self.reference, "ratios": self.ratios}
        return json.dumps(whole, ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        """A table for the terminal."""
        lines = [self.name]
        for title, values in (("figures", self.figures), ("reference", self.reference), ("ratios", self.ratios)):
            lines.append(f" {title}")
            for name, value in values.items():
                lines += _rows(name, value)
        return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: a value that was really measured; ``share`` from 0 to 1."""
    if not values:
        message = "nothing was measured"
        raise ValueError(message)
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _rows(name: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value and all(isinstance(each, dict) for each in value.values()):
        columns = list(next(iter(value.values())))
        rows = [f"  {name:<26}" + "".join(f"{column:>17}" for column in columns)]
        return rows + [f"    {row:<24}" + "".join(f"{cells.get(column, ''):>17}" for column in columns) for row, cells in value.items()]
    return [f"  {name:<34}{value}"]
