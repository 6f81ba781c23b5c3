"""Who is offered a given-up place: in order, in time, within the hours, together; and the table of states."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules.waiting import (
    MOVES,
    FreeWindow,
    NextOffer,
    Waiter,
    answer_until,
    missed,
    next_entries,
    next_state,
    suits,
    waits_alone,
)
from jiuyi.domains.scheduling.words import HalfDay, Party, Reach, WaitingAct, WaitingState, WaitingTerms

DOCUMENT = Path(__file__).parents[3] / "docs" / "states" / "waiting.md"
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # Monday 09:00 in Shanghai
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TUESDAY = date(2026, 3, 3)
START = datetime(2026, 3, 3, 1, tzinfo=UTC)
TERMS = WaitingTerms()
DOCTOR, OTHER_DOCTOR = UUID(int=1001), UUID(int=1002)
FAMILY = UUID(int=77)


def waiter(number: int, **changes) -> Waiter:
    facts = {
        "entry_id": UUID(int=number),
        "joined_at": NOW - HOUR + number * MINUTE,
        "practitioner_id": None,
        "first_day": TUESDAY,
        "last_day": TUESDAY + timedelta(days=3),
        "half_days": frozenset(),
        "travel_minutes": 60,
    }
    return Waiter(**(facts | changes))


def window(number: int = 500, *, start: datetime = START, count: int = 1, **changes) -> FreeWindow:
    facts = {
        "session_id": UUID(int=number),
        "practitioner_id": DOCTOR,
        "day": start.date(),
        "half_day": HalfDay.MORNING,
        "start": start,
        "count": count,
    }
    return FreeWindow(**(facts | changes))


def turns(waiters, windows, now=NOW, terms=TERMS) -> list[tuple[int, int]]:
    return [(offer.entry_id.int, offer.session_id.int) for offer in next_entries(waiters, windows, now=now, terms=terms)]


# Docs and rule.


def rows_of_document() -> dict[WaitingState, dict[WaitingAct, str]]:
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    acts = [WaitingAct(cell.strip("`")) for cell in table[0][1:]]
    return {WaitingState(row[0].split()[0].strip("`")): dict(zip(acts, row[1:], strict=True)) for row in table[2:]}


@pytest.mark.parametrize("state", WaitingState)
@pytest.mark.parametrize("act", WaitingAct)
def test_the_document_and_the_rule_say_the_same(state, act):
    move = MOVES[state].get(act)
    said = "—" if move is None else f"{move[0].value}: {', '.join(sorted(party.value for party in move[1]))}"
    assert rows_of_document()[state][act] == said


@pytest.mark.parametrize("state", WaitingState)
@pytest.mark.parametrize("act", WaitingAct)
@pytest.mark.parametrize("party", Party)
def test_only_what_the_table_allows_is_possible(state, act, party):
    move = MOVES[state].get(act)
    assert next_state(state, act, party) is (move[0] if move and party in move[1] else None)


# One decision after the other.


def test_who_joined_first_takes_the_earliest_place():
    later = window(501, start=START + HOUR)
    assert turns([waiter(2), waiter(1)], [later, window()]) == [(1, 500), (2, 501)]


def test_the_third_of_two_places_gets_nothing():
    assert turns([waiter(1), waiter(2), waiter(3)], [window(count=2)]) == [(1, 500), (2, 500)]


@pytest.mark.parametrize(
    ("_case", "changes", "is_offered"),
    [
        ("the last day counts", {"first_day": TUESDAY, "last_day": TUESDAY}, True),
        ("the day before the first", {"first_day": TUESDAY + timedelta(days=1)}, False),
        ("the day after the last", {"first_day": TUESDAY - timedelta(days=2), "last_day": TUESDAY - timedelta(days=1)}, False),
        ("the wanted doctor", {"practitioner_id": DOCTOR}, True),
        ("another doctor", {"practitioner_id": OTHER_DOCTOR}, False),
        ("the wanted half-day", {"half_days": frozenset({HalfDay.MORNING})}, True),
        ("another half-day", {"half_days": frozenset({HalfDay.AFTERNOON})}, False),
        ("a limit bars the session", {"barred": frozenset({UUID(int=500)})}, False),
        ("another session is barred", {"barred": frozenset({UUID(int=501)})}, True),
        ("this window was let go before", {"answered": frozenset({(UUID(int=500), START)})}, False),
        ("another window was let go before", {"answered": frozenset({(UUID(int=500), START + HOUR)})}, True),
    ],
)
def test_a_place_is_offered_only_where_it_suits(_case, changes, is_offered):
    assert bool(turns([waiter(1, **changes)], [window()])) is is_offered


@pytest.mark.parametrize(
    ("_case", "minutes_before", "is_offered"),
    [
        ("there exactly ten minutes before", 70, True),
        ("a minute too late", 69, False),
        ("the window has begun", -1, False),
        ("a day before", 24 * 60, True),
    ],
)
def test_nobody_is_offered_what_they_cannot_reach(_case, minutes_before, is_offered):
    soon = window(start=NOW + minutes_before * MINUTE, day=NOW.date())
    someone = waiter(1, first_day=NOW.date(), last_day=NOW.date() + timedelta(days=2))
    late = window(start=NOW + minutes_before * MINUTE, day=NOW.date() + timedelta(days=minutes_before // 1440))
    assert bool(turns([someone], [soon if minutes_before < 1440 else late])) is is_offered


def test_whoever_lives_near_takes_what_the_first_cannot_reach_and_the_first_keeps_the_turn():
    soon = window(start=NOW + 40 * MINUTE, day=NOW.date())
    far, near = (waiter(n, first_day=NOW.date(), travel_minutes=m) for n, m in ((1, 120), (2, 20)))
    assert turns([far, near], [soon]) == [(2, 500)]
    assert turns([far, near], [soon, window(501)]) == [(1, 501), (2, 500)]


@pytest.mark.parametrize(
    ("_case", "hour", "minute", "is_offered"),
    [("before eight", 7, 59, False), ("at eight", 8, 0, True), ("just before nine", 20, 59, True), ("at nine", 21, 0, False)],
)
def test_offers_are_made_by_day_and_the_order_stays(_case, hour, minute, is_offered):
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)
    two = [waiter(2, joined_at=NOW - timedelta(days=1)), waiter(1, joined_at=NOW - timedelta(days=2))]
    assert turns(two, [window()], now=moment) == ([(1, 500)] if is_offered else [])


def family(**changes) -> list[Waiter]:
    return [waiter(number, joined_at=NOW - HOUR, family_group=FAMILY, **changes) for number in (1, 2)]


def test_a_family_is_offered_places_of_one_half_day_together():
    afternoon = [window(501, start=START + 6 * HOUR, half_day=HalfDay.AFTERNOON, count=2)]
    assert turns([*family(), waiter(3)], [window(), *afternoon]) == [(1, 501), (2, 501), (3, 500)]


def test_a_family_lets_a_single_place_go_to_the_next_for_a_day():
    assert turns([*family(), waiter(3)], [window()]) == [(3, 500)]


def test_a_family_is_not_blocked_for_ever():
    later = NOW - HOUR + timedelta(hours=TERMS.together_hours)
    assert not waits_alone(family()[0], now=later - MINUTE, terms=TERMS)
    far = window(start=START + timedelta(days=1), day=TUESDAY + timedelta(days=1))
    assert turns([*family(), waiter(3)], [far], now=later) == [(1, 500)]


@pytest.mark.parametrize(
    ("_case", "before", "travel", "reach", "minutes"),
    [
        ("half an hour on the phone", 24 * 60, 60, Reach.TEXT, 30),
        ("longer for who is called", 24 * 60, 60, Reach.CALL_LIST, 90),
        ("never past the moment to leave home", 90, 60, Reach.TEXT, 20),
        ("the least", 70, 60, Reach.TEXT, 5),
    ],
)
def test_how_long_an_offer_waits(_case, before, travel, reach, minutes):
    start = NOW + before * MINUTE
    assert answer_until(now=NOW, window_start=start, travel_minutes=travel, reach=reach, terms=TERMS) == NOW + minutes * MINUTE


@pytest.mark.parametrize(("_case", "count", "act"), [("once", 1, WaitingAct.MISS), ("twice", 2, WaitingAct.MISS_LAST)])
def test_the_second_offer_missed_is_the_last(_case, count, act):
    assert missed(count, TERMS) is act


# What always holds.

WAITERS = st.lists(
    st.builds(
        lambda joined, doctor, first, length, halves, travel, group, barred: {
            "joined_at": NOW - joined * HOUR,
            "practitioner_id": doctor,
            "first_day": TUESDAY + timedelta(days=first),
            "last_day": TUESDAY + timedelta(days=first + length),
            "half_days": frozenset(halves),
            "travel_minutes": travel,
            "family_group": group,
            "barred": frozenset(UUID(int=500 + each) for each in barred),
        },
        st.integers(0, 48),
        st.sampled_from([None, None, DOCTOR, OTHER_DOCTOR]),
        st.integers(-1, 2),
        st.integers(0, 2),
        st.sets(st.sampled_from([HalfDay.MORNING, HalfDay.AFTERNOON])),
        st.sampled_from([10, 60, 240]),
        st.sampled_from([None, None, None, FAMILY, UUID(int=78)]),
        st.sets(st.integers(0, 7), max_size=3),
    ),
    max_size=8,
).map(lambda rows: [waiter(number, **row) for number, row in enumerate(rows, start=1)])
WINDOWS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([1, 3, 7]), st.sampled_from([DOCTOR, OTHER_DOCTOR]), st.integers(1, 3)), max_size=6
).map(
    lambda rows: [
        window(
            500 + number,
            start=START + timedelta(days=day, hours=hours - 1),
            day=TUESDAY + timedelta(days=day),
            half_day=HalfDay.AFTERNOON if hours > 4 else HalfDay.MORNING,
            practitioner_id=doctor,
            count=count,
        )
        for number, (day, hours, doctor, count) in enumerate(rows)
    ]
)
MOMENTS = st.integers(0, 60).map(lambda hours: NOW + timedelta(hours=hours))


@given(waiters=WAITERS, windows=WINDOWS, now=MOMENTS)
def test_every_offer_suits_and_no_place_is_offered_twice(waiters, windows, now):
    offers = next_entries(waiters, windows, now=now, terms=TERMS)
    by_id, by_key = {each.entry_id: each for each in waiters}, {(each.session_id, each.start): each for each in windows}
    assert len({offer.entry_id for offer in offers}) == len(offers)
    for offer in offers:
        assert suits(by_id[offer.entry_id], by_key[offer.session_id, offer.window_start], now=now, terms=TERMS)
    for key, place in by_key.items():
        assert sum((offer.session_id, offer.window_start) == key for offer in offers) <= place.count


@pytest.mark.catalogue("C4", part="the waiting list serves in order of joining: nobody overtakes who could have taken the place")
@given(waiters=WAITERS, windows=WINDOWS, now=MOMENTS)
def test_nobody_overtakes_who_could_have_taken_the_place(waiters, windows, now):
    offers: list[NextOffer] = next_entries(waiters, windows, now=now, terms=TERMS)
    by_id, by_key = {each.entry_id: each for each in waiters}, {(each.session_id, each.start): each for each in windows}
    served = {offer.entry_id for offer in offers}
    families: dict[UUID, int] = {}
    for each in waiters:
        if each.family_group:
            families[each.family_group] = families.get(each.family_group, 0) + 1
    for offer in offers:
        place, lucky = by_key[offer.session_id, offer.window_start], by_id[offer.entry_id]
        for other in waiters:
            in_company = families.get(other.family_group, 0) > 1 and not waits_alone(other, now=now, terms=TERMS)
            taken_with_family = lucky.family_group is not None and families[lucky.family_group] > 1
            if other.entry_id in served or in_company or taken_with_family:
                continue
            if (other.joined_at, other.entry_id) < (lucky.joined_at, lucky.entry_id):
                assert not suits(other, place, now=now, terms=TERMS)
