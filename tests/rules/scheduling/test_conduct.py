"""Absences and what follows: the boundaries of the packs, who is only told, and the tables of appeal and suspension."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules import conduct
from jiuyi.domains.scheduling.rules.conduct import APPEAL_MOVES, SUSPENSION_MOVES, Strike
from jiuyi.domains.scheduling.words import AbsencePenalty, AppealState, Excuse, SuspensionState
from jiuyi.domains.scheduling.words.conduct import AppealAct, SuspensionAct

STATES = Path(__file__).parents[3] / "docs" / "states"
P1 = AbsencePenalty()
P2 = AbsencePenalty(window_days=365, closed_days=30)
P3 = AbsencePenalty(window_days=180, closed_days=180)
P4 = AbsencePenalty(cancellations=3)


def strikes(*days: str) -> list[Strike]:
    return [Strike(date.fromisoformat(day), UUID(int=number)) for number, day in enumerate(days, start=1)]


@pytest.mark.catalogue("C4", part="three absences in 90 days close the remote doors for 90 days, counted half-open on the visit date")
@pytest.mark.parametrize(
    ("_case", "pack", "days", "closed"),
    [
        ("the third on the 91st day is not within 90", P1, ("2026-01-05", "2026-02-10", "2026-04-05"), None),
        ("the third on the 90th day is", P1, ("2026-01-05", "2026-02-10", "2026-04-04"), ("2026-04-04", "2026-07-03")),
        ("all on one day", P1, ("2026-01-05",) * 3, ("2026-01-05", "2026-04-05")),
        ("two are not three", P1, ("2026-01-05", "2026-01-06"), None),
        ("an old one does not help", P1, ("2025-01-05", "2026-01-05", "2026-01-06"), None),
        ("nor does it hinder", P1, ("2025-01-05", "2026-01-05", "2026-01-06", "2026-01-07"), ("2026-01-07", "2026-04-07")),
        ("nobody missed anything", P1, (), None),
        ("P2: 3 in a year, 30 days", P2, ("2026-01-05", "2026-06-01", "2027-01-04"), ("2027-01-04", "2027-02-03")),
        ("P2: a day more than a year", P2, ("2026-01-05", "2026-06-01", "2027-01-05"), None),
        ("P3: 3 in half a year, half a year", P3, ("2026-01-05", "2026-02-01", "2026-07-03"), ("2026-07-03", "2026-12-30")),
    ],
)
def test_absences_close_the_remote_doors(_case, pack, days, closed):
    found = conduct.suspension_of(reversed(strikes(*days)), parameters=pack)
    if closed is None:
        assert found is None
    else:
        assert (found.from_day.isoformat(), found.until_day.isoformat()) == closed
        assert found.appointment_ids == tuple(strike.appointment_id for strike in strikes(*days)[-3:])


def test_only_a_pack_that_counts_cancellations_counts_them():
    given_up = strikes("2026-01-05", "2026-01-20", "2026-02-03")
    assert conduct.closure_by_cancellations(given_up, parameters=P1) is None
    assert conduct.closure_by_cancellations(given_up, parameters=P4).until_day == date(2026, 3, 5)
    assert conduct.closure_by_cancellations(strikes("2026-01-05", "2026-01-20", "2026-02-04"), parameters=P4) is None


@given(st.lists(st.integers(0, 400), max_size=12))
def test_an_absence_less_never_closes_more(days):
    missed = [Strike(date(2026, 1, 1) + timedelta(days=day), UUID(int=number)) for number, day in enumerate(days)]
    if conduct.suspension_of(missed, parameters=P1) is None:
        last = max(missed, default=None)
        for gone in missed:
            if gone != last:
                assert conduct.suspension_of([each for each in missed if each != gone], parameters=P1) is None


@pytest.mark.parametrize(
    ("_case", "age", "warned"), [("17", 17, True), ("18", 18, False), ("69", 69, False), ("70", 70, True), ("unknown", None, False)]
)
def test_the_old_and_minors_are_only_told(_case, age, warned):
    assert conduct.is_warned_only(age, parameters=P1) is warned


DAY = date(2026, 3, 4)
NOTHING = {"stopped": False, "delayed": False, "deceased_on": None, "emergency_visit": False, "clinical_visit": False}


@pytest.mark.catalogue("C4", part="stopped, delayed, emergency, seen elsewhere that day, deceased: none of these is an absence")
@pytest.mark.parametrize(
    ("_case", "facts", "excuse"),
    [
        ("nothing", {}, None),
        ("the doctor's session was stopped", {"stopped": True}, Excuse.STOPPED),
        ("the doctor was late", {"delayed": True}, Excuse.HOSPITAL_DELAY),
        ("in the emergency room that day", {"emergency_visit": True, "clinical_visit": True}, Excuse.ADMITTED),
        ("seen by anybody that day", {"clinical_visit": True}, Excuse.ATTENDED),
        ("died that day", {"deceased_on": DAY}, Excuse.DECEASED),
        ("died later", {"deceased_on": DAY + timedelta(days=1)}, None),
    ],
)
def test_absences_that_do_not_count(_case, facts, excuse):
    assert conduct.excuse_of(day=DAY, **(NOTHING | facts)) is excuse


BOOKED = datetime(2026, 3, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "minutes", "cancelled_day", "same_day_only", "counts"),
    [
        ("within half an hour of booking", 30, DAY, False, False),
        ("a minute later", 31, DAY, False, True),
        ("on another day, where only the same day counts", 31, DAY - timedelta(days=1), True, False),
        ("on the day itself", 31, DAY, True, True),
    ],
)
def test_which_cancellations_count(_case, minutes, cancelled_day, same_day_only, counts):
    answer = conduct.is_counted_cancellation(
        cancelled_at=BOOKED + timedelta(minutes=minutes),
        booked_at=BOOKED,
        day=DAY,
        cancelled_day=cancelled_day,
        regret_minutes=30,
        same_day_only=same_day_only,
    )
    assert answer is counts


def test_how_many_count_today():
    missed = strikes("2026-01-05", "2026-02-10")
    assert conduct.counted_now(missed, today=date(2026, 4, 4), parameters=P1) == 2
    assert conduct.counted_now(missed, today=date(2026, 4, 5), parameters=P1) == 1


def cells(document: str) -> dict[str, dict[str, str]]:
    lines = [line for line in (STATES / document).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    acts = [cell.strip("`") for cell in table[0][1:]]
    return {row[0].split()[0].strip("`"): dict(zip(acts, row[1:], strict=True)) for row in table[2:]}


@pytest.mark.parametrize(
    ("document", "moves", "states", "acts"),
    [("appeal.md", APPEAL_MOVES, AppealState, AppealAct), ("suspension.md", SUSPENSION_MOVES, SuspensionState, SuspensionAct)],
)
def test_the_documents_and_the_rules_say_the_same(document, moves, states, acts):
    expected = {
        state.value: {
            act.value: f"{moves[state][act][0].value}: {', '.join(sorted(party.value for party in moves[state][act][1]))}"
            if act in moves[state]
            else "—"
            for act in acts
        }
        for state in states
    }
    assert cells(document) == expected
