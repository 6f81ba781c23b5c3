"""What people are told: once, by the right way, in words that betray nothing."""

from datetime import timedelta

import pytest

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.foundation import journal, notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.notices import Channel
from jiuyi.journeys import booking, consulting
from jiuyi.journeys.listeners import LISTENERS
from tests.factories import clinic_day, institutions, rooms
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW

pytestmark = pytest.mark.django_db
_FUNCTIONS = {listener.event_name: listener.function for listener in LISTENERS}


def hear(person_id):
    """Tell everything the journal knows of the person, as the worker does after the commit."""
    for row in journal.entries_of_person(person_id):
        if row.name in _FUNCTIONS:
            _FUNCTIONS[row.name](row)


def told(template=""):
    return [row for row in notices.outbox(limit=50) if row.template.startswith(template) and not row.template.startswith("identity.")]


def test_a_firm_booking_is_told_to_the_account_that_made_it(day):
    clinic_day.book(day)

    hear(day.person_id)

    (row,) = told("booked")
    assert (row.channel, row.address_hint) == (Channel.SMS, "120****0001")
    assert "3月3日 09:00–09:15" in row.text
    assert "青禾县人民医院心血管内科" in row.text
    assert "李秀兰" not in row.text


def test_a_place_that_is_only_held_is_not_called_booked(day):
    booked = clinic_day.book(day, online=True)

    hear(day.person_id)
    assert told() == []

    clinic_day.arrives(clinic_day.begin_payment(day, [booked.charge_id]))
    hear(day.person_id)
    assert {row.template for row in told()} == {"booked"}


def test_a_place_paid_before_the_worker_heard_of_it_is_told_once(day):
    booked = clinic_day.book(day, online=True)
    clinic_day.arrives(clinic_day.begin_payment(day, [booked.charge_id]))

    hear(day.person_id)

    assert [row.template for row in told()] == ["booked"]


@pytest.mark.catalogue("C25", part="hearing of the same thing twice sends one message")
def test_hearing_twice_sends_once(day):
    clinic_day.book(day)

    for _ in range(3):
        hear(day.person_id)

    assert len(told()) == 1


def test_a_sensitive_department_is_not_named(day):
    department_id = organizations.add_department(
        actor=SYSTEM,
        now=NOW,
        organization_id=day.hospital_id,
        name="精神心理科",
        code="JS",
        category=DepartmentCategory.INTERNAL,
        sensitive=True,
    )
    doctor_id = institutions.add_doctor(day.hospital_id, department_id, name="苏问")
    session_id = scheduling.publish_session(
        actor=SYSTEM,
        now=NOW,
        practitioner_id=doctor_id,
        department_id=department_id,
        room_id=None,
        starts_at=TOMORROW,
        ends_at=TOMORROW + timedelta(hours=1),
        number_class=clinic_day.NumberClass.ORDINARY,
        per_window=1,
        visible_at=NOW - timedelta(days=1),
    )
    booked = clinic_day.book(day, session_id=session_id)
    hear(day.person_id)
    booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    hear(day.person_id)

    texts = [row.text for row in told()]
    assert len(texts) == 2
    assert all("精神" not in text and "心理" not in text and "苏问" not in text for text in texts)


def test_a_booking_given_back_before_anybody_was_told_is_not_called_booked(day):
    booked = clinic_day.book(day)
    booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)

    hear(day.person_id)

    assert [row.template for row in told()] == ["cancelled"]


@pytest.mark.parametrize(("_case", "template"), [("given back", "cancelled"), ("expired", "expired"), ("called to a room", "called")])
def test_what_happens_to_a_booking_is_told(day, _case, template):
    if template == "cancelled":
        booked = clinic_day.book(day)
        booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    elif template == "expired":
        clinic_day.book(day, online=True)
        booking.expire_due(now=NOW + 15 * MINUTE)
    else:
        clinic_day.checks_in(day, clinic_day.paid_booking(day))
        consulting.call_next(actor=day.room.doctor, now=OPENS, queue_id=day.room.queue_id, room_id=day.room.room_id)

    hear(day.person_id)

    assert len(told(template)) == 1


def test_somebody_without_a_phone_comes_onto_the_list_of_calls(day):
    person_id = rooms.somebody(day.room)
    clinic_day.book(day, actor=day.room.clerk, person_id=person_id)

    hear(person_id)

    (row,) = told("booked")
    assert row.channel is Channel.CALL_LIST


def test_a_place_taken_back_by_the_hospital_is_not_called_given_back(day):
    booked = clinic_day.book(day)
    scheduling.stop_session(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id)
    booking.give_back_stopped(actor=SYSTEM, now=NOW, appointment_id=booked.appointment_id)

    hear(day.person_id)

    (row,) = told("cancelled")
    assert "不算退号" in row.text
