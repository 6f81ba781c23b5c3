"""What can be ordered and what it costs; visit fees stand in the rulebook (rule F3-5)."""

import csv
from functools import cache
from importlib.resources import files

from jiuyi.domains.billing.words import ChargeKind
from jiuyi.domains.encounters.words import OrderKind
from jiuyi.scenarios.county.world import Orderable, Price

_CHARGE_KINDS = {OrderKind.LAB: ChargeKind.LAB, OrderKind.DRUG: ChargeKind.DRUG}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (files("jiuyi.scenarios") / "data" / "orderables.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def orderables() -> tuple[Orderable, ...]:
    """Lab items and drugs of the demo."""
    return tuple(
        Orderable(
            code=row["code"],
            kind=OrderKind(row["kind"]),
            name=row["name"],
            substance_codes=tuple(row["substances"].split()),
            specification=row["specification"],
            unit=row["unit"],
        )
        for row in _rows()
    )


def prices() -> tuple[Price, ...]:
    """One price for each of them."""
    return tuple(
        Price(code=row["code"], name=row["name"], kind=_CHARGE_KINDS[OrderKind(row["kind"])], unit_price_fen=int(row["price_fen"]))
        for row in _rows()
    )
