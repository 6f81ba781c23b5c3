"""At the window: a booking moved, a patient sent on in two clicks, a returnee let in."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import CancelReason, NumberClass
from jiuyi.foundation import clock
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, consulting, paying
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day, institutions, schedules
from tests.factories.clinic_day import NOW, OPENS, TOMORROW

pytestmark = pytest.mark.django_db


@pytest.fixture
def eyes(day):
    department = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=day.hospital_id, name="眼科", code="0901", category=DepartmentCategory.SURGERY
    )
    queueing.open_queue(actor=SYSTEM, now=NOW, organization_id=day.hospital_id, department_id=department, name="眼科候诊", prefix="Y")
    where = schedules.Clinic(day.hospital_id, department, None, institutions.add_doctor(day.hospital_id, department, name="陈医生"))
    schedules.session(where, starts_at=OPENS, minutes=60, visible_at=NOW - clinic_day.MINUTE, now=NOW - clinic_day.MINUTE)
    return department


def slot(session_id, start):
    return f"{session_id}_{int(start.timestamp())}"


def test_a_booking_is_moved_and_the_clerk_is_told_about_the_money(day, clerk):
    booked = clinic_day.paid_booking(day)
    here = reverse("clerk:move", args=[booked])
    assert here in clerk.client.get(reverse("clerk:appointment", args=[booked])).content.decode()
    assert clerk.client.get(f"{here}?day=2026-03-03").status_code == 200
    answer = clerk.client.post(here, {"slot": slot(day.tomorrow_id, TOMORROW), "key": str(new_id())}, follow=True)
    assert "已改约，凭证不变。" in answer.content.decode()
    assert schedule.facts_appointment(booked).window_start == TOMORROW
    assert clerk.client.post(here, {}).status_code == 422
    full = clinic_day.book(day, person_id=day.mother_id, window_start=OPENS).appointment_id
    answer = clerk.client.post(reverse("clerk:move", args=[full]), {"slot": slot(day.tomorrow_id, TOMORROW), "key": str(new_id())})
    assert answer.status_code == 422
    assert "离它最近的空位" in answer.content.decode()


@pytest.mark.catalogue("C7", part="wrong department: two clicks at the window")
def test_sent_on_in_two_clicks_with_a_new_ticket(day, clerk, eyes):
    booked = clinic_day.paid_booking(day)
    clinic_day.checks_in(day, booked)
    here = reverse("clerk:transfer", args=[booked])
    assert here in clerk.client.get(reverse("clerk:appointment", args=[booked])).content.decode()
    page = clerk.client.get(here)  # the first click
    assert "眼科" in page.content.decode()
    answer = clerk.client.post(here, {"department": str(eyes), "key": str(page.context["key"])}, follow=True)  # the second
    assert "已转科，新票号 Y001。" in answer.content.decode()
    assert queues.facts_ticket_of_appointment(booked).label == "Y001"
    assert clerk.client.post(here, {}).status_code == 422


@pytest.mark.catalogue("C17", part="a returnee gets a ticket at the window, no place, no fee")
def test_who_was_seen_yesterday_gets_a_ticket(day, clerk, lists, monkeypatch):
    here = reverse("clerk:come_back", args=[day.person_id])
    assert "没有三天内看过的门诊" in clerk.client.get(here).content.decode()
    booked = clinic_day.paid_booking(day)
    encounter_id = clinic_day.enters(day, clinic_day.checks_in(day, booked))
    clinic_day.diagnoses(day, encounter_id)
    consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)
    monkeypatch.setattr(clock, "now", lambda: OPENS + timedelta(days=1))
    assert "心血管内科" in clerk.client.get(here).content.decode()
    typed = {"department": str(day.room.department_id), "practitioner": str(day.room.practitioner_id)}
    assert clerk.client.post(here, typed).status_code == 422
    answer = clerk.client.post(here, typed | {"payer_category": "resident", "credential": "id_card"})
    assert "不收诊查费" in answer.content.decode()


def test_cash_that_went_back_at_a_move_is_not_paid_out_again_at_the_cancelling(day, clerk):
    booked = clinic_day.book(day, window_start=OPENS)
    paying.take_cash(actor=day.room.clerk, now=OPENS, charge_ids=[booked.charge_id], tendered_fen=100_000, idempotency_key=new_id())
    dearer = clinic_day.publish(day.room, TOMORROW + timedelta(hours=4), number_class=NumberClass.CHIEF)
    here = reverse("clerk:move", args=[booked.appointment_id])
    typed = {"slot": slot(dearer, TOMORROW + timedelta(hours=4)), "key": str(new_id())}
    assert "已改约，凭证不变。" in clerk.client.post(here, typed, follow=True).content.decode()
    owed = booking.charge_claimed(appointment_id=booked.appointment_id, now=OPENS)
    clinic_day.arrives(clinic_day.begin_payment(day, [owed], now=OPENS), now=OPENS)
    answer = clerk.client.post(
        reverse("clerk:cancel", args=[booked.appointment_id]), {"reason": CancelReason.PLAN_CHANGED.value}, follow=True
    ).content.decode()
    assert "会原路退回，不用在窗口退现金" in answer
    assert "请退现金" not in answer
