"""Changes of the day: who must know by when, how long one may choose, how far a session shifts, whom that makes collide."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.organizations.words import PractitionerTitle
from jiuyi.domains.scheduling.rules import changes as rules
from jiuyi.domains.scheduling.rules.changes import OtherVisit
from jiuyi.domains.scheduling.words import ChangeChoice, ChangeKind, NumberClass, TellingChanges
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.periods import Period

PARAMS = TellingChanges()
NINE = datetime(2026, 3, 3, 1, tzinfo=UTC)  # 09:00 here
MINUTE = timedelta(minutes=1)
HERE, THERE = new_id(), new_id()


@pytest.mark.parametrize(
    ("_case", "ahead", "minutes"),
    [
        ("planned by a minute more", timedelta(hours=24, minutes=1), 720),
        ("exactly the planned notice is planned", timedelta(hours=24), 720),
        ("a minute less is sudden", timedelta(hours=24) - MINUTE, 20),
        ("after the window has begun", -MINUTE, 20),
    ],
)
def test_whoever_is_not_known_to_know_is_rung(_case, ahead, minutes):
    due = rules.call_due_at(decided_at=NINE - ahead, window_start=NINE, parameters=PARAMS)
    assert due == NINE - ahead + minutes * MINUTE


@pytest.mark.parametrize(
    ("_case", "ahead", "expected"),
    [
        ("two days at most", timedelta(days=5), timedelta(days=-3)),
        ("not beyond the visit itself", timedelta(hours=20), timedelta()),
        ("two hours at least", timedelta(hours=1), timedelta(hours=1)),
    ],
)
def test_how_long_one_may_choose(_case, ahead, expected):
    assert rules.choose_until(decided_at=NINE - ahead, window_start=NINE, parameters=PARAMS) == NINE + expected


def test_silence_pays_a_stopped_session_back_and_keeps_everything_else():
    assert {kind: rules.default_choice(kind) for kind in ChangeKind} == {
        ChangeKind.STOP: ChangeChoice.REFUND,
        ChangeKind.SUBSTITUTE: ChangeChoice.KEEP,
        ChangeKind.DELAY: ChangeChoice.KEEP,
        ChangeKind.ROOM: ChangeChoice.KEEP,
    }


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_the_default_is_a_choice_that_is_offered(kind):
    assert rules.default_choice(kind) in rules.choices_of(kind)


@pytest.mark.parametrize(
    ("_case", "title", "number_class", "expected"),
    [
        ("the same rank", PractitionerTitle.CHIEF, NumberClass.CHIEF, True),
        ("a higher rank for the lower fee", PractitionerTitle.CHIEF, NumberClass.ASSOCIATE_CHIEF, True),
        ("a lower rank", PractitionerTitle.ASSOCIATE_CHIEF, NumberClass.CHIEF, False),
        ("anybody for an ordinary number", PractitionerTitle.ATTENDING, NumberClass.ORDINARY, True),
        ("an attending for an expert's number", PractitionerTitle.ATTENDING, NumberClass.ASSOCIATE_CHIEF, False),
    ],
)
def test_who_may_substitute(_case, title, number_class, expected):
    assert rules.may_substitute(title, number_class) is expected


@pytest.mark.parametrize(
    ("_case", "ends", "minutes", "was_away", "expected"),
    [
        ("four minutes are no delay", NINE, 4, False, False),
        ("five are", NINE, 5, False, True),
        ("back at once", NINE, 0, True, True),
        ("nothing at all", NINE, 0, False, False),
        ("the longest", NINE, 240, False, True),
        ("longer than the longest", NINE, 241, False, False),
        ("until 24:00 itself", datetime(2026, 3, 3, 15, 30, tzinfo=UTC), 30, False, True),
        ("a minute past midnight", datetime(2026, 3, 3, 15, 30, tzinfo=UTC), 31, False, False),
    ],
)
def test_how_far_a_session_may_shift(_case, ends, minutes, was_away, expected):
    assert rules.delay_fits(ends_at=ends, minutes=minutes, was_away=was_away, parameters=PARAMS) is expected


def visit(start: datetime, *, minutes: int = 15, at: UUID = HERE) -> OtherVisit:
    return OtherVisit(new_id(), at, Period(start, start + minutes * MINUTE))


def collides(other: OtherVisit, *, delay: int, road: int = 60) -> bool:
    before = Period(NINE, NINE + 15 * MINUTE)
    after = Period(before.start + delay * MINUTE, before.end + delay * MINUTE)
    hit = rules.collision(before=before, after=after, organization_id=HERE, others=[other], road_minutes=road)
    return hit is not None


@pytest.mark.parametrize(
    ("_case", "other", "delay", "expected"),
    [
        ("the windows only touch", visit(NINE + 60 * MINUTE), 45, False),
        ("they overlap by a minute", visit(NINE + 60 * MINUTE), 46, True),
        ("shifted beyond the other", visit(NINE + 60 * MINUTE), 75, False),
        ("no time for the road", visit(NINE + 120 * MINUTE, at=THERE), 46, True),
        ("just time for the road", visit(NINE + 120 * MINUTE, at=THERE), 45, False),
        ("impossible before already", visit(NINE + 10 * MINUTE), 5, False),
    ],
)
@pytest.mark.catalogue("C4", part="a delay shows whom it makes collide with another visit")
def test_whom_a_delay_makes_collide(_case, other, delay, expected):
    assert collides(other, delay=delay) is expected


@given(start=st.integers(-300, 600), delay=st.integers(1, 240), road=st.integers(0, 120), elsewhere=st.booleans())
def test_a_collision_is_new_and_real(start, delay, road, elsewhere):
    """What is named overlaps after the shift, road included, and did not before; what is not named is possible or was impossible."""
    other = visit(NINE + start * MINUTE, at=THERE if elsewhere else HERE)
    margin = road if elsewhere else 0

    def clash(shift: int) -> bool:
        return shift - margin < start + 15 and start - margin < shift + 15

    assert collides(other, delay=delay, road=road) is (clash(delay) and not clash(0))


@given(starts=st.lists(st.integers(0, 40), min_size=1, max_size=6), delay=st.integers(1, 240))
def test_the_first_collision_is_named_whatever_the_order(starts, delay):
    others = [visit(NINE + (15 + 15 * each) * MINUTE) for each in starts]
    before = Period(NINE, NINE + 15 * MINUTE)
    after = Period(before.start + delay * MINUTE, before.end + delay * MINUTE)
    hits = {
        rules.collision(before=before, after=after, organization_id=HERE, others=order, road_minutes=60) for order in (others, others[::-1])
    }
    (hit,) = hits
    overlapping = [each.window.start for each in others if each.window.overlaps(after)]
    assert (hit.window.start if hit else None) == min(overlapping, default=None)
