"""Limits of patient, account and device as a booking meets them: every broken one is named, and nothing is changed."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions import limits
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    BookingChannel,
    BookingLimits,
    CancelReason,
    NumberClass,
    TooManyBookings,
)
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kit.refusals import refusal_text
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEB = BookingChannel.WEB


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)


def department(clinic, number: int, name: str = "") -> UUID:
    return organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=clinic.organization_id, name=name or f"第{number}诊区", code=f"L{number}",
        category=DepartmentCategory.INTERNAL,
    )  # fmt: skip


def sessions(clinic, count: int, *, starts_at=OPENS, first: int = 0) -> list[UUID]:
    """One session each in departments of their own with doctors of their own."""
    return [
        schedules.session(
            clinic,
            starts_at=starts_at,
            per_window=8,
            department_id=department(clinic, first + number),
            practitioner_id=schedules.doctor(clinic.organization_id, f"医{first + number}"),
        )
        for number in range(count)
    ]


def book(session_id, person_id, *, starts_at=OPENS, account: UUID = PATIENT.id, device="", counts=True, now=NOW, key=None, channel=WEB):
    return actions.claim_place(
        actor=Actor(ActorKind.PATIENT, account), now=now, person_id=person_id, session_id=session_id, window_start=starts_at,
        channel=channel, account_id=account, fee_fen=0, fee_rule=None, held_until=None, pay_at_arrival=True,
        idempotency_key=key or new_id(), device_hash=device, counts_to_limits=counts,
    )  # fmt: skip


def state_of_the_world() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM scheduling_appointment), (SELECT count(*) FROM foundation_journalentry)")
        counts = cursor.fetchone()
        cursor.execute("SELECT state, count(*) FROM scheduling_place GROUP BY state ORDER BY state")
        return counts, cursor.fetchall()


@pytest.mark.catalogue("C5", part="every limit that is broken is named at once, with what to do next, and nothing is changed")
def test_all_broken_limits_are_named_at_once(clinic, person_id):
    first, second, third, fourth = sessions(clinic, 4)
    for session_id in (first, second, third):
        book(session_id, person_id)
    doctor = queries.facts_session(first).practitioner_id
    later = OPENS + 6 * timedelta(hours=1)
    same_doctor = schedules.session(clinic, starts_at=later, practitioner_id=doctor, department_id=department(clinic, 90))
    before = state_of_the_world()
    with pytest.raises(TooManyBookings) as caught:
        book(same_doctor, person_id, starts_at=later)
    assert caught.value.data["conflicts"] == ["per_doctor", "per_day"]
    text = refusal_text(caught.value)
    assert "还有这位医生的预约没有看" in text
    assert "一天最多约 3 次" in text
    assert state_of_the_world() == before
    # The repetition of a request that was answered is answered again, whatever the limits say by now.
    again = book(fourth, schedules.person(clinic, "李强"), key="again")
    assert book(fourth, queries.facts_appointment(again.appointment_id).person_id, key="again").repeated


def test_a_cancelled_booking_no_longer_counts(clinic, person_id):
    *three, fourth = sessions(clinic, 4)
    taken = [book(session_id, person_id) for session_id in three]
    with pytest.raises(TooManyBookings):
        book(fourth, person_id)
    actions.cancel_appointment(actor=PATIENT, now=NOW, appointment_id=taken[0].appointment_id, reason=CancelReason.PLAN_CHANGED)
    assert book(fourth, person_id).voucher


def test_one_person_under_two_ids_is_one_person(clinic, person_id):
    twin = schedules.person(clinic)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET survivor_id = %s WHERE id = %s", [person_id, twin])
    first, second, third, fourth = sessions(clinic, 4)
    book(first, person_id)
    book(second, twin)
    book(third, twin)
    for name in (person_id, twin):
        with pytest.raises(TooManyBookings) as caught:
            book(fourth, name)
        assert caught.value.data["conflicts"] == ["per_day"]
    with pytest.raises(TooManyBookings) as caught:
        book(first, twin)
    assert "already_booked_that_day" in caught.value.data["conflicts"]
    # At the window too: one of a department and day is a law of the house, not a limit.
    with pytest.raises(AlreadyBookedThatDay):
        schedules.book(first, twin, actor=CLERK, channel=BookingChannel.WINDOW)


def test_an_account_books_for_a_family_not_for_a_town(clinic):
    people = schedules.people(clinic, 10)
    (session_id,) = sessions(clinic, 1)
    other_day = sessions(clinic, 1, starts_at=OPENS + DAY, first=10)[0]
    for person in people[:8]:
        book(session_id, person)
    with pytest.raises(TooManyBookings) as caught:
        book(other_day, people[8], starts_at=OPENS + DAY)
    assert caught.value.data["conflicts"] == ["account_patients"]
    assert book(other_day, people[0], starts_at=OPENS + DAY).voucher  # one of the eight
    assert book(other_day, people[8], starts_at=OPENS + DAY, account=new_id()).voucher  # by another account


def test_a_device_is_counted_over_all_accounts(clinic):
    rulebook.change_rule(
        actor=SYSTEM, now=NOW - DAY, rule_id="AP-9", scope_id=None, values=BookingLimits(device_per_day=2).as_json(),
        valid_from=NOW - DAY, reason="试行", source="院办通知",
    )  # fmt: skip
    people = schedules.people(clinic, 4)
    (session_id,) = sessions(clinic, 1)
    for person in people[:2]:
        book(session_id, person, account=new_id(), device="a" * 64)
    with pytest.raises(TooManyBookings) as caught:
        book(session_id, people[2], account=new_id(), device="a" * 64)
    assert caught.value.data["conflicts"] == ["device_per_day"]
    assert book(session_id, people[2], account=new_id(), device="b" * 64).voucher
    assert book(session_id, people[3], account=new_id(), device="a" * 64, now=NOW + timedelta(hours=16)).voucher  # Tuesday begins


def test_exempt_bookings_are_not_refused_and_take_nothing_away(clinic, person_id):
    *three, fourth = sessions(clinic, 4)
    course = [
        schedules.session(
            clinic, starts_at=OPENS, department_id=department(clinic, 50 + n, f"针灸{n}科"),
            practitioner_id=schedules.doctor(clinic.organization_id, f"针{n}"),
        )
        for n in range(4)
    ]  # fmt: skip
    emergency = schedules.session(
        clinic, department_id=department(clinic, 60), number_class=NumberClass.EMERGENCY,
        practitioner_id=schedules.doctor(clinic.organization_id, "急"),
    )  # fmt: skip
    for session_id in course:
        book(session_id, person_id)
    for session_id in three:
        book(session_id, person_id)  # the course took nothing away
    with pytest.raises(TooManyBookings):
        book(fourth, person_id)
    assert book(emergency, person_id).voucher
    assert book(fourth, person_id, counts=False).voucher  # a referral, or moved from a wrong department


def test_a_live_pass_counts_as_a_booking(clinic, person_id):
    *four, fifth = sessions(clinic, 5)
    for session_id in four[:2]:
        book(session_id, person_id)
    issued = pass_for(four[2], person_id)
    with pytest.raises(TooManyBookings) as caught:
        book(four[3], person_id)
    assert caught.value.data["conflicts"] == ["per_day"]
    # The booking made with the pass does not count its own pass, nor does another of the same department's day.
    assert book(four[2], person_id, key=str(issued.id)).voucher
    with pytest.raises(TooManyBookings):
        book(fifth, person_id)


@pytest.mark.parametrize("changes", [{"expires_at": NOW}, {"given_back_at": NOW}, {"counts_to_limits": False}])
def test_a_pass_that_is_no_longer_live_does_not(clinic, person_id, changes):
    *three, fourth = sessions(clinic, 4)
    for session_id in three[:2]:
        book(session_id, person_id)
    pass_for(three[2], person_id, **changes)
    assert book(fourth, person_id).voucher


def pass_for(session_id, person_id, **changes) -> models.BookingPass:
    offer = queries.facts_session(session_id)
    values = {
        "person_id": person_id, "session_id": session_id, "department_id": offer.department_id, "service_date": offer.service_date,
        "channel": WEB, "account_id": PATIENT.id, "fee_fen": 0, "issued_by_kind": "patient", "issued_by_id": PATIENT.id,
        "issued_at": NOW - DAY, "expires_at": NOW + timedelta(minutes=5),
    }  # fmt: skip
    return models.BookingPass.objects.create(**(values | changes))


def test_a_pass_is_refused_as_a_booking_is(clinic, person_id):
    *three, fourth = sessions(clinic, 4)
    for session_id in three:
        book(session_id, person_id)
    asked = {"actor": PATIENT, "now": NOW, "person_id": person_id, "channel": WEB, "account_id": PATIENT.id, "device_hash": ""}
    with pytest.raises(TooManyBookings):
        limits.require_allowed(**asked, session=queries.facts_session(fourth), counts_to_limits=True)
    limits.require_allowed(**asked, session=queries.facts_session(fourth), counts_to_limits=False)
    with pytest.raises(AlreadyBookedThatDay):
        limits.require_allowed(**asked, session=queries.facts_session(three[0]), counts_to_limits=False)
