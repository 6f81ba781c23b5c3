"""A call from beginning to end: find, book, read back, cancel, wait."""

from datetime import timedelta

import pytest

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel
from jiuyi.foundation import audit
from jiuyi.journeys import waiting
from tests.desks.clerk.conftest import signed_in, user_id
from tests.factories import clinic_day, people
from tests.factories.clinic_day import OPENS, PHONE, TOMORROW
from tests.factories.institutions import staff_actor

pytestmark = pytest.mark.django_db


def desk(path=""):
    return f"/desk/operator/{path}"


def tomorrow(operator, day, person_id):
    """The caller's page with tomorrow's clinic."""
    query = f"?department={day.room.department_id}&day={TOMORROW.date()}&session={day.tomorrow_id}"
    return operator.open(desk(f"people/{person_id}/") + query)


def slot(session_id, start):
    return f"{session_id}_{int(start.timestamp())}"


def test_the_callers_number_brings_the_family(day, operator):
    operator.open(desk()).enter(text=PHONE)
    assert operator.response.status_code == 200
    assert "找到 2 人" in operator.text
    assert "李秀兰" not in operator.text  # masked until one is opened
    searched = audit.entries(act="identity.search_people", actor_id=user_id(operator))
    assert [each.reason for each in searched] == ["phone"]

    operator.open(desk(f"people/{day.person_id}/"))
    assert "同一部电话的家人" in operator.text
    assert f"/desk/operator/people/{day.mother_id}/" in operator.text


def test_a_booking_by_telephone_and_what_is_read_back(day, operator):
    tomorrow(operator, day, day.person_id).press("确认预约", slot=slot(day.tomorrow_id, TOMORROW))
    (facts,) = schedule.facts_appointments_of_person(day.person_id)
    assert (facts.status, facts.channel) == (AppointmentStatus.BOOKED, BookingChannel.PHONE)
    assert facts.pay_at_arrival
    code = " ".join(facts.voucher[at : at + 4] for at in (0, 4, 8))
    for words in ("读给对方听", "3月3日 周二", "09:00–09:15", "心血管内科", "林安宁医生", code, "15.00 元", "请带身份证"):
        assert words in operator.text


def test_a_repeated_call_shows_what_is_booked_and_books_no_second(day, operator):
    tomorrow(operator, day, day.person_id).press("确认预约", slot=slot(day.tomorrow_id, TOMORROW))
    tomorrow(operator, day, day.person_id)
    assert "读给对方听" in operator.text
    operator.press("确认预约", slot=slot(day.tomorrow_id, TOMORROW + timedelta(minutes=15)))
    assert operator.response.status_code == 422
    assert "当天在这个科室已有预约" in operator.text
    assert len(schedule.facts_appointments_of_person(day.person_id)) == 1


def test_a_full_window_offers_the_nearest(day, operator):
    clinic_day.book(day, person_id=day.mother_id)
    tomorrow(operator, day, day.person_id)
    operator.press("确认预约", slot=slot(day.tomorrow_id, TOMORROW))
    assert operator.response.status_code == 422
    operator.press("3月3日 周二 09:15–09:30 林安宁")
    (facts,) = schedule.facts_appointments_of_person(day.person_id)
    assert facts.window_start == TOMORROW + timedelta(minutes=15)


def test_somebody_new_is_entered_by_word_of_mouth(day, operator):
    operator.open(desk("people/register/")).press("登记并去预约", name="赵铁柱", phone="12000000055")
    assert "赵铁柱" in operator.text
    assert "约一个号" in operator.text


def test_cancelling_for_the_caller(day, operator):
    booked = clinic_day.book(day)
    operator.open(desk(f"people/{day.person_id}/")).press("确认取消", reason="recovered")
    assert "已取消" in operator.text
    assert schedule.facts_appointment(booked.appointment_id).status is AppointmentStatus.CANCELLED


def test_no_reason_no_cancelling(day, operator):
    booked = clinic_day.book(day)
    operator.open(desk(f"people/{day.person_id}/")).press("确认取消", reason="")
    assert operator.response.status_code == 422
    assert schedule.facts_appointment(booked.appointment_id).status is AppointmentStatus.BOOKED


def test_joining_the_waiting_list(day, operator):
    operator.open(desk(f"people/{day.person_id}/")).press("登记候补", travel_minutes="40")
    assert "已登记候补" in operator.text
    clerk = staff_actor(StaffRole.CLERK, day.hospital_id)
    (entry,) = waiting.of_department(clerk, day.room.department_id, now=OPENS)
    assert (entry.facts.person_id, entry.facts.travel_minutes) == (day.person_id, 40)
    operator.open(desk(f"people/{day.person_id}/")).press("登记候补")
    assert operator.response.status_code == 422


def test_a_wish_that_cannot_be_is_refused_and_nothing_kept(day, operator):
    operator.open(desk(f"people/{day.person_id}/")).press("登记候补", last_day="2020-01-01")
    assert operator.response.status_code == 422
    assert entries.entries_of_account(day.account, OPENS) == []


def test_what_is_released_later_is_told(day, operator):
    later = clinic_day.publish(day.room, TOMORROW + timedelta(days=20))
    del later
    operator.open(desk(f"people/{day.person_id}/"))
    assert "即将放号" in operator.text


@pytest.mark.parametrize("path", ["", "people/register/"])
def test_a_clerk_answers_no_telephone_and_an_operator_stands_at_no_window(day, operator, path):
    clerk = signed_in("20001", StaffRole.CLERK, day.hospital_id)
    clerk.open(desk(path))
    assert clerk.response.status_code == 403
    operator.open("/desk/clerk/")
    assert operator.response.status_code == 403


def test_an_unknown_person_is_not_found(day, operator):
    operator.open(desk(f"people/{people.new_id()}/"))
    assert operator.response.status_code == 404
