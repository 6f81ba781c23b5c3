"""Stop, substitute, delay, another room: from the secretary's decision to the patient's choice, with the money."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import CareBasis, ContactManner
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import RoomKind
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.models import ChangeNotice
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import (
    AppointmentStatus,
    CancelReason,
    ChangeChoice,
    PlaceGone,
    Reach,
    SessionStopped,
)
from jiuyi.domains.scheduling.words.changes import AlreadyChosen, ChoiceNotOffered
from jiuyi.foundation import journal, notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.models import JournalEntry
from jiuyi.journeys import changing, paying, reaching
from jiuyi.journeys.listeners import LISTENERS
from jiuyi.journeys.reaching_rules import Whereabouts
from jiuyi.journeys.words import NoSubstituteLeft, OtherClass
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day, institutions, people, rooms
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW

pytestmark = pytest.mark.django_db
S = AppointmentStatus


@pytest.fixture(autouse=True)
def beginning(db, monkeypatch):
    """The journal is never emptied: what other tests wrote is not this one's business."""
    newest = JournalEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    monkeypatch.setitem(HEARD, "after", newest)


HEARD = {"after": 0}


def hear():
    """What the worker does after the commit: every listener of every entry, in order."""
    for entry in JournalEntry.objects.filter(id__gt=HEARD["after"]).order_by("id"):
        row = journal.row_of(entry)
        for listener in LISTENERS:
            if listener.event_name == row.name:
                listener.resolve()(row)


def told(template="change"):
    return [row for row in notices.outbox(limit=50) if row.template.startswith(template)]


def stops(day, session_id=None, now=NOW):
    return changing.stop(actor=SYSTEM, now=now, session_id=session_id or day.tomorrow_id, reason="医生生病")


def notice_of(appointment_id):
    return changes.newest_notices([appointment_id])[appointment_id]


def status_of(appointment_id):
    return schedule.facts_appointment(appointment_id).status


def chooses(day, appointment_id, choice, *, actor=None, now=NOW, **target):
    return changing.choose(actor=actor or day.account, now=now, notice_id=notice_of(appointment_id).notice_id, choice=choice, **target)


def colleague_session(day, starts_at=TOMORROW, **extra):
    doctor_id, _ = rooms.colleague(day.room)
    return clinic_day.publish(day.room, starts_at, practitioner_id=doctor_id, **extra), doctor_id


@pytest.mark.catalogue("C4", part="a stop tells everybody booked once, each keeps a live choice, silence pays back in full")
def test_a_stop_leaves_everybody_a_choice_and_silence_pays_back(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day)
    assert status_of(appointment_id) is S.BOOKED
    notice = notice_of(appointment_id)
    assert changes.choices_of_notice(notice) == (ChangeChoice.SUBSTITUTE, ChangeChoice.MOVE, ChangeChoice.REFUND)
    until = changes.choose_until(notice)
    assert changing.settle_overdue(now=until - MINUTE) == 0
    assert changing.settle_overdue(now=until) == 1
    assert changing.settle_overdue(now=until) == 0
    assert status_of(appointment_id) is S.CANCELLED
    facts = schedule.facts_appointment(appointment_id)
    assert (facts.cancel_reason, facts.cancelled_late) == (CancelReason.SESSION_STOPPED, False)
    assert clinic_day.charge_of(appointment_id).status is ChargeStatus.REFUNDED


def test_a_refund_is_given_once_and_counts_as_no_cancellation(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day, now=TOMORROW - MINUTE)
    first = chooses(day, appointment_id, ChangeChoice.REFUND, now=TOMORROW)
    again = chooses(day, appointment_id, ChangeChoice.REFUND, now=TOMORROW)
    assert (first.refunded_fen, again.refunded_fen) == (clinic_day.charge_of(appointment_id).amount_fen, 0)
    assert not schedule.facts_appointment(appointment_id).cancelled_late
    assert len(bills.facts_refunds([clinic_day.charge_of(appointment_id).charge_id])) == 1
    with pytest.raises(AlreadyChosen):
        chooses(day, appointment_id, ChangeChoice.MOVE, now=TOMORROW)


def test_the_substitute_of_the_same_class_is_the_nearest_window_of_the_day(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW + 15 * MINUTE)
    session_id, doctor_id = colleague_session(day)
    stops(day)
    chosen = chooses(day, appointment_id, ChangeChoice.SUBSTITUTE)
    moved = schedule.facts_appointment(appointment_id)
    assert (moved.session_id, moved.practitioner_id, moved.status) == (session_id, doctor_id, S.BOOKED)
    assert chosen.window_start == moved.window_start == TOMORROW + 15 * MINUTE
    assert clinic_day.charge_of(appointment_id).status is ChargeStatus.PAID
    assert chooses(day, appointment_id, ChangeChoice.SUBSTITUTE) == chosen
    assert changing.settle_overdue(now=TOMORROW + timedelta(days=1)) == 0
    assert status_of(appointment_id) is S.BOOKED


def test_without_a_substitute_nothing_is_decided(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    colleague_session(day, number_class=clinic_day.NumberClass.CHIEF)
    stops(day)
    with pytest.raises(NoSubstituteLeft):
        chooses(day, appointment_id, ChangeChoice.SUBSTITUTE)
    assert notice_of(appointment_id).choice is None
    assert status_of(appointment_id) is S.BOOKED


def test_a_move_goes_to_the_window_chosen_and_a_repeated_tap_stays_there(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    session_id = clinic_day.publish(day.room, TOMORROW + timedelta(days=1))
    target = {"session_id": session_id, "window_start": TOMORROW + timedelta(days=1)}
    stops(day)
    notice = notice_of(appointment_id)
    assert [(each.session_id, each.start) for each in changing.alternatives(notice, now=NOW)][:1] == [(day.today_id, OPENS)]
    for _ in range(2):
        chooses(day, appointment_id, ChangeChoice.MOVE, **target)
    moved = schedule.facts_appointment(appointment_id)
    assert (moved.session_id, moved.window_start) == (session_id, target["window_start"])


def test_a_full_window_leaves_the_choice_open(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    session_id, _ = colleague_session(day)
    clinic_day.book(day, person_id=day.mother_id, session_id=session_id)
    stops(day)
    with pytest.raises(PlaceGone):
        chooses(day, appointment_id, ChangeChoice.MOVE, session_id=session_id, window_start=TOMORROW)
    assert notice_of(appointment_id).choice is None
    assert schedule.facts_appointment(appointment_id).session_id == day.tomorrow_id


def test_a_move_keeps_department_and_class(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    session_id, _ = colleague_session(day, number_class=clinic_day.NumberClass.CHIEF)
    stops(day)
    with pytest.raises(OtherClass):
        chooses(day, appointment_id, ChangeChoice.MOVE, session_id=session_id, window_start=TOMORROW)
    assert notice_of(appointment_id).choice is None


def test_only_the_owner_and_those_who_ring_people_choose(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day)
    with pytest.raises(NotFound):
        chooses(day, appointment_id, ChangeChoice.REFUND, actor=people.signed_in("12000000009"))
    with pytest.raises(NotAllowed):
        chooses(day, appointment_id, ChangeChoice.REFUND, actor=institutions.staff_actor("nurse", day.hospital_id))
    assert status_of(appointment_id) is S.BOOKED
    chooses(day, appointment_id, ChangeChoice.REFUND, actor=day.room.clerk)
    assert status_of(appointment_id) is S.CANCELLED


def test_nobody_is_asked_for_money_or_checked_in_for_a_stopped_session(day):
    booked = clinic_day.book(day, window_start=OPENS)
    stops(day, day.today_id)
    with pytest.raises(SessionStopped):
        clinic_day.begin_payment(day, [booked.charge_id])
    with pytest.raises(SessionStopped):
        paying.take_cash(actor=day.room.clerk, now=NOW, charge_ids=[booked.charge_id], tendered_fen=9_900, idempotency_key=new_id())
    with pytest.raises(SessionStopped):
        clinic_day.checks_in(day, booked.appointment_id)
    assert clinic_day.charge_of(booked.appointment_id).status is ChargeStatus.UNPAID
    assert status_of(booked.appointment_id) is S.BOOKED


def test_a_stop_ends_unpaid_holds_at_once_without_cost(day):
    booked = clinic_day.book(day, online=True)
    stops(day)
    assert status_of(booked.appointment_id) is S.CANCELLED
    assert clinic_day.charge_of(booked.appointment_id).status is ChargeStatus.CANCELLED


def test_whoever_waits_waits_for_the_substitute_without_losing_the_place_in_line(day):
    checked_in = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    doctor_id, _ = rooms.colleague(day.room)
    changing.substitute(actor=SYSTEM, now=OPENS, session_id=day.today_id, practitioner_id=doctor_id, reason="抢救")
    assert queues.facts_ticket(checked_in.ticket_id).practitioner_id == doctor_id
    assert [each.ticket_id for each in queues.line(day.room.queue_id, doctor_id, now=OPENS)] == [checked_in.ticket_id]


def test_somebody_who_waits_and_is_paid_back_leaves_the_line(day):
    checked_in = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    stops(day, day.today_id, now=OPENS)
    chooses(day, checked_in.appointment_id, ChangeChoice.REFUND, actor=day.room.clerk, now=OPENS)
    assert queues.line(day.room.queue_id, day.room.practitioner_id, now=OPENS) == []


def test_keeping_a_delayed_visit_may_still_become_a_refund(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    changing.delay(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id, minutes=60, reason="手术")
    assert chooses(day, appointment_id, ChangeChoice.KEEP).window_start == TOMORROW + 60 * MINUTE
    chooses(day, appointment_id, ChangeChoice.REFUND)
    facts = schedule.facts_appointment(appointment_id)
    assert (facts.status, facts.cancel_reason) == (S.CANCELLED, CancelReason.DELAYED)


def test_another_room_offers_nothing_but_to_come(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    room_id = another_room(day)
    changing.move_room(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id, room_id=room_id, reason="漏水")
    with pytest.raises(ChoiceNotOffered):
        chooses(day, appointment_id, ChangeChoice.REFUND)
    assert status_of(appointment_id) is S.BOOKED


def another_room(day):
    return organizations.add_room(
        actor=SYSTEM,
        now=NOW,
        building_id=day.room.county.building_id,
        floor=1,
        number="108",
        name="8诊室",
        kind=RoomKind.CONSULTING,
        department_id=day.room.department_id,
    )


def test_opening_the_page_is_knowing(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day)
    assert changing.notice_of_appointment(actor=day.account, now=NOW, appointment_id=appointment_id).known_at == NOW
    assert changes.notices_to_call([day.hospital_id], now=TOMORROW) == []


# How each is told.


def test_a_stop_is_told_once_whoever_hears_of_it_again(day):
    """The worker dies between the stop and the message, or in the middle of the messages: told once in the end."""
    clinic_day.paid_booking(day, window_start=TOMORROW)
    clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW + 15 * MINUTE)
    stops(day)
    assert told() == []
    (row,) = [journal.row_of(each) for each in JournalEntry.objects.filter(name="scheduling.ClinicSessionStopped")]
    for _ in range(3):
        reaching.tell_of_change(row)
    reaching.tell_untold(now=NOW)
    assert len(told()) == 2
    assert {each.reach for each in changes.facts_notices_of_change(notice_of_first(day).change.change_id)} == {Reach.TEXT}


def notice_of_first(day):
    return changes.facts_notice(ChangeNotice.objects.order_by("id").first().id)


def test_one_that_cannot_be_written_leaves_no_half_told_person(day, monkeypatch):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day)

    def broken(**_):
        message = "the line is down"
        raise RuntimeError(message)

    monkeypatch.setattr(notices, "post", broken)
    with pytest.raises(RuntimeError):
        reaching.tell(notice_of(appointment_id), now=NOW)
    monkeypatch.undo()
    assert notice_of(appointment_id).told_at is None
    assert reaching.tell_untold(now=NOW) == 1
    assert len(told()) == 1


def contact(day, person_id, phone, manner, rank=0):
    identity.add_contact(
        actor=day.room.clerk, now=NOW, person_id=person_id, phone=phone, rank=rank, manner=manner, organization_id=day.hospital_id
    )


@pytest.mark.catalogue("C25", part="text only, voice only, no phone, village doctor: each is told in their own way")
@pytest.mark.parametrize(
    ("_case", "phones", "village", "expected"),
    [
        ("two phones", [("12000000021", "any"), ("12000000022", "any")], False, ("text", 2, False)),
        ("does not hear", [("12000000021", "text_only")], False, ("text", 1, False)),
        ("cannot read texts", [("12000000021", "voice_only")], False, ("voice", 0, True)),
        ("a land line", [("0635-8212345", "any")], False, ("voice", 0, True)),
        ("voice, and a child who reads", [("12000000021", "voice_only"), ("12000000022", "any")], False, ("text", 1, False)),
        ("no phone", [], False, ("call_list", 0, True)),
        ("no phone, a family doctor", [], True, ("village_doctor", 0, True)),
    ],
)
def test_everybody_is_told_in_their_own_way(day, _case, phones, village, expected):
    reach, texts, rung_at_once = expected
    person_id = rooms.somebody(day.room)
    for rank, (phone, manner) in enumerate(phones):
        contact(day, person_id, phone, ContactManner(manner), rank)
    if village:
        identity.add_care_relation(
            actor=SYSTEM, now=NOW, person_id=person_id, basis=CareBasis.FAMILY_DOCTOR, node_id=day.hospital_id, start=NOW, end=None
        )
    booked = clinic_day.book(day, actor=day.room.clerk, person_id=person_id)
    stops(day)
    hear()
    notice = notice_of(booked.appointment_id)
    assert notice.reach is Reach(reach)
    assert len(told()) == texts
    soon = changes.notices_to_call([day.hospital_id], now=TOMORROW - timedelta(hours=23))
    assert [each.appointment_id for each in soon] == ([booked.appointment_id] if rung_at_once else [])


def test_the_account_that_booked_comes_first_and_each_number_once(day):
    contact(day, day.person_id, clinic_day.PHONE, ContactManner.ANY)
    contact(day, day.person_id, "12000000022", ContactManner.ANY, rank=1)
    clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day)
    hear()
    assert {each.address_hint for each in told()} == {"120****0001", "120****0022"}


def test_whoever_is_not_known_to_know_in_time_is_rung(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day, now=TOMORROW - timedelta(hours=2))
    hear()
    due = TOMORROW - timedelta(hours=2) + 20 * MINUTE
    assert changes.notices_to_call([day.hospital_id], now=due - MINUTE) == []
    assert [each.appointment_id for each in changes.notices_to_call([day.hospital_id], now=due)] == [appointment_id]


def test_who_was_paid_back_by_silence_is_still_rung(day):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    stops(day, now=TOMORROW - timedelta(hours=2))
    hear()
    changing.settle_overdue(now=TOMORROW)
    assert status_of(appointment_id) is S.CANCELLED
    assert [each.appointment_id for each in changes.notices_to_call([day.hospital_id], now=TOMORROW)] == [appointment_id]


@pytest.mark.catalogue("C4", part="of a delay the waiting, those back, those at exams and those at home each hear their own words")
def test_of_a_delay_each_hears_what_fits_where_they_are(day, lists):
    in_room = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    encounter_id = clinic_day.enters(day, in_room)
    clinic_day.diagnoses(day, encounter_id)
    clinic_day.orders(day, encounter_id)
    queueing.finish(actor=day.room.doctor, now=OPENS, ticket_id=in_room.ticket_id)
    at_home = clinic_day.book(day, person_id=day.mother_id, window_start=OPENS + 30 * MINUTE).appointment_id
    waiting_person = rooms.somebody(day.room)
    waiting = clinic_day.book(day, actor=day.room.clerk, person_id=waiting_person, window_start=OPENS + 45 * MINUTE)
    paying.take_cash(actor=day.room.clerk, now=OPENS, charge_ids=[waiting.charge_id], tendered_fen=100_000, idempotency_key=new_id())
    clinic_day.checks_in(day, waiting.appointment_id)
    changing.delay(actor=SYSTEM, now=OPENS, session_id=day.today_id, minutes=30, reason="抢救")
    where = {
        appointment_id: reaching.whereabouts(schedule.facts_appointment(appointment_id))
        for appointment_id in (in_room.appointment_id, at_home, waiting.appointment_id)
    }
    assert list(where.values()) == [Whereabouts.AT_EXAMS, Whereabouts.NOT_YET_THERE, Whereabouts.WAITING]
    texts = {each: reaching.text_of(notice_of(each)) for each in where}
    assert len(set(texts.values())) == 3
    assert "请改在 11:00–11:15 到" in texts[at_home]
    assert "检查照常做" in texts[in_room.appointment_id]
    assert "顺序不变" in texts[waiting.appointment_id]
