"""Limits under parallel requests, with real threads and real transactions; and proof that these tests would see them broken."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling.actions import limits
from jiuyi.domains.scheduling.words import BookingChannel, TooManyBookings
from jiuyi.foundation.access import SYSTEM
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

RIVALS = 16


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def sessions(clinic):
    """Sixteen doctors in sixteen departments on one day: only the limit of the day stands between the patient and all of them."""
    found = []
    for number in range(RIVALS):
        department = organizations.add_department(
            actor=SYSTEM,
            now=NOW,
            organization_id=clinic.organization_id,
            name=f"第{number}诊区",
            code=f"R{number}",
            category=DepartmentCategory.INTERNAL,
        )
        doctor = schedules.doctor(clinic.organization_id, f"医{number}")
        found.append(schedules.session(clinic, practitioner_id=doctor, department_id=department, per_window=2))
    return found


def booked() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scheduling_appointment WHERE status = 'booked'")
        return cursor.fetchone()[0]


@pytest.mark.catalogue("C5", part="sixteen parallel bookings of one patient never exceed the limit")
def test_sixteen_bookings_of_one_person_at_once(clinic, sessions):
    person = schedules.person(clinic)
    results = at_once([lambda session=session: schedules.book(session, person) for session in sessions])
    assert Counter(type(result).__name__ for result in results) == {"AppointmentRef": 3, "TooManyBookings": RIVALS - 3}
    assert all(result.data["conflicts"] == ["per_day"] for result in results if isinstance(result, TooManyBookings))
    assert booked() == 3


def test_without_the_lock_of_the_person_the_limit_is_broken(clinic, sessions, monkeypatch):
    """Proof of the test above: the same rivals, counted without a lock."""
    monkeypatch.setattr(limits, "_take", lambda rows: None)
    person = schedules.person(clinic)
    results = at_once([lambda session=session: schedules.book(session, person) for session in sessions])
    assert booked() > 3, results


def test_sixteen_patients_of_one_account_at_once(clinic, sessions):
    """The account's row is locked after the person's: twelve bookings a day, eight patients, whoever is first."""
    people = schedules.people(clinic, RIVALS)
    results = at_once([lambda s=s, p=p: schedules.book(s, p) for s, p in zip(sessions, people, strict=True)])
    assert Counter(type(result).__name__ for result in results) == {"AppointmentRef": 8, "TooManyBookings": RIVALS - 8}
    assert booked() == 8


def test_desks_wait_for_nobody_and_are_not_limited(clinic, sessions):
    person = schedules.person(clinic)
    clerk = schedules.CLERK
    acts = [lambda s=s: schedules.book(s, person, actor=clerk, channel=BookingChannel.WINDOW) for s in sessions]
    assert {type(result).__name__ for result in at_once(acts)} == {"AppointmentRef"}
    assert booked() == RIVALS
    # What the desk booked takes nothing away from what the patient may book.
    other = schedules.session(clinic, starts_at=OPENS + timedelta(days=1))
    assert schedules.book(other, person, window_start=OPENS + timedelta(days=1)).voucher
