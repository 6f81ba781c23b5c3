from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.identity import rules
from jiuyi.domains.identity.words import (
    PROVING_CREDENTIALS,
    AgeUnit,
    Credential,
    Description,
    IdentifierType,
    LoginAnswer,
    LoginCodes,
    Match,
    PersonNotTaken,
    Sex,
)

ON = date(2026, 3, 2)
T = datetime(2026, 3, 2, 1, tzinfo=UTC)
LIMITS = LoginCodes()


@pytest.mark.parametrize(
    ("_case", "birth", "on", "years"),
    [
        ("the day before the birthday", date(2012, 3, 3), date(2026, 3, 2), 13),
        ("the birthday itself counts", date(2012, 3, 2), date(2026, 3, 2), 14),
        ("the day after", date(2012, 3, 1), date(2026, 3, 2), 14),
        ("leap day, common year, 28 February", date(2004, 2, 29), date(2026, 2, 28), 21),
        ("leap day, common year, 1 March", date(2004, 2, 29), date(2026, 3, 1), 22),
        ("leap day, leap year, 28 February", date(2004, 2, 29), date(2028, 2, 28), 23),
        ("leap day, leap year, the day", date(2004, 2, 29), date(2028, 2, 29), 24),
    ],
)
def test_completed_years(_case, birth, on, years):
    assert rules.completed_years(birth, on) == years


@pytest.mark.parametrize(
    ("_case", "birth", "on", "text"),
    [
        ("born today", date(2026, 3, 2), ON, "0天"),
        ("one day", date(2026, 3, 1), ON, "1天"),
        ("last day under a month", date(2026, 2, 3), date(2026, 3, 2), "27天"),
        ("one month to the day", date(2026, 2, 2), ON, "1个月"),
        ("31 January on 28 February", date(2026, 1, 31), date(2026, 2, 28), "28天"),
        ("31 January on 1 March", date(2026, 1, 31), date(2026, 3, 1), "1个月"),
        ("eleven months", date(2025, 3, 3), ON, "11个月"),
        ("first birthday", date(2025, 3, 2), ON, "1岁"),
        ("old", date(1949, 3, 7), ON, "76岁"),
        ("unknown", None, ON, "年龄不详"),
    ],
)
def test_ages_as_written(_case, birth, on, text):
    assert rules.age_text(birth, on) == text


@given(st.dates(date(1900, 1, 1), ON), st.integers(0, 400))
def test_an_age_never_falls_from_day_to_day(birth, days):
    first = rules.age(birth, max(birth, ON - timedelta(days=days)))
    later = rules.age(birth, ON)
    order = [AgeUnit.DAYS, AgeUnit.MONTHS, AgeUnit.YEARS]
    assert (order.index(first.unit), first.value) <= (order.index(later.unit), later.value)


NUMBER = (IdentifierType.RESIDENT_ID, "109900194903071221")
OTHER_NUMBER = (IdentifierType.RESIDENT_ID, "10990019880808003X")
BASE = {"name": "李秀兰", "sex": Sex.FEMALE, "birth_date": date(1949, 3, 7), "number": NUMBER, "phone": "12000000001"}


def described(**changes):
    return Description(**{**BASE, **changes})


@pytest.mark.parametrize(
    ("_case", "one", "other", "match"),
    [
        ("same number, all agrees", {}, {}, Match.SAME),
        ("same number, other phone", {}, {"phone": "12000000002"}, Match.SAME),
        ("same number, dotted name", {"name": "阿依·古丽"}, {"name": "阿依古丽"}, Match.SAME),
        ("same number, sex unknown", {}, {"sex": Sex.UNKNOWN}, Match.SAME),
        ("same number, sex not stated", {}, {"sex": Sex.UNSPECIFIED}, Match.SAME),
        ("same number, birth date unknown", {}, {"birth_date": None}, Match.SAME),
        ("same number, other name: typing error or another's card", {}, {"name": "李秀英"}, Match.DISAGREES),
        ("same number, mother's number on a child", {}, {"name": "王小宝", "birth_date": date(2020, 1, 1)}, Match.DISAGREES),
        ("same number, other sex", {}, {"sex": Sex.MALE}, Match.DISAGREES),
        ("same number, other birth date", {}, {"birth_date": date(1949, 7, 3)}, Match.DISAGREES),
        ("two numbers of one kind, all else equal", {}, {"number": OTHER_NUMBER}, Match.DIFFERENT),
        ("no number, all four agree", {"number": None}, {"number": None}, Match.CANDIDATE),
        ("one without number", {}, {"number": None}, Match.CANDIDATE),
        ("numbers of two kinds", {}, {"number": (IdentifierType.PASSPORT, "E12345678")}, Match.CANDIDATE),
        ("no number, other phone", {"number": None}, {"number": None, "phone": "12000000002"}, Match.DIFFERENT),
        ("no number, no phone", {"number": None, "phone": None}, {"number": None, "phone": None}, Match.DIFFERENT),
        ("no number, no birth date", {"number": None, "birth_date": None}, {"number": None, "birth_date": None}, Match.DIFFERENT),
        ("no number, sex unknown", {"number": None, "sex": Sex.UNKNOWN}, {"number": None}, Match.DIFFERENT),
        ("twins", {"number": None, "name": "王大宝"}, {"number": None, "name": "王小宝"}, Match.DIFFERENT),
        ("newborn beside the mother", {"number": None, "name": "李秀兰之子"}, {"number": None}, Match.DIFFERENT),
        ("twin newborns of one name", {"number": None, "name": "李秀兰之子"}, {"number": None, "name": "李秀兰之子"}, Match.CANDIDATE),
    ],
)
def test_same_person(_case, one, other, match):
    assert rules.same_person(described(**one), described(**other)) is match
    assert rules.same_person(described(**other), described(**one)) is match


def check(**changes):
    typed = {
        "name": "李秀兰",
        "sex": None,
        "birth_date": None,
        "id_type": IdentifierType.RESIDENT_ID,
        "number": "109900194903071221",
        "on": ON,
        "remote": True,
    }
    return rules.check_description(**{**typed, **changes})


def test_the_number_tells_sex_and_birth_date():
    description, parsed = check()
    assert (description.sex, description.birth_date) == (Sex.FEMALE, date(1949, 3, 7))
    assert parsed.number == "109900194903071221"


@pytest.mark.parametrize(
    ("_case", "changes", "fields"),
    [
        ("no name", {"name": " "}, {"name"}),
        ("no number from afar", {"number": ""}, {"number"}),
        ("no type", {"id_type": None}, {"id_type"}),
        ("wrong number", {"number": "109900194903071222"}, {"number"}),
        ("other birth date than the number", {"birth_date": date(1949, 3, 8)}, {"birth_date"}),
        ("birth date to come", {"birth_date": date(2026, 3, 3)}, {"birth_date"}),
        ("other sex than the number", {"sex": Sex.MALE}, {"sex"}),
        ("passport without birth date", {"id_type": IdentifierType.PASSPORT, "number": "E12345678"}, {"birth_date"}),
        ("everything at once", {"name": "", "number": "1", "birth_date": date(2027, 1, 1)}, {"name", "number", "birth_date"}),
    ],
)
def test_refuses_a_description_with_all_its_faults(_case, changes, fields):
    with pytest.raises(PersonNotTaken) as refused:
        check(**changes)
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("no number", {"number": None, "id_type": None}),
        ("no papers and no birth date", {"number": "", "id_type": None, "sex": Sex.UNKNOWN}),
        ("passport without birth date", {"id_type": IdentifierType.PASSPORT, "number": "E12345678"}),
        ("born today", {"number": None, "id_type": None, "birth_date": ON}),
    ],
)
def test_a_desk_takes_people_without_papers(_case, changes):
    description, _ = check(remote=False, **changes)
    assert description.name == "李秀兰"


@pytest.mark.parametrize(
    ("_case", "start", "end", "current"),
    [
        ("begins now", T, T + timedelta(hours=1), True),
        ("begins in a second", T + timedelta(seconds=1), None, False),
        ("ends now", T - timedelta(hours=1), T, False),
        ("ends in a second", T - timedelta(hours=1), T + timedelta(seconds=1), True),
        ("no end", T - timedelta(days=4000), None, True),
    ],
)
def test_periods_are_half_open(_case, start, end, current):
    assert rules.is_current(start, end, T) is current


@pytest.mark.parametrize(("_case", "days", "idle"), [("ninety days", 90, False), ("a second more", 90 + 1 / 86400, True)])
def test_a_phone_idle_for_more_than_ninety_days_may_have_a_new_owner(_case, days, idle):
    assert rules.is_idle(T - timedelta(days=days), T, idle_days=90) is idle


def test_what_proves_identity():
    assert {c for c in Credential if rules.proves(c)} == PROVING_CREDENTIALS
    assert not rules.proves(Credential.BOOKING_VOUCHER)
    assert not rules.proves(Credential.EXPIRED_CARD)


@pytest.mark.parametrize(
    ("_case", "locked", "minute", "hour", "device", "answer"),
    [
        ("first", False, 0, 0, 0, LoginAnswer.SEND),
        ("second in a minute", False, 1, 1, 1, LoginAnswer.SILENT),
        ("fifth in an hour", False, 0, 4, 4, LoginAnswer.SEND),
        ("sixth in an hour", False, 0, 5, 5, LoginAnswer.SILENT),
        ("twentieth of the device", False, 0, 0, 19, LoginAnswer.SEND),
        ("twenty-first of the device", False, 0, 0, 20, LoginAnswer.DEVICE_WAITS),
        ("locked", True, 0, 0, 0, LoginAnswer.SILENT),
    ],
)
def test_requests_for_codes(_case, locked, minute, hour, device, answer):
    assert rules.answer_request(locked=locked, last_minute=minute, last_hour=hour, device_last_hour=device, limits=LIMITS) is answer


@pytest.mark.parametrize(
    ("_case", "until", "wrong", "matches", "answer"),
    [
        ("right", None, 0, True, LoginAnswer.OPEN),
        ("right after four wrong", None, 4, True, LoginAnswer.OPEN),
        ("fourth wrong", None, 3, False, LoginAnswer.WRONG),
        ("fifth wrong", None, 4, False, LoginAnswer.LOCK),
        ("right while locked", T + timedelta(seconds=1), 0, True, LoginAnswer.LOCKED),
        ("wrong while locked", T + timedelta(seconds=1), 0, False, LoginAnswer.LOCKED),
        ("right at the end of the lock", T, 0, True, LoginAnswer.OPEN),
        ("wrong at the end of the lock", T, 0, False, LoginAnswer.WRONG),
    ],
)
def test_answers_to_codes(_case, until, wrong, matches, answer):
    assert rules.answer_code(locked_until=until, wrong_before=wrong, matches=matches, now=T, limits=LIMITS) is answer


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (900, 15)])
def test_minutes_left_are_rounded_up(seconds, minutes):
    assert rules.minutes_left(T + timedelta(seconds=seconds), T) == minutes
