"""Who is called next and why: rules AP-15 and AP-20 as corrected in §21."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.queueing.rules import (
    Turns,
    WaitingTicket,
    calls_still_due,
    is_passed_over,
    order_of_calling,
    ticket_label,
    turns_of,
)
from jiuyi.domains.queueing.words import CallingParameters, Place, TicketCategory

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Shanghai
NOW = NINE + timedelta(minutes=40)
PARAMS = CallingParameters()
BOOKED, WALK_IN, RETURNED, PRIORITY, ACUTE = TicketCategory


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def ticket(
    number: int,
    category: TicketCategory = BOOKED,
    *,
    came: int = 0,
    window: int | None = None,
    late: bool = False,
    due: int | None = None,
    busy: bool = False,
) -> WaitingTicket:
    return WaitingTicket(
        id=UUID(int=number),
        number=number,
        category=category,
        checked_in_at=at(came),
        window_start=None if window is None else at(window),
        late=late,
        calls_due=due,
        busy=busy,
    )


def numbers(tickets: list[WaitingTicket], recent: list[TicketCategory] | None = None, now: datetime = NOW) -> list[int]:
    return [p.ticket_id.int for p in order_of_calling(tickets, now, PARAMS, recent or [])]


@pytest.mark.parametrize(
    ("_case", "tickets", "expected"),
    [
        ("acute before everybody", [ticket(1, window=0), ticket(2, ACUTE, came=39)], [2, 1]),
        ("two acute by check-in", [ticket(1, ACUTE, came=5), ticket(2, ACUTE, came=4)], [2, 1]),
        ("an earlier window before an earlier check-in", [ticket(1, came=-20, window=15), ticket(2, came=5, window=0)], [2, 1]),
        ("inside one window by check-in", [ticket(1, came=3, window=0), ticket(2, came=2, window=0)], [2, 1]),
        ("same minute: by number", [ticket(2, came=3, window=0), ticket(1, came=3, window=0)], [1, 2]),
        ("a doctor who runs late calls earlier windows first", [ticket(1, came=14, window=15), ticket(2, came=-1, window=0)], [2, 1]),
        ("a walk-in stands at its check-in", [ticket(1, WALK_IN, came=7), ticket(2, window=0), ticket(3, window=15)], [2, 1, 3]),
        ("late after the on-time", [ticket(1, came=35, window=0, late=True), ticket(2, came=38, window=30)], [2, 1]),
        ("two late by actual check-in", [ticket(1, came=36, window=0, late=True), ticket(2, came=35, window=15, late=True)], [2, 1]),
        ("late 29 minutes ago: still after", [ticket(1, came=11, window=-30, late=True), ticket(2, window=30)], [2, 1]),
        ("late 30 minutes ago: stands at its check-in", [ticket(1, came=10, window=-30, late=True), ticket(2, window=30)], [1, 2]),
        ("aged does not pass an earlier window", [ticket(1, came=10, window=-30, late=True), ticket(2, window=0)], [2, 1]),
    ],
)
def test_lanes(_case, tickets, expected):
    assert numbers(tickets) == expected
    assert numbers(list(reversed(tickets))) == expected


def main_line(count: int, first: int = 1) -> list[WaitingTicket]:
    return [ticket(n, window=n) for n in range(first, first + count)]


@pytest.mark.parametrize(
    ("_case", "tickets", "recent", "expected"),
    [
        (
            "every third call is a returnee",
            [*main_line(5), ticket(91, RETURNED), ticket(92, RETURNED, came=1)],
            [],
            [1, 2, 91, 3, 4, 92, 5],
        ),
        ("two calls made before: the returnee is next", [*main_line(2), ticket(91, RETURNED)], [BOOKED, BOOKED], [91, 1, 2]),
        ("a returnee was just called", [*main_line(3), ticket(91, RETURNED)], [RETURNED], [1, 2, 91, 3]),
        ("nobody else: the returnee at once", [ticket(91, RETURNED)], [RETURNED], [91]),
        ("priority first on a new day", [*main_line(2), ticket(81, PRIORITY)], [], [81, 1, 2]),
        (
            "priority at most every third call",
            [*main_line(4), *(ticket(80 + n, PRIORITY, came=n) for n in (1, 2))],
            [],
            [81, 1, 2, 82, 3, 4],
        ),
        ("priority was just called", [*main_line(3), ticket(81, PRIORITY)], [PRIORITY], [1, 2, 81, 3]),
        (
            "all three lanes share",
            [*main_line(3), ticket(81, PRIORITY), ticket(82, PRIORITY, came=1), ticket(91, RETURNED)],
            [],
            [81, 1, 91, 82, 2, 3],
        ),
        ("an acute call counts for no lane", [*main_line(3), ticket(91, RETURNED)], [BOOKED, ACUTE], [1, 91, 2, 3]),
        ("only priority left", [ticket(81, PRIORITY), ticket(82, PRIORITY, came=1)], [PRIORITY], [81, 82]),
        ("passed over: after three calls", [*main_line(5), ticket(71, due=3)], [], [1, 2, 3, 71, 4, 5]),
        ("passed over, two calls made since", [*main_line(3), ticket(71, due=1)], [BOOKED, BOOKED], [1, 71, 2, 3]),
        ("its turn now", [*main_line(2), ticket(71, due=0)], [BOOKED], [71, 1, 2]),
        ("nobody else waits: called again at once", [ticket(71, due=3)], [], [71]),
        ("an acute who did not answer is still acute", [*main_line(1), ticket(71, ACUTE, due=3)], [], [71, 1]),
        ("held elsewhere keeps the position", [ticket(1, window=0, busy=True), ticket(2, window=15)], [], [1, 2]),
    ],
)
def test_turns(_case, tickets, recent, expected):
    assert numbers(tickets, recent) == expected


def test_each_position_says_why():
    tickets = [
        ticket(1, ACUTE),
        ticket(2, PRIORITY),
        ticket(3, window=0),
        ticket(4, WALK_IN, came=5),
        ticket(5, RETURNED),
        ticket(6, came=39, window=0, late=True),
        ticket(7, came=2, window=-60, late=True),
        ticket(8, due=4),
    ]
    reasons = {p.ticket_id.int: p.place for p in order_of_calling(tickets, NOW, PARAMS)}
    assert reasons == {
        1: Place.ACUTE,
        2: Place.PRIORITY_TURN,
        3: Place.ON_TIME,
        4: Place.WALK_IN,
        5: Place.RETURNED_TURN,
        6: Place.LATE,
        7: Place.AGED,
        8: Place.REINSERTED,
    }


def test_the_cited_fact_decides():
    on_time = ticket(1, came=38, window=0)
    late = ticket(1, came=38, window=0, late=True)
    other = ticket(2, came=39, window=30)
    assert numbers([on_time, other]) == [1, 2]
    assert numbers([late, other]) == [2, 1]


waiting_tickets = st.lists(
    st.builds(
        lambda category, came, window, late, due: (category, came, window, late, due),
        st.sampled_from(TicketCategory),
        st.integers(-60, 39),
        st.none() | st.integers(-60, 60),
        st.booleans(),
        st.none() | st.integers(0, 6),
    ),
    max_size=30,
).map(lambda rows: [ticket(n, c, came=came, window=w, late=late, due=due) for n, (c, came, w, late, due) in enumerate(rows, start=1)])


@given(waiting_tickets, st.lists(st.sampled_from(TicketCategory), max_size=6), st.randoms())
def test_nobody_is_lost_or_doubled_and_arrival_in_the_list_does_not_matter(tickets, recent, random):
    order = numbers(tickets, recent)
    assert sorted(order) == [t.number for t in tickets]
    random.shuffle(tickets)
    assert numbers(tickets, recent) == order


@given(waiting_tickets)
def test_acute_stand_before_everybody(tickets):
    acute = {t.number for t in tickets if t.category is ACUTE}
    assert set(numbers(tickets)[: len(acute)]) == acute


@given(waiting_tickets)
def test_the_privileged_lanes_never_crowd_out_the_others(tickets):
    """While ordinary people wait, two priority calls have at least two other calls between them; returnees likewise."""
    by_number = {t.number: t for t in tickets}
    order = [by_number[n] for n in numbers(tickets) if by_number[n].category is not ACUTE]
    fresh_main = [i for i, t in enumerate(order) if t.category in {BOOKED, WALK_IN} and t.calls_due is None]
    while_others_wait = order[: max(fresh_main, default=-1) + 1]
    for lane in (PRIORITY, RETURNED):
        called = [i for i, t in enumerate(while_others_wait) if t.category is lane and t.calls_due is None]
        assert all(second - first >= 3 for first, second in pairwise(called))


def test_counters_start_so_that_priority_is_due_and_returnees_are_not():
    assert turns_of([], PARAMS) == Turns(since_returned=0, since_priority=3)
    assert turns_of([PRIORITY, BOOKED, ACUTE, RETURNED], PARAMS) == Turns(since_returned=0, since_priority=2)


@pytest.mark.parametrize(
    ("_case", "calls", "minutes", "passed"),
    [
        ("three calls in five minutes", 3, 5, True),
        ("three calls in less", 3, 4.99, False),
        ("two calls in an hour", 2, 60, False),
        ("four calls in ten minutes", 4, 10, True),
        ("one call just now", 1, 0, False),
    ],
)
def test_when_an_unanswered_call_becomes_a_pass(_case, calls, minutes, passed):
    assert is_passed_over(calls, NOW - timedelta(minutes=minutes), NOW, PARAMS) is passed


@pytest.mark.parametrize(("put_back", "since", "due"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 9, 0), (1, 0, 1)])
def test_calls_still_due(put_back, since, due):
    assert calls_still_due(put_back, since) == due


@pytest.mark.parametrize(("number", "label"), [(1, "A001"), (17, "A017"), (999, "A999"), (1000, "A1000")])
def test_labels(number, label):
    assert ticket_label("A", number) == label
