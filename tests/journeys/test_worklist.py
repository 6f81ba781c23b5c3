"""The worklist of one whole visit: at each moment one next step, from the unpaid place to nothing left to do."""

import pytest

from jiuyi.domains.identity.words import Relation
from jiuyi.journeys import booking, consulting, paying, worklist
from jiuyi.journeys.worklist_rules import StepKind
from jiuyi.kernel.refusals import NotFound
from tests.factories import clinic_day, people
from tests.factories.clinic_day import DRUG_FEN, LAB_FEN, MINUTE, NOW, OPENS, arrives

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]


def kinds(day, now, *, actor=None, person_id=None):
    return [step.kind for step in worklist.steps_of(actor=actor or day.account, person_id=person_id or day.person_id, now=now)]


@pytest.mark.catalogue("C15", part="one list of next steps through a whole visit, the next one first")
def test_a_whole_visit_step_by_step(day):
    seen = []

    def look(now=OPENS):
        found = worklist.steps_of(actor=day.account, person_id=day.person_id, now=now)
        seen.append(found[0].kind if found else None)
        return found

    assert kinds(day, NOW) == []
    booked = clinic_day.book(day, window_start=OPENS, online=True)
    (step,) = look(NOW)
    assert (step.cost_fen, step.deadline) == (1500, NOW + 15 * MINUTE)
    arrives(clinic_day.begin_payment(day, [booked.charge_id]))
    look(NOW)
    checked_in = clinic_day.checks_in(day, booked.appointment_id)
    (step,) = look()
    assert (step.ticket_label, step.ahead) == (checked_in.label, 0)
    consulting.call_next(actor=day.room.doctor, now=OPENS, queue_id=day.room.queue_id, room_id=day.room.room_id)
    (step,) = look()
    assert "305" in step.place.name
    encounter_id = consulting.start(actor=day.room.doctor, now=OPENS, ticket_id=checked_in.ticket_id)
    look()
    clinic_day.diagnoses(day, encounter_id)
    clinic_day.orders(day, encounter_id)
    consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)
    (step,) = look()
    assert step.cost_fen == LAB_FEN + 2 * DRUG_FEN
    (bill,) = paying.bills_of_person(actor=day.account, person_id=day.person_id, now=OPENS)
    arrives(clinic_day.begin_payment(day, [line.charge_id for line in bill.lines], now=OPENS), reference="B1", now=OPENS)
    assert [each.kind for each in look()] == [StepKind.LAB, StepKind.DRUGS]

    assert seen == [
        StepKind.PAY_HOLD,
        StepKind.CHECK_IN,
        StepKind.WAIT,
        StepKind.GO_IN,
        StepKind.IN_ROOM,
        StepKind.PAY_ORDERS,
        StepKind.LAB,
    ]


@pytest.mark.parametrize(
    ("_case", "window_start", "now", "kind"),
    [
        ("tomorrow's visit", clinic_day.TOMORROW, NOW, StepKind.COME),
        ("today's visit, to be paid at the desk", OPENS, NOW, StepKind.PAY_AT_DESK),
    ],
)
def test_a_booking_to_be_paid_at_the_hospital(day, _case, window_start, now, kind):
    clinic_day.book(day, window_start=window_start)

    assert kinds(day, now) == [kind]


def test_nothing_is_left_of_a_place_whose_time_ran_out(day):
    clinic_day.book(day, online=True)

    assert kinds(day, NOW + 15 * MINUTE) == []
    booking.expire_due(now=NOW + 15 * MINUTE)
    assert kinds(day, NOW + 15 * MINUTE) == []


@pytest.mark.catalogue("C15", part="a claimed link sees its own bookings only, never orders; a stranger sees nothing")
def test_a_claimed_link_sees_only_what_the_account_did(day):
    """The daughter typed her mother's number. She sees what she booked; the visit that her mother made herself stays the mother's."""
    daughter = people.signed_in("12000000003")
    people.claim(daughter, relation=Relation.PARENT)
    encounter_id = clinic_day.enters(day, clinic_day.checks_in(day, clinic_day.paid_booking(day)))
    consulting.order_lab(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id, code=clinic_day.LAB)

    assert kinds(day, OPENS, actor=daughter) == []
    assert kinds(day, OPENS) == [StepKind.IN_ROOM, StepKind.PAY_ORDERS]
    with pytest.raises(NotFound):
        kinds(day, OPENS, actor=people.signed_in("12000000004"))


def test_a_claimed_person_has_steps_of_the_accounts_own_booking(day):
    booked = clinic_day.book(day, person_id=day.mother_id, window_start=OPENS, online=True)
    arrives(clinic_day.begin_payment(day, [booked.charge_id]))
    assert kinds(day, NOW, person_id=day.mother_id) == [StepKind.CHECK_IN]

    encounter_id = clinic_day.enters(day, clinic_day.checks_in(day, booked.appointment_id))
    consulting.order_lab(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id, code=clinic_day.LAB)

    assert kinds(day, OPENS, person_id=day.mother_id) == [StepKind.IN_ROOM]


def test_a_claimed_persons_ticket_outlives_midnight(day):
    evening = NOW.replace(hour=15, minute=30)  # 23:30 in Shanghai
    session_id = clinic_day.publish(day.room, evening, minutes=30)
    booked = clinic_day.book(day, person_id=day.mother_id, session_id=session_id, window_start=evening, online=True)
    arrives(clinic_day.begin_payment(day, [booked.charge_id]))
    clinic_day.checks_in(day, booked.appointment_id, now=evening)

    assert kinds(day, evening + 40 * MINUTE, person_id=day.mother_id) == [StepKind.WAIT]


def test_a_merged_record_keeps_its_ticket(day):
    clinic_day.checks_in(day, clinic_day.paid_booking(day))

    survivor_id = people.merged_into_somebody(day.person_id, day.hospital_id)

    assert kinds(day, OPENS, person_id=survivor_id) == [StepKind.WAIT]


def test_staff_see_the_same_steps(day):
    clinic_day.paid_booking(day)

    assert kinds(day, NOW, actor=day.room.clerk) == kinds(day, NOW)
