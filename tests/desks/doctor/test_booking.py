"""From the visit: five ways of booking in at most three clicks, extra places, and the wrong department from the list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.words import BookingMode
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import consulting
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day, institutions, rooms, schedules
from tests.factories.clinic_day import NOW, OPENS, TOMORROW

pytestmark = pytest.mark.django_db


@pytest.fixture
def encounter_id(day):
    booked = clinic_day.paid_booking(day)
    return clinic_day.enters(day, clinic_day.checks_in(day, booked))


@pytest.fixture
def everywhere(day):
    """Clinics of tomorrow: a colleague's, another department's, the township's."""
    county = day.room.county
    clinic_day.publish(day.room, TOMORROW, practitioner_id=rooms.colleague(day.room)[0])
    for organization_id, name in ((county.hospital_id, "眼科"), (county.township_id, "全科")):
        department = organizations.add_department(
            actor=SYSTEM, now=NOW, organization_id=organization_id, name=name, code="0901", category=DepartmentCategory.SURGERY
        )
        queueing.open_queue(actor=SYSTEM, now=NOW, organization_id=organization_id, department_id=department, name=name, prefix="Y")
        doctor = institutions.add_doctor(organization_id, department, name="陈医生")
        where = schedules.Clinic(organization_id, department, None, doctor)
        for starts_at in (OPENS, TOMORROW):
            schedules.session(where, starts_at=starts_at, visible_at=NOW - timedelta(days=1), now=NOW - timedelta(days=1))


@pytest.mark.catalogue("C7", part="three clicks from the encounter, the mode is recorded")
@pytest.mark.parametrize("mode", [BookingMode.ROOM, BookingMode.TEAM, BookingMode.CROSS_DEPARTMENT, BookingMode.CONSORTIUM])
def test_three_clicks_from_the_visit(day, doctor, encounter_id, everywhere, mode):
    left = doctor.client.post(reverse("doctor:leave", args=[encounter_id]), {"to": "return"})  # 1: 复诊预约
    first = doctor.client.get(left.url.partition("#")[0])
    here = reverse("doctor:book_elsewhere", args=[encounter_id, mode.value])
    assert here in first.content.decode()
    page = doctor.client.get(here)  # 2: the mode
    windows = [each for row in page.context["rows"] for each in row["windows"]]
    tomorrow = next(each for each in windows if each["start"] >= OPENS)
    answer = doctor.client.post(here, {"slot": tomorrow["value"], "key": str(page.context["key"])})  # 3: the window
    booked = models.Appointment.objects.filter(mode=mode)
    assert answer.status_code == 302
    assert [(each.channel, each.person_id) for each in booked] == [("room", day.person_id)]


def test_the_return_visit_is_recorded_as_such(day, doctor, encounter_id):
    value = f"{day.tomorrow_id}_{int(TOMORROW.timestamp())}"
    answer = doctor.client.post(reverse("doctor:book_return", args=[encounter_id]), {"slot": value, "key": str(new_id())})
    assert answer.status_code == 302
    assert models.Appointment.objects.get(session_id=day.tomorrow_id).mode == BookingMode.RETURN


def test_modes_windows_and_keys_that_no_page_wrote(doctor, encounter_id, everywhere):
    here = reverse("doctor:book_elsewhere", args=[encounter_id, "team"])
    assert doctor.client.get(reverse("doctor:book_elsewhere", args=[encounter_id, "self"])).status_code == 404
    assert doctor.client.post(here, {"slot": "x"}).status_code == 404
    assert doctor.client.post(here, {"slot": f"{new_id()}_1", "key": "x"}).status_code == 404


def test_an_extra_place_from_the_visit_and_its_list(day, doctor, encounter_id):
    here = reverse("doctor:extra", args=[encounter_id])
    page = doctor.client.get(here)
    assert "最多 1 个" in page.content.decode()
    typed = {"session": str(day.tomorrow_id), "reason": "results", "key": str(new_id())}
    assert doctor.client.post(here, typed | {"reason": ""}).status_code == 422
    answer = doctor.client.post(here, typed, follow=True).content.decode()
    assert "已加号" in answer
    assert "持结果复诊" in answer
    assert models.Appointment.objects.filter(mode=BookingMode.EXTRA).count() == 1
    again = doctor.client.post(here, typed | {"key": str(new_id())})
    assert again.status_code == 422
    assert models.Appointment.objects.filter(mode=BookingMode.EXTRA).count() == 1


@pytest.mark.catalogue("C7", part="wrong department: two clicks from the doctor's list")
def test_the_called_patient_is_sent_on(day, doctor, everywhere):
    booked = clinic_day.paid_booking(day)
    clinic_day.checks_in(day, booked)
    called = consulting.call_next(actor=day.room.doctor, now=OPENS, queue_id=day.room.queue_id, room_id=day.room.room_id)
    here = reverse("doctor:send_on", args=[called.ticket_id])
    assert here in doctor.client.get(reverse("doctor:room")).content.decode()
    page = doctor.client.get(here)
    department = next(each for each in page.context["departments"] if each.name == "眼科")
    answer = doctor.client.post(here, {"department": str(department.id), "key": str(page.context["key"])})
    assert answer.status_code == 302
    assert queues.facts_ticket_of_appointment(booked).label == "Y001"
    assert doctor.client.post(here, {"department": "x"}).status_code == 403  # another department's patient now
