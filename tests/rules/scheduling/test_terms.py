"""Boundaries of cancelling, arriving, absence, limits, windows and release."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling import rules
from jiuyi.domains.scheduling.words import (
    AppointmentStatus,
    Arrival,
    BookingChannel,
    CancelDeadline,
    HalfDay,
    NumberClass,
    Party,
    Pool,
    ReleaseMoment,
)
from jiuyi.kernel.periods import Period

START = datetime(2026, 3, 3, 1, tzinfo=UTC)  # Tuesday 09:00
WINDOW = Period(START, START + timedelta(minutes=15))
LONG_AGO = START - timedelta(days=5)
S, P, N = AppointmentStatus, Party, NumberClass


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("_case", "number_class", "by", "status", "booked_at", "now", "may", "late"),
    [
        ("ordinary, exactly 30 min before", N.ORDINARY, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(30), True, False),
        ("ordinary, a second later", N.ORDINARY, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(30) + timedelta(seconds=1), True, True),
        ("expert, exactly 12 h before", N.CHIEF, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(720), True, False),
        ("expert, a second later", N.CHIEF, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(720) + timedelta(seconds=1), True, True),
        ("associate chief is an expert", N.ASSOCIATE_CHIEF, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(60), True, True),
        ("emergency is not", N.EMERGENCY, P.PATIENT, S.BOOKED, LONG_AGO, START - minutes(60), True, False),
        ("regret: 30 min after booking", N.CHIEF, P.PATIENT, S.BOOKED, START - minutes(60), START - minutes(30), True, False),
        ("regret is over", N.CHIEF, P.PATIENT, S.BOOKED, START - minutes(60), START - minutes(30) + timedelta(seconds=1), True, True),
        ("last second of the window", N.ORDINARY, P.PATIENT, S.BOOKED, LONG_AGO, WINDOW.end - timedelta(seconds=1), True, True),
        ("window over", N.ORDINARY, P.PATIENT, S.BOOKED, LONG_AGO, WINDOW.end, False, False),
        ("regret ends with the window", N.ORDINARY, P.PATIENT, S.BOOKED, START, WINDOW.end, False, False),
        ("an unpaid hold is never late", N.CHIEF, P.PATIENT, S.HELD, LONG_AGO, START - minutes(1), True, False),
        ("patient after check-in", N.ORDINARY, P.PATIENT, S.ARRIVED, LONG_AGO, START, False, False),
        ("staff for the patient after check-in", N.ORDINARY, P.STAFF, S.ARRIVED, LONG_AGO, START, True, True),
        ("hospital is never late", N.CHIEF, P.HOSPITAL, S.BOOKED, LONG_AGO, START, True, False),
        ("hospital after the window", N.CHIEF, P.HOSPITAL, S.ARRIVED, LONG_AGO, WINDOW.end + minutes(60), True, False),
        ("seen already", N.ORDINARY, P.HOSPITAL, S.FULFILLED, LONG_AGO, START, False, False),
        ("cancelled already", N.ORDINARY, P.PATIENT, S.CANCELLED, LONG_AGO, LONG_AGO, False, False),
    ],
)
def test_cancel_terms(_case, number_class, by, status, booked_at, now, may, late):  # noqa: PLR0917  # the columns of the table
    terms = rules.cancel_terms(
        status=status, by=by, number_class=number_class, window=WINDOW, booked_at=booked_at, now=now, parameters=CancelDeadline()
    )
    assert (terms.may, terms.late) == (may, late)
    assert terms.refund is may  # a penalty never costs money


def test_a_hospital_may_decide_otherwise_about_late_refunds():
    terms = rules.cancel_terms(
        status=S.BOOKED, by=P.PATIENT, number_class=N.CHIEF, window=WINDOW, booked_at=LONG_AGO, now=START,
        parameters=CancelDeadline(refund_when_late=False),
    )  # fmt: skip
    assert (terms.may, terms.late, terms.refund) == (True, True, False)


def test_until_is_the_last_instant_without_consequences():
    terms = rules.cancel_terms(
        status=S.BOOKED, by=P.PATIENT, number_class=N.ORDINARY, window=WINDOW, booked_at=LONG_AGO, now=LONG_AGO, parameters=CancelDeadline()
    )
    assert terms.until == START - minutes(30)


@pytest.mark.parametrize(
    ("_case", "now", "expected"),
    [
        ("the day before", START - timedelta(days=1), Arrival.OTHER_DAY),
        ("midnight of the day", datetime(2026, 3, 2, 16, tzinfo=UTC), Arrival.EARLY),
        ("a second before midnight", datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC), Arrival.OTHER_DAY),
        ("a second early", START - timedelta(seconds=1), Arrival.EARLY),
        ("the start", START, Arrival.ON_TIME),
        ("the last second", WINDOW.end - timedelta(seconds=1), Arrival.ON_TIME),
        ("the end", WINDOW.end, Arrival.LATE),
        ("exactly the grace", WINDOW.end + minutes(30), Arrival.LATE),
        ("a second more", WINDOW.end + minutes(30) + timedelta(seconds=1), Arrival.TOO_LATE),
    ],
)
def test_arrival(_case, now, expected):
    assert rules.arrival(now, WINDOW, 30) is expected


@pytest.mark.parametrize(
    ("_case", "ends", "now", "expected"),
    [
        ("session over, exactly the grace", WINDOW.end, WINDOW.end + minutes(30), False),
        ("session over, a second more", WINDOW.end, WINDOW.end + minutes(30) + timedelta(seconds=1), True),
        ("grace over, session goes on", START + minutes(180), WINDOW.end + minutes(60), False),
        ("session ends this instant", START + minutes(180), START + minutes(180), True),
    ],
)
def test_noshow(_case, ends, now, expected):
    assert rules.is_noshow(window_end=WINDOW.end, session_ends_at=ends, now=now, grace_minutes=30) is expected


DAY = date(2026, 3, 4)  # a Wednesday


def test_windows_are_numbered_in_order_of_time():
    places = rules.windows_of(Period(START, START + minutes(40)), 15, 2)
    assert [ordinal for ordinal, _ in places] == [1, 2, 3, 4, 5, 6]
    assert [window.start for _, window in places] == [START, START, START + minutes(15), START + minutes(15)] + [START + minutes(30)] * 2
    assert places[-1][1].end == START + minutes(40)


@given(st.integers(1, 600), st.integers(1, 15), st.integers(1, 6))
def test_windows_cover_the_session_without_gap_or_overlap(length, slot, per_window):
    period = Period(START, START + minutes(length))
    windows = sorted({window for _, window in rules.windows_of(period, slot, per_window)})
    assert windows[0].start == period.start
    assert windows[-1].end == period.end
    assert all(one.end == two.start for one, two in pairwise(windows))


@pytest.mark.parametrize(
    ("_case", "hour", "expected"),
    [("5:59", 5, HalfDay.NIGHT), ("6", 6, HalfDay.MORNING), ("11", 11, HalfDay.MORNING), ("12", 12, HalfDay.AFTERNOON),
     ("17", 17, HalfDay.AFTERNOON), ("18", 18, HalfDay.EVENING), ("22", 22, HalfDay.NIGHT), ("0", 0, HalfDay.NIGHT)],
)  # fmt: skip
def test_half_days_by_local_hour(_case, hour, expected):
    local_midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert rules.half_day_of(local_midnight + timedelta(hours=hour)) is expected


def test_release_is_at_seven_fourteen_days_before():
    assert rules.release_at(date(2026, 3, 15), NumberClass.ORDINARY, ReleaseMoment()) == datetime(2026, 2, 28, 23, tzinfo=UTC)


def test_each_channel_sells_the_public_pool_and_only_some_a_share():
    assert all(Pool.PUBLIC in rules.pools_of(channel) for channel in BookingChannel)
    assert rules.pools_of(BookingChannel.WEB) == (Pool.PUBLIC,)
    assert Pool.ONSITE in rules.pools_of(BookingChannel.WINDOW)


def test_nearest_windows_prefer_the_later_of_two_equally_near():
    near = [Period(START + minutes(m), START + minutes(m + 15)) for m in (-30, -15, 15, 60)]
    assert [w.start for w in rules.nearest_windows(near, START, 1)] == [START + minutes(15)]
    assert [w.start for w in rules.nearest_windows(near, START, 3)] == [START + minutes(m) for m in (-30, -15, 15)]
