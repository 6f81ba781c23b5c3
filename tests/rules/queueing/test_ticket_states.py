"""The table in the document is the table in the rule."""

from itertools import product
from pathlib import Path

import pytest

from jiuyi.domains.queueing.rules import STATE_TABLE, next_status
from jiuyi.domains.queueing.words import Party, TicketAct, TicketStatus

DOCUMENT = Path(__file__).parents[3] / "docs" / "states" / "ticket.md"


def documented():
    table = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] in set(TicketStatus):
            who = frozenset(Party(party.strip()) for party in cells[3].split(","))
            table[TicketStatus(cells[0]), TicketAct(cells[1])] = (TicketStatus(cells[2]), who)
    return table


def test_the_document_is_the_rule():
    assert documented() == STATE_TABLE


@pytest.mark.parametrize(("status", "act", "by"), list(product(TicketStatus, TicketAct, Party)))
def test_every_other_act_is_refused(status, act, by):
    row = STATE_TABLE.get((status, act))
    expected = row[0] if row and by in row[1] else None
    assert next_status(status, act, by) == expected


@pytest.mark.parametrize("final", [TicketStatus.DONE, TicketStatus.LEFT])
def test_final_states_have_no_way_out(final):
    assert not [key for key in STATE_TABLE if key[0] is final]


def test_every_state_can_be_reached():
    assert {TicketStatus.WAITING} | {to for to, _ in STATE_TABLE.values()} == set(TicketStatus)
