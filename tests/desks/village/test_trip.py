"""The van's screen: find, take along, choose, book, print."""

import pytest

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import trips as queries
from jiuyi.domains.scheduling.words import BookingChannel, TripSeatState
from jiuyi.foundation import clock
from tests.desks.clerk.conftest import signed_in
from tests.factories import trips as factory
from tests.factories.clinic_day import NOW, TOMORROW
from tests.journeys.conftest import channel, day, lists  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is nine o'clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def home(day):  # noqa: F811
    """The village."""
    factory.enough_places(day)
    return factory.village(day, count=3)


@pytest.fixture
def doctor(home):
    """The village doctor's browser."""
    return signed_in("50001", StaffRole.VILLAGE_DOCTOR, home.clinic_id, display_name="汪大山")


def planned(doctor, day):  # noqa: F811
    doctor.open("/desk/village/")
    doctor.press(
        "排这趟车", hospital=str(day.hospital_id), day=str(TOMORROW.date()), leaves="07:30", arrives="08:30", returns="12:30", seats="10"
    )
    return doctor.here.rstrip("/").rpartition("/")[2]


@pytest.mark.catalogue("C6", part="a village doctor books signed and unsigned residents on one screen and prints one sheet")
def test_from_an_empty_list_to_the_printed_sheet(day, home, doctor):  # noqa: F811
    trip_id = planned(doctor, day)
    doctor.enter(text="赵")
    assert doctor.status == 422  # one letter is no name
    for number in range(3):
        doctor.enter(text=f"赵{chr(0x4E00 + 300 + number)}")
        assert "找到 1 人" in doctor.text
        doctor.press("加入", **({"consent": "本人当面同意"} if number == 2 else {}))
    assert "还有 7 个座位" in doctor.text
    seats = queries.facts_seats(trip_id)
    wishes = {f"department-{each.seat_id}": str(day.room.department_id) for each in seats}

    doctor.press("先排时间看看", **wishes)
    assert "09:00–09:15" in doctor.text
    assert {each.state for each in queries.facts_seats(trip_id)} == {TripSeatState.PLANNED}
    doctor.press("全部预约", **wishes)
    assert "已约好 3 人" in doctor.text
    booked = schedule.facts_appointments(each.appointment_id for each in queries.facts_seats(trip_id))
    assert [each.channel for each in booked] == [BookingChannel.FAMILY_DOCTOR] * 3

    doctor.open(f"/desk/village/trips/{trip_id}/sheet/")
    for words in ("出发", "07:30", "返程", "12:30", "09:15–09:30", "门诊楼 3F 305", "请带好", booked[0].voucher[:4] + " "):
        assert words in doctor.text


def test_one_without_a_wish_fails_alone(day, home, doctor):  # noqa: F811
    trip_id = factory.van(day, home)
    factory.aboard(day, home, trip_id)
    first, *_ = queries.facts_seats(trip_id)
    doctor.open(f"/desk/village/trips/{trip_id}/").press("全部预约", **{f"department-{first.seat_id}": ""})
    assert "已约好 2 人，1 人没有约上" in doctor.text
    assert "还没有给这个人选科室" in doctor.text
    states = [each.state for each in queries.facts_seats(trip_id)]
    assert states == [TripSeatState.REFUSED, TripSeatState.BOOKED, TripSeatState.BOOKED]


def test_no_consent_no_seat(day, home, doctor):  # noqa: F811
    trip_id = factory.van(day, home)
    answer = doctor.client.post(f"/desk/village/trips/{trip_id}/people/{home.people[-1]}/", {"consent": ""})
    assert queries.facts_seats(trip_id) == []
    page = answer.content.decode()
    assert "赵*怎样同意的" in page  # asked again, and of whom
    assert page.count("要写明本人怎样同意代为预约") == 1


def test_dropping_somebody(day, home, doctor):  # noqa: F811
    trip_id = factory.van(day, home)
    factory.aboard(day, home, trip_id)
    doctor.open(f"/desk/village/trips/{trip_id}/").press("全部预约").press("去掉")
    assert "约好的号已退回" in doctor.text
    assert len(queries.facts_seats(trip_id)) == 2


def test_only_people_of_the_village_are_found(day, home, doctor):  # noqa: F811
    trip_id = factory.van(day, home)
    doctor.open(f"/desk/village/trips/{trip_id}/").enter(text="李秀兰")
    assert "本村没有找到" in doctor.text


def test_a_trip_in_the_past_is_refused_and_what_was_typed_stays(day, home, doctor):  # noqa: F811
    doctor.open("/desk/village/").press("排这趟车", hospital=str(day.hospital_id), day="2020-01-01", seats="7")
    assert doctor.status == 422
    assert doctor.field("seats") == "7"
    assert "以后的日期" in doctor.text


def test_others_villages_are_not_found_and_clerks_plan_no_trips(day, home, doctor):  # noqa: F811
    trip_id = factory.van(day, home)
    other = signed_in("50002", StaffRole.VILLAGE_DOCTOR, day.room.county.township_id)
    assert other.open(f"/desk/village/trips/{trip_id}/").status == 404
    clerk = signed_in("20001", StaffRole.CLERK, day.hospital_id)
    assert clerk.open("/desk/village/").status == 403
