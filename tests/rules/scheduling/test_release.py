"""Which places are kept for whom, when they are sold, and when they go back to everybody (rules AP-3, AP-4)."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling import rules
from jiuyi.domains.scheduling.rules.release import last_working_day_before, rounded_share, working_hours_before
from jiuyi.domains.scheduling.rules.working_days import is_provisional
from jiuyi.domains.scheduling.words import NumberClass, Pool, PoolShares, ReleaseMoment
from jiuyi.kernel.clock import instant_at, local
from jiuyi.kernel.parameters import ConflictingValues, read_parameters
from jiuyi.kernel.periods import Period

MONDAY = date(2026, 11, 30)
SHARES = PoolShares()


def is_working(day: date) -> bool:
    return rules.kind_of_day(day) is rules.DayKind.WORKING


def at(day: date, text: str) -> datetime:
    return instant_at(day, time.fromisoformat(text))


def windows(per_window: int = 3, day: date = MONDAY, start: str = "08:00", end: str = "11:30", minutes: int = 15) -> list[Period]:
    return [window for _, window in rules.windows_of(Period(at(day, start), at(day, end)), minutes, per_window)]


def plan(
    places: list[Period], shares: PoolShares = SHARES, *, number_class=NumberClass.ORDINARY, moment: ReleaseMoment | None = None
) -> list[rules.PlacePlan]:
    day = local(places[0].start).date()
    release = rules.release_of(day, number_class, moment or ReleaseMoment())
    return rules.plan_places(places, number_class=number_class, shares=shares, release=release, is_working=is_working)


def counts(plans: list[rules.PlacePlan]) -> dict[Pool, int]:
    return dict(Counter(each.pool for each in plans))


@pytest.mark.parametrize(
    ("_case", "percent", "total", "places"),
    [
        ("nothing", 0, 40, 0),
        ("of nothing", 25, 0, 0),
        ("exact", 25, 40, 10),
        ("just below a half", 24, 10, 2),
        ("a half goes up", 25, 10, 3),
        ("at least one", 1, 4, 1),
        ("all", 100, 7, 7),
    ],
)
def test_a_share_is_rounded_half_up_and_never_lost(_case, percent, total, places):
    assert rounded_share(percent, total) == places


def test_a_morning_is_shared_as_the_rule_says():
    plans = plan(windows())
    assert counts(plans) == {Pool.ONSITE: 11, Pool.TOWNSHIP: 8, Pool.RETURN: 4, Pool.REFERRAL: 2, Pool.URGENT: 1, Pool.PUBLIC: 16}
    experts = plan(windows(2), number_class=NumberClass.CHIEF)
    assert counts(experts) == {Pool.ONSITE: 3, Pool.TOWNSHIP: 6, Pool.RETURN: 3, Pool.REFERRAL: 1, Pool.URGENT: 1, Pool.PUBLIC: 14}


def test_an_emergency_session_keeps_nothing_for_anybody():
    assert counts(plan(windows(), number_class=NumberClass.EMERGENCY)) == {Pool.PUBLIC: 42}


def test_on_site_is_early_and_the_township_comes_by_bus():
    plans = plan(windows())
    onsite = [local(each.window.start).time() for each in plans if each.pool is Pool.ONSITE]
    township = [local(each.window.start).time() for each in plans if each.pool is Pool.TOWNSHIP]
    assert max(onsite) < time(9, 45)
    assert min(township) >= time(9, 15)
    assert max(township) <= time(11, 15)
    assert max(Counter(township).values()) == 1  # nine windows of the bus, eight places


def test_an_afternoon_has_no_bus_and_spreads_the_township_evenly():
    plans = plan(windows(start="14:00", end="17:00"))
    township = [local(each.window.start).time() for each in plans if each.pool is Pool.TOWNSHIP]
    assert (min(township) < time(15), max(township) >= time(16)) == (True, True)


@pytest.mark.parametrize(
    ("_case", "total", "expected"),
    [
        ("one place is public", 1, {Pool.PUBLIC: 1}),
        ("two: on-site comes first", 2, {Pool.ONSITE: 1, Pool.PUBLIC: 1}),
        ("four", 4, {Pool.ONSITE: 1, Pool.TOWNSHIP: 1, Pool.REFERRAL: 1, Pool.PUBLIC: 1}),
        ("six serve everybody", 6, {Pool.ONSITE: 2, Pool.TOWNSHIP: 1, Pool.REFERRAL: 1, Pool.RETURN: 1, Pool.PUBLIC: 1}),
    ],
)
def test_a_small_session_serves_the_shares_in_their_order(_case, total, expected):
    assert counts(plan(windows(1)[:total])) == expected


@pytest.mark.parametrize(
    ("_case", "day", "pool", "visible", "back"),
    [
        ("on-site: that morning until it begins", MONDAY, Pool.ONSITE, (MONDAY, "06:00"), (MONDAY, "08:00")),
        ("urgent: with the public until it begins", MONDAY, Pool.URGENT, (date(2026, 11, 16), "07:00"), (MONDAY, "08:00")),
        ("return", MONDAY, Pool.RETURN, (date(2026, 11, 16), "07:00"), (date(2026, 11, 27), "16:00")),
        ("township: the last working day, not Sunday", MONDAY, Pool.TOWNSHIP, (date(2026, 11, 13), "08:00"), (date(2026, 11, 27), "16:00")),
        (
            "after the national holidays",
            date(2026, 10, 8),
            Pool.TOWNSHIP,
            (date(2026, 9, 23), "08:00"),
            (date(2026, 9, 30), "16:00"),
        ),
        (
            "after a make-up Sunday",
            date(2026, 9, 21),
            Pool.TOWNSHIP,
            (date(2026, 9, 4), "08:00"),
            (date(2026, 9, 20), "16:00"),
        ),
    ],
)
def test_when_a_share_is_sold_and_when_it_goes_back(_case, day, pool, visible, back):
    last = [each for each in plan(windows(day=day)) if each.pool is pool][-1]
    assert last.visible_at == at(*visible)
    assert last.flows_back_at == at(*back)


@pytest.mark.catalogue("C8", part="the on-site share goes back the stated minutes before the session")
@pytest.mark.parametrize(("minutes", "back"), [(0, "08:00"), (30, "07:30"), (120, "06:00"), (180, "05:00")])
def test_on_site_goes_back_so_many_minutes_before_the_session(minutes, back):
    onsite = [each for each in plan(windows(), PoolShares(onsite_back_minutes=minutes)) if each.pool is Pool.ONSITE]
    assert {each.flows_back_at for each in onsite} == {at(MONDAY, back)}
    assert all(each.visible_at <= each.flows_back_at for each in onsite)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_some_township_places_stay_for_the_same_day(kept):
    township = [each for each in plan(windows(), PoolShares(township_kept_places=kept)) if each.pool is Pool.TOWNSHIP]
    stay = [each for each in township if each.flows_back_at == each.window.start]
    assert len(stay) == kept
    assert {each.flows_back_at for each in township if each not in stay} == {at(date(2026, 11, 27), "16:00")}


@pytest.mark.parametrize(
    ("_case", "instant", "hours", "expected"),
    [
        ("none", (MONDAY, "07:00"), 0, (MONDAY, "07:00")),
        ("before the office opens", (MONDAY, "07:00"), 1, (date(2026, 11, 27), "16:30")),
        ("over noon", (MONDAY, "14:30"), 2, (MONDAY, "11:00")),
        ("from noon", (MONDAY, "12:30"), 4, (MONDAY, "08:00")),
        ("a whole day over the weekend", (MONDAY, "07:00"), 8, (date(2026, 11, 27), "08:00")),
        ("a whole day and a minute's more", (MONDAY, "08:30"), 8, (date(2026, 11, 27), "08:30")),
        ("a Saturday counts from Friday", (date(2026, 11, 28), "12:00"), 3, (date(2026, 11, 27), "14:30")),
    ],
)
def test_the_head_start_counts_working_hours(_case, instant, hours, expected):
    assert working_hours_before(at(*instant), hours, SHARES, is_working) == at(*expected)


def test_where_nobody_ever_works_the_day_before_counts():
    assert last_working_day_before(MONDAY, lambda _: False) == MONDAY - timedelta(days=1)
    assert working_hours_before(at(MONDAY, "07:00"), 2, SHARES, lambda _: False) == at(MONDAY, "05:00")


@pytest.mark.parametrize(
    ("_case", "number_class", "first"),
    [
        ("ordinary", NumberClass.ORDINARY, (date(2026, 11, 16), "07:00")),
        ("chief", NumberClass.CHIEF, (date(2026, 11, 20), "12:00")),
        ("renowned, one week", NumberClass.RENOWNED, (date(2026, 11, 23), "07:00")),
    ],
)
def test_each_class_has_its_moment(_case, number_class, first):
    moment = ReleaseMoment(expert_days_ahead=10, expert_minute_of_day=720)
    assert rules.release_at(MONDAY, number_class, moment) == at(*first)


@pytest.mark.catalogue("C3", part="release in batches")
def test_public_places_come_in_batches_spread_over_the_session():
    moment = ReleaseMoment(second_percent=30, second_days_ahead=3, third_percent=20, third_days_ahead=0, third_minute_of_day=300)
    public = [each for each in plan(windows(), moment=moment) if each.pool is Pool.PUBLIC]
    at_moments = Counter(each.visible_at for each in public)
    assert at_moments == {at(date(2026, 11, 16), "07:00"): 8, at(date(2026, 11, 27), "07:00"): 5, at(MONDAY, "05:00"): 3}
    second = [each.window.start for each in public if each.visible_at == at(date(2026, 11, 27), "07:00")]
    assert max(second) - min(second) > timedelta(hours=2)


@pytest.mark.parametrize(
    ("_case", "kind", "values", "conflicts"),
    [
        ("all", PoolShares, {"onsite_percent": 100, "township_percent": 0, "referral_percent": 0, "return_percent": 0}, None),
        (
            "one too many",
            PoolShares,
            {"onsite_percent": 66},
            {"onsite_percent", "township_percent", "referral_percent", "return_percent"},
        ),
        (
            "both groups and the hours at once",
            PoolShares,
            {"onsite_percent": 90, "expert_return_percent": 90, "township_until_minute_of_day": 555, "office_closes_minute_of_day": 810},
            {
                *("onsite_percent", "township_percent", "referral_percent", "return_percent"),
                *("expert_onsite_percent", "expert_township_percent", "expert_referral_percent", "expert_return_percent"),
                *("township_until_minute_of_day", "office_opens_minute_of_day"),
            },
        ),
        ("the whole in later batches", ReleaseMoment, {"second_percent": 60, "third_percent": 40}, None),
        ("more than the whole", ReleaseMoment, {"second_percent": 60, "third_percent": 41}, {"second_percent", "third_percent"}),
        ("a batch before the first", ReleaseMoment, {"second_percent": 10, "second_days_ahead": 8}, {"second_days_ahead"}),
        (
            "a third before the second",
            ReleaseMoment,
            {"second_percent": 10, "third_percent": 10, "third_days_ahead": 4},
            {"third_days_ahead"},
        ),
    ],
)
def test_values_that_cannot_stand_together_are_all_named(_case, kind, values, conflicts):
    if conflicts is None:
        assert read_parameters(kind, values)
        return
    with pytest.raises(msgspec.ValidationError) as refused:
        read_parameters(kind, values)
    assert isinstance(refused.value.__cause__, ConflictingValues)
    assert set(refused.value.__cause__.fields) == conflicts


@pytest.mark.parametrize(
    ("_case", "day", "decided", "kind", "weekday"),
    [
        ("a Monday", MONDAY, {}, "working", 0),
        ("a Saturday", date(2026, 11, 28), {}, "weekend", 5),
        ("national day", date(2026, 10, 1), {}, "holiday", None),
        ("a make-up Saturday stands for Monday", date(2026, 10, 10), {}, "working", 0),
        ("a make-up Sunday stands for Tuesday", date(2026, 9, 20), {}, "working", 1),
        ("closed by hand", MONDAY, {MONDAY: False}, "holiday", None),
        ("opened by hand", date(2026, 10, 1), {date(2026, 10, 1): True}, "working", 3),
        ("not announced", date(2031, 11, 24), {}, "working", 0),
        ("not announced, Saturday", date(2031, 11, 22), {}, "weekend", 5),
        ("not announced, May Day", date(2031, 5, 1), {}, "holiday", None),
    ],
)
def test_the_calendar_and_what_is_decided_by_hand(_case, day, decided, kind, weekday):
    found = rules.kind_of_day(day, decided)
    assert (found.value, rules.template_weekday(day, found)) == (kind, weekday)
    assert is_provisional(day) is (day.year == 2031)


percents = st.integers(0, 100)


@st.composite
def some_shares(draw):
    def group(prefix=""):
        left, values = 100, {}
        for name in draw(st.permutations(["onsite", "township", "referral", "return"])):
            values[f"{prefix}{name}_percent"] = draw(st.integers(0, left))
            left -= values[f"{prefix}{name}_percent"]
        return values

    return PoolShares(
        **group(),
        **group("expert_"),
        urgent_places=draw(st.integers(0, 5)),
        onsite_back_minutes=draw(st.integers(0, 720)),
        township_kept_places=draw(st.integers(0, 5)),
        township_head_start_hours=draw(st.integers(0, 80)),
        onsite_minute_of_day=draw(st.integers(0, 1439)),
        township_back_minute_of_day=draw(st.integers(0, 1439)),
    )


@given(
    shares=some_shares(),
    number_class=st.sampled_from(NumberClass),
    per_window=st.integers(1, 4),
    start=st.sampled_from(["00:00", "08:00", "13:30", "22:15"]),
    hours=st.integers(1, 20),
    day=st.dates(date(2025, 1, 1), date(2032, 12, 31)),
    batches=st.tuples(percents, percents).filter(lambda pair: sum(pair) <= 100),
)
def test_every_place_has_one_pool_and_no_share_outlasts_its_window(  # noqa: PLR0917  # what may differ
    shares, number_class, per_window, start, hours, day, batches
):
    begins = at(day, start)
    places = [window for _, window in rules.windows_of(Period(begins, begins + timedelta(minutes=15 * hours)), 15, per_window)]
    moment = ReleaseMoment(second_percent=batches[0], third_percent=batches[1])
    plans = plan(places, shares, number_class=number_class, moment=moment)
    assert [each.window for each in plans] == places
    assert plans == plan(places, shares, number_class=number_class, moment=moment)
    found = counts(plans)
    group = "expert_" if number_class in rules.EXPERT_CLASSES else ""
    percent = {pool: getattr(shares, f"{group}{pool.value}_percent") for pool in (Pool.ONSITE, Pool.TOWNSHIP, Pool.REFERRAL, Pool.RETURN)}
    for pool, wanted in percent.items():
        assert found.get(pool, 0) <= rounded_share(wanted, len(places))
    assert found.get(Pool.URGENT, 0) <= shares.urgent_places
    if sum(percent.values()) < 100:
        assert found[Pool.PUBLIC] >= 1
    for each in plans:
        assert (each.flows_back_at is None) is (each.pool is Pool.PUBLIC)
        if each.flows_back_at is not None:
            assert each.flows_back_at <= each.window.end


@given(shares=some_shares(), taken=st.dictionaries(st.integers(0, 41), st.sampled_from([Pool.PUBLIC, Pool.TOWNSHIP, Pool.ONSITE])))
def test_a_new_plan_leaves_what_is_sold_where_it_is_and_keeps_the_counts_it_can(shares, taken):
    planned = plan(windows(), shares)
    fitted = rules.fit_to_taken(planned, taken)
    assert [each.window for each in fitted] == [each.window for each in planned]
    assert all(fitted[index].pool is pool for index, pool in taken.items())
    assert all(each.flows_back_at is None or each.flows_back_at <= each.window.end for each in fitted)
    sold, before = Counter(taken.values()), counts(planned)
    if all(sold[pool] <= before.get(pool, 0) for pool in sold):
        assert counts(fitted) == before
