"""Civil time: UTC instants, days of Shanghai."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.kernel.clock import completed_years, day_bounds, instant_at, local, service_date

instants = st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(1992, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("_case", "instant", "day"),
    [
        ("noon in London is evening here", datetime(2026, 3, 2, 12, tzinfo=UTC), date(2026, 3, 2)),
        ("last moment of the day", datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 2)),
        ("16:00 UTC is tomorrow", datetime(2026, 3, 2, 16, tzinfo=UTC), date(2026, 3, 3)),
        ("over the year's end", datetime(2025, 12, 31, 16, tzinfo=UTC), date(2026, 1, 1)),
        ("no summer time in July", datetime(2026, 7, 1, 15, 59, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_service_date(_case, instant, day):
    assert service_date(instant) == day


@pytest.mark.parametrize("read", [local, service_date])
def test_a_naive_time_is_refused(read):
    with pytest.raises(ValueError, match="time zone"):
        read(datetime(2026, 3, 2, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("_case", "birth", "on", "years"),
    [
        ("the day before the birthday", date(2008, 3, 2), date(2026, 3, 1), 17),
        ("the birthday counts", date(2008, 3, 2), date(2026, 3, 2), 18),
        ("born on the leap day, common year", date(2008, 2, 29), date(2026, 2, 28), 17),
        ("… older on 1 March", date(2008, 2, 29), date(2026, 3, 1), 18),
        ("born on the leap day, leap year", date(2008, 2, 29), date(2028, 2, 29), 20),
        ("born today", date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_completed_years(_case, birth, on, years):
    assert completed_years(birth, on) == years


@given(days, st.times())
def test_a_wall_clock_time_lies_in_its_day(day, at):
    instant = instant_at(day, at)
    start, end = day_bounds(day)
    assert start <= instant < end
    assert service_date(instant) == day
    assert instant.tzinfo is UTC


@given(days)
def test_days_join_without_gap_and_last_24_hours(day):
    start, end = day_bounds(day)
    assert end == day_bounds(day + timedelta(days=1))[0]
    assert end - start == timedelta(hours=24)
    assert local(start).time() == time.min


@given(instants)
def test_every_instant_lies_in_its_service_date(instant):
    start, end = day_bounds(service_date(instant))
    assert start <= instant < end


@given(days, st.integers(min_value=0, max_value=40_000))
def test_age_never_falls(birth, later):
    on = birth + timedelta(days=later)
    assert 0 <= completed_years(birth, on) <= completed_years(birth, on + timedelta(days=1))
