"""加号: how many, and when they are seen."""

from datetime import UTC, datetime, timedelta

import pytest

from jiuyi.domains.scheduling.rules.extras import extra_limit, extra_window_start
from jiuyi.domains.scheduling.words.extras import ExtraPlaces
from jiuyi.journeys.return_rules import is_covered
from jiuyi.kernel.periods import Period

START = datetime(2026, 3, 3, 0, tzinfo=UTC)  # 08:00
MORNING = Period(START, START + timedelta(hours=4))
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("_case", "capacity", "own", "limit"),
    [
        ("the number is smaller", 40, None, 5),
        ("the share is smaller", 16, None, 4),
        ("exactly the same", 25, None, 5),
        ("a part of a place counts as one", 4, None, 1),
        ("nothing published, nothing added", 0, None, 0),
        ("the session's own limit wins", 40, 8, 8),
        ("also when it is nought", 40, 0, 0),
    ],
)
def test_the_smaller_of_number_and_share(_case, capacity, own, limit):
    assert extra_limit(capacity=capacity, own_limit=own, parameters=ExtraPlaces()) == limit


@pytest.mark.parametrize(
    ("_case", "now", "extras", "urgent", "expected"),
    [
        ("after all windows", -60, [], False, 240),
        ("after the extra before", -60, [240], False, 255),
        ("the doctor is late already", 270, [240], False, 270),
        ("urgent before the session: the first window", -60, [], True, 0),
        ("urgent now: the window that runs", 37, [], True, 30),
        ("urgent at a window's first minute", 45, [], True, 45),
        ("urgent after the end: the last window", 300, [], True, 225),
    ],
)
def test_when_an_extra_patient_is_seen(_case, now, extras, urgent, expected):
    found = extra_window_start(
        session=MORNING,
        minutes=15,
        extras=[Period(START + minute * MINUTE, START + (minute + 15) * MINUTE) for minute in extras],
        urgent=urgent,
        now=START + now * MINUTE,
    )
    assert found == START + expected * MINUTE


def test_nobody_is_asked_to_come_after_midnight():
    evening = Period(START + timedelta(hours=13), START + timedelta(hours=16))  # 21:00–24:00
    found = extra_window_start(session=evening, minutes=15, extras=[], urgent=False, now=START)
    assert found == evening.end - 15 * MINUTE


@pytest.mark.catalogue("C17", part="the third day counts until 24:00")
@pytest.mark.parametrize(
    ("_case", "later", "covered"), [("same day", 0, True), ("third day", 2, True), ("fourth day", 3, False), ("before", -1, False)]
)
def test_one_registration_covers_three_days(_case, later, covered):
    first = START.date()
    assert is_covered(first, first + timedelta(days=later), days=3) is covered
