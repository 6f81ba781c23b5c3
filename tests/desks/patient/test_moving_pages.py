"""改约 on the phone: by links and one form, old beside new, the voucher stays."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.desks.patient.times import slot_value
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.kernel.ids import new_id
from tests.desks.patient.conftest import sign_in
from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS, TOMORROW

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def booked(day):
    return clinic_day.paid_booking(day, window_start=OPENS)


def check_url(booked, session_id, start):
    return f"{reverse('patient:move_check', args=[booked])}?slot={slot_value(session_id, start)}"


@pytest.mark.catalogue("C4", part="a patient moves a booking on the phone; the voucher stays")
def test_another_day_with_the_same_voucher(day, booked):
    phone = sign_in(day.account.id)
    voucher = schedule.facts_appointment(booked).voucher
    assert reverse("patient:move", args=[booked]) in text(phone.get(reverse("patient:appointment", args=[booked])))
    choose = phone.get(f"{reverse('patient:move', args=[booked])}?day=2026-03-03")
    assert "09:15–09:30" in text(choose)
    address = check_url(booked, day.tomorrow_id, TOMORROW + QUARTER)
    check = phone.get(address)
    for shown in ("原来的时间", "10:00–10:15", "09:15–09:30", "费用不变"):
        assert shown in text(check)
    answer = phone.post(address, {"key": str(check.context["form"]["key"].value())})
    assert answer.url == reverse("patient:appointment", args=[booked])
    assert voucher[:4] in text(phone.get(answer.url))
    assert schedule.facts_appointment(booked).voucher == voucher
    assert schedule.facts_appointment(booked).window_start == TOMORROW + QUARTER


def test_in_elderly_mode_each_page_asks_one_thing(day, booked):
    phone = sign_in(day.account.id)
    phone.cookies["mode"] = "elderly"
    here = reverse("patient:move", args=[booked])
    first = text(phone.get(here))
    assert "改到哪一天？" in first
    assert "09:15–09:30" not in first
    assert "09:15–09:30" in text(phone.get(f"{here}?doctor={day.room.practitioner_id}&day=2026-03-03"))


def test_another_class_says_what_goes_back_and_what_is_owed(day, booked):
    chief = clinic_day.publish(day.room, TOMORROW + timedelta(hours=5), number_class=NumberClass.CHIEF)
    phone = sign_in(day.account.id)
    address = check_url(booked, chief, TOMORROW + timedelta(hours=5))
    check = phone.get(address)
    assert "退回原挂号费" in text(check)
    answer = phone.post(address, {"key": str(check.context["form"]["key"].value())})
    page = text(phone.get(answer.url))
    assert "挂号费还没有付" in page
    assert "退费" in page


def test_a_full_window_keeps_the_old_place_and_offers_others(day, booked):
    clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW)
    phone = sign_in(day.account.id)
    answer = phone.post(check_url(booked, day.tomorrow_id, TOMORROW), {"key": str(new_id())})
    assert answer.status_code == 422
    assert "离它最近的空位" in text(answer)
    assert schedule.facts_appointment(booked).window_start == OPENS


def test_what_is_not_chosen_known_or_movable(day, booked, hour):
    phone = sign_in(day.account.id)
    check = reverse("patient:move_check", args=[booked])
    assert phone.get(check).url.endswith("missing=1")
    assert phone.get(f"{check}?slot=x").status_code == 404
    assert phone.post(check_url(booked, day.tomorrow_id, TOMORROW), {}).status_code == 422
    hour.now = OPENS + QUARTER
    assert phone.get(reverse("patient:move", args=[booked])).url == reverse("patient:appointment", args=[booked])
    assert schedule.facts_appointment(booked).window_start == OPENS
