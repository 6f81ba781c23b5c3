"""A place of today at the machine in the hall: card, department, time, check, paper."""

import pytest

from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import NewSession, PlacePlan
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, NumberClass, Pool
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.periods import Period
from tests.desks.kiosk.conftest import standing_at
from tests.factories import clinic_day, institutions, people
from tests.factories.clinic_day import NOW, OPENS

pytestmark = pytest.mark.django_db


def to_times(kiosk, day):
    kiosk.open("/kiosk/book/").press("下一步", number=people.LI_NUMBER)
    assert kiosk.here == "/kiosk/book/department/"
    return kiosk.open(f"/kiosk/book/department/{day.room.department_id}/")


@pytest.mark.catalogue("C8", part="whoever stands in the hall takes a place of today at the machine and gets it on paper")
def test_from_the_card_to_the_slip(day, kiosk):
    to_times(kiosk, day)
    assert "15.00 元" in kiosk.text
    kiosk.press("10:15–10:30").press("确认挂号")
    (facts,) = schedule.facts_appointments_of_person(day.person_id)
    assert (facts.status, facts.channel, facts.pay_at_arrival) == (AppointmentStatus.BOOKED, BookingChannel.KIOSK, True)
    assert "李秀兰" not in kiosk.text
    assert "15.00 元" in kiosk.text
    kiosk.open("/kiosk/booked/slip/")
    for words in ("李*兰", "心血管内科", "10:15–10:30", "到窗口付", "门诊楼 3F 305"):
        assert words in kiosk.text


def test_a_place_that_is_kept_for_the_hall(day, kiosk):
    """The phone cannot have it; the machine can."""
    department = institutions.add_department(day.hospital_id, "眼科", "YK")
    doctor = institutions.add_doctor(day.hospital_id, department, name="关月")
    window = schedule.session_windows(day.today_id, NOW)[0]
    new = NewSession(
        practitioner_id=doctor,
        department_id=department,
        room_id=None,
        starts_at=OPENS,
        ends_at=window.end,
        number_class=NumberClass.ORDINARY,
        per_window=1,
        visible_at=NOW,
        places=[PlacePlan(Period(window.start, window.end), Pool.ONSITE, NOW, None)],
    )
    scheduling.publish_sessions(actor=SYSTEM, now=NOW, sessions=[new])
    kiosk.open("/kiosk/book/").press("下一步", number=people.LI_NUMBER)
    assert "眼科" in kiosk.text


def test_a_second_touch_books_once(day, kiosk):
    to_times(kiosk, day).press("10:15–10:30")
    kiosk.client.post("/kiosk/book/check/")
    kiosk.client.post("/kiosk/book/check/")
    assert len(schedule.facts_appointments_of_person(day.person_id)) == 1


def test_a_place_that_was_just_taken_is_refused(day, kiosk):
    to_times(kiosk, day).press("10:15–10:30")
    clinic_day.book(day, person_id=day.mother_id, window_start=OPENS + 15 * clinic_day.MINUTE)
    kiosk.press("确认挂号")
    assert kiosk.status == 422
    assert "刚刚约满" in kiosk.text
    assert schedule.facts_appointments_of_person(day.person_id) == []


@pytest.mark.parametrize("number", ["", "123", people.id_number(people.date(1999, 9, 9), serial=99)])
def test_an_unknown_card_is_sent_to_the_window(day, kiosk, number):
    kiosk.open("/kiosk/book/").press("下一步", number=number)
    assert kiosk.status == 422


def test_the_next_person_finds_nothing(day, kiosk):
    to_times(kiosk, day).press("10:15–10:30")
    kiosk.open("/kiosk/")
    for path in ("book/department/", "book/check/", "booked/", "booked/slip/"):
        assert kiosk.open(f"/kiosk/{path}").here == "/kiosk/"


def test_a_kiosk_sells_its_own_house_only(day, kiosk):
    elsewhere = institutions.add_department(day.room.county.township_id, "全科", "QK")
    to_times(kiosk, day)
    assert kiosk.open(f"/kiosk/book/department/{elsewhere}/").status == 404
    other, _ = standing_at(day.room.county.township_id)
    other.open("/kiosk/book/").press("下一步", number=people.LI_NUMBER)
    assert "今天的号都挂完了" in other.text
