"""docs/states/appointment.md is the rule, read by people; here the two are compared cell by cell."""

from pathlib import Path

import pytest

from jiuyi.domains.scheduling.rules import MOVES, next_status
from jiuyi.domains.scheduling.words import OCCUPYING, OPEN_STATES, AppointmentAct, AppointmentStatus, Party

DOCUMENT = Path(__file__).parents[3] / "docs" / "states" / "appointment.md"


def rows_of_document() -> dict[AppointmentStatus, dict[AppointmentAct, str]]:
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    acts = [AppointmentAct(cell.strip("`")) for cell in table[0][1:]]
    return {AppointmentStatus(row[0].split()[0].strip("`")): dict(zip(acts, row[1:], strict=True)) for row in table[2:]}


def cell(status: AppointmentStatus, act: AppointmentAct) -> str:
    move = MOVES[status].get(act)
    if move is None:
        return "—"
    return f"{move[0].value}: {', '.join(sorted(party.value for party in move[1]))}"


def test_the_document_shows_every_state_and_every_act():
    rows = rows_of_document()
    assert set(rows) == set(AppointmentStatus) == set(MOVES)
    assert all(set(row) == set(AppointmentAct) for row in rows.values())


@pytest.mark.parametrize("status", AppointmentStatus)
@pytest.mark.parametrize("act", AppointmentAct)
def test_the_document_and_the_rule_say_the_same(status, act):
    assert rows_of_document()[status][act] == cell(status, act)


@pytest.mark.parametrize("status", AppointmentStatus)
@pytest.mark.parametrize("act", AppointmentAct)
@pytest.mark.parametrize("party", Party)
def test_only_what_the_table_allows_is_possible(status, act, party):
    move = MOVES[status].get(act)
    expected = move[0] if move and party in move[1] else None
    assert next_status(status, act, party) is expected


def test_what_is_over_stays_over():
    assert MOVES[AppointmentStatus.CANCELLED] == MOVES[AppointmentStatus.EXPIRED] == {}


def test_a_place_is_occupied_in_every_state_that_is_not_given_up():
    assert set(AppointmentStatus) - set(OCCUPYING) == {AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED}
    assert set(OPEN_STATES) < set(OCCUPYING)
