"""docs/states/payment.md is the rule, read by people; here the two are compared cell by cell."""

from pathlib import Path

import pytest

from jiuyi.domains.billing import rules
from jiuyi.domains.billing.words import ChargeAct, ChargeStatus, PaymentAct, PaymentStatus, RefundAct, RefundStatus

DOCUMENT = Path(__file__).parents[3] / "docs" / "states" / "payment.md"
TABLES = {
    "charge": (rules.CHARGE_MOVES, ChargeStatus, ChargeAct),
    "payment": (rules.PAYMENT_MOVES, PaymentStatus, PaymentAct),
    "refund": (rules.REFUND_MOVES, RefundStatus, RefundAct),
}


def table_of(title: str) -> list[list[str]]:
    section = DOCUMENT.read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("title", TABLES)
def test_the_document_and_the_rule_say_the_same(title):
    moves, states, acts = TABLES[title]
    table = table_of(title)
    assert [cell.strip("`") for cell in table[0][1:]] == [act.value for act in acts]
    shown = {row[0].split()[0].strip("`"): row[1:] for row in table[2:]}
    assert shown == {state.value: [moves[state][act].value if act in moves[state] else "—" for act in acts] for state in states}


def test_the_functions_read_the_tables():
    assert rules.next_charge_status(ChargeStatus.UNPAID, ChargeAct.REFUND) is None
    assert rules.next_payment_status(PaymentStatus.CLOSED, PaymentAct.SETTLE) is PaymentStatus.SETTLED
    assert rules.next_refund_status(RefundStatus.DONE, RefundAct.COMPLETE) is None
