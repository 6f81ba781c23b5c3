"""What laboratory items and drugs cost in the demo; visit fees stand in the rulebook (rule F3-5)."""

import csv
from datetime import datetime, timedelta
from importlib.resources import files

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing.words import ChargeKind
from jiuyi.domains.encounters.words import OrderKind

_KINDS = {OrderKind.LAB.value: ChargeKind.LAB, OrderKind.DRUG.value: ChargeKind.DRUG}
VALID_SINCE = timedelta(days=400)


def set_prices(now: datetime) -> int:
    """Enter the price that the shipped list of orderables suggests for each, valid for the whole county; returns how many."""
    text = (files("jiuyi.domains.encounters") / "reference" / "orderables.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        billing.add_price(
            code=row["code"],
            name=row["name"],
            kind=_KINDS[row["kind"]],
            unit_price_fen=int(row["unit_price_fen"]),
            valid_from=now - VALID_SINCE,
        )
    return len(rows)
