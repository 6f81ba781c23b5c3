"""Who has booked enough: boundaries by patient, account and device, and who is exempt. Source: rule AP-9 with §21."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules import limits
from jiuyi.domains.scheduling.rules.limits import Commitment
from jiuyi.domains.scheduling.words import BookingChannel, BookingLimits, NumberClass
from jiuyi.domains.scheduling.words.limits import WHAT_TO_DO, Limit

DAY = date(2026, 3, 4)  # a Wednesday
WEB = BookingChannel.WEB
PACK = BookingLimits()


def visit(day: date, number: int) -> Commitment:
    """A visit in a department and with a doctor of its own number."""
    return Commitment(day, UUID(int=number), UUID(int=1000 + number))


WANTED = visit(DAY, 0)
DOCTOR = WANTED.practitioner_id


def of_day(day: date, count: int, *, start: int = 1) -> list[Commitment]:
    return [visit(day, number) for number in range(start, start + count)]


@pytest.mark.parametrize(
    ("_case", "others", "expected"),
    [
        ("first", [], []),
        ("third of the day", of_day(DAY, 2), []),
        ("fourth of the day", of_day(DAY, 3), [Limit.PER_DAY]),
        ("eighth of the week, Monday to Sunday", of_day(date(2026, 3, 2), 3) + of_day(date(2026, 3, 8), 4, start=5), [Limit.PER_WEEK]),
        ("the Monday after is another week", of_day(date(2026, 3, 9), 7), []),
        ("the Sunday before too", of_day(date(2026, 3, 1), 7), []),
        ("eleventh open one", [visit(DAY + timedelta(days=7 * n), n) for n in range(1, 11)], [Limit.OPEN_BOOKINGS]),
        ("tenth open one", [visit(DAY + timedelta(days=7 * n), n) for n in range(1, 10)], []),
        ("same doctor, another day", [Commitment(date(2026, 4, 1), UUID(int=9), DOCTOR)], [Limit.PER_DOCTOR]),
        ("same department and day, another doctor", [Commitment(DAY, UUID(int=0), UUID(int=77))], [Limit.ONE_PER_DEPARTMENT_DAY]),
        ("same department, day and doctor is one conflict", [WANTED], [Limit.ONE_PER_DEPARTMENT_DAY]),
        ("same department, another day", [Commitment(date(2026, 3, 5), UUID(int=0), UUID(int=77))], []),
        (
            "all at once",
            [WANTED, Commitment(date(2026, 4, 1), UUID(int=9), DOCTOR), *of_day(DAY, 9)],
            [Limit.ONE_PER_DEPARTMENT_DAY, Limit.PER_DOCTOR, Limit.PER_DAY, Limit.PER_WEEK, Limit.OPEN_BOOKINGS],
        ),
    ],
)
def test_limits_of_the_patient(_case, others, expected):
    assert limits.patient_limits(others=others, wanted=WANTED, parameters=PACK) == expected


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5), st.integers(0, 5)), max_size=14), st.integers(0, 20))
def test_one_more_booking_never_makes_a_limit_hold_again(others, day):
    known = [Commitment(DAY + timedelta(days=d), UUID(int=p), UUID(int=q)) for d, p, q in others]
    wanted = Commitment(DAY + timedelta(days=day), UUID(int=0), UUID(int=0))
    broken = [set(limits.patient_limits(others=known[:n], wanted=wanted, parameters=PACK)) for n in range(len(known) + 1)]
    assert all(fewer <= more for fewer, more in pairwise(broken))


@pytest.mark.parametrize(
    ("_case", "patients", "patient", "made_today", "expected"),
    [
        ("the eighth patient", range(7), 7, 0, []),
        ("the ninth", range(8), 8, 0, [Limit.ACCOUNT_PATIENTS]),
        ("one of the eight again", range(8), 3, 0, []),
        ("twelfth booking of the day", range(2), 1, 11, []),
        ("thirteenth", range(2), 1, 12, [Limit.ACCOUNT_PER_DAY]),
        ("both", range(8), 8, 12, [Limit.ACCOUNT_PATIENTS, Limit.ACCOUNT_PER_DAY]),
    ],
)
def test_limits_of_the_account(_case, patients, patient, made_today, expected):
    ids = {UUID(int=number) for number in patients}
    assert limits.account_limits(patients=ids, patient=UUID(int=patient), made_today=made_today, parameters=PACK) == expected


@pytest.mark.parametrize(("_case", "made_today", "expected"), [("last", 23, []), ("one more", 24, [Limit.DEVICE_PER_DAY])])
def test_limit_of_the_device(_case, made_today, expected):
    assert limits.device_limits(made_today=made_today, parameters=PACK) == expected


@pytest.mark.catalogue("C5", part="staff desks, rooms, operators, family doctors, courses and emergency are exempt from limits")
@pytest.mark.parametrize(
    ("_case", "channel", "number_class", "department", "limited"),
    [
        ("web", WEB, NumberClass.ORDINARY, "心血管内科", True),
        ("mini programme", BookingChannel.MINI_PROGRAMME, NumberClass.CHIEF, "心血管内科", True),
        ("kiosk", BookingChannel.KIOSK, NumberClass.ORDINARY, "心血管内科", True),
        ("waiting list", BookingChannel.WAITING_LIST, NumberClass.ORDINARY, "心血管内科", True),
        ("window", BookingChannel.WINDOW, NumberClass.ORDINARY, "心血管内科", False),
        ("doctor's room", BookingChannel.ROOM, NumberClass.ORDINARY, "心血管内科", False),
        ("family doctor", BookingChannel.FAMILY_DOCTOR, NumberClass.ORDINARY, "心血管内科", False),
        ("operator", BookingChannel.PHONE, NumberClass.ORDINARY, "心血管内科", False),
        ("emergency", WEB, NumberClass.EMERGENCY, "急诊科", False),
        ("course of acupuncture", WEB, NumberClass.ORDINARY, "针灸推拿科", False),
        ("dialysis", WEB, NumberClass.ORDINARY, "血液透析中心", False),
    ],
)
def test_who_is_exempt(_case, channel, number_class, department, limited):
    assert limits.is_limited(channel=channel, number_class=number_class, department_name=department, parameters=PACK) is limited


@pytest.mark.parametrize(
    ("_case", "name", "parts", "named"),
    [
        ("part of the name", "妇产科", "产科", True),
        ("another", "内科", "产科,急诊", False),
        ("full-width commas and blanks", "发热门诊", "急诊， 发热", True),
        ("nothing named", "内科", "", False),
        ("an empty part names nobody", "内科", "急诊,,", False),
    ],
)
def test_departments_named_by_parts(_case, name, parts, named):
    assert limits.is_named(name, parts) is named


def test_every_limit_says_what_to_do_with_numbers_of_the_rule():
    numbers = PACK.as_json()
    for limit in Limit:
        assert "{" not in WHAT_TO_DO[limit].format(**numbers)
