"""Numbers, calls and what follows a call; refusals share the set-up and change nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import actions, queries
from jiuyi.domains.queueing.models import Call, Queue, QueueDay, Ticket
from jiuyi.domains.queueing.words import (
    DoctorBusy,
    PersonElsewhere,
    ReasonNeeded,
    SomebodyCalled,
    TicketCategory,
    TicketMoved,
    TicketStatus,
)
from jiuyi.foundation import audit, journal
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import institutions, people, rooms
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(db):
    return rooms.waiting_room()


def world() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_journalentry")
        return (
            list(Ticket.objects.order_by("id").values_list()),
            list(QueueDay.objects.order_by("id").values_list()),
            Call.objects.count(),
            cursor.fetchone(),
        )


# Numbers


def test_numbers_follow_each_other_and_carry_the_prefix(room):
    tickets = [rooms.waits(room, person) for person in rooms.crowd(room, 3)]
    assert [t.label for t in tickets] == ["A001", "A002", "A003"]
    assert all(t.newly and t.status is TicketStatus.WAITING for t in tickets)


def test_a_second_check_in_gives_the_same_ticket_and_no_number(room):
    person = rooms.somebody(room)
    first = rooms.waits(room, person)
    before = world()
    again = rooms.waits(room, person, now=NOW + MINUTE)
    assert (again.ticket_id, again.newly) == (first.ticket_id, False)
    assert world() == before


@pytest.mark.parametrize(
    ("_case", "instant", "label"),
    [
        ("00:00 here is the new day", datetime(2026, 3, 2, 16, 0, tzinfo=UTC), "A001"),
        ("07:59 here, still the day before in UTC", datetime(2026, 3, 2, 23, 59, tzinfo=UTC), "A001"),
        ("23:59 here is the same day", datetime(2026, 3, 2, 15, 59, tzinfo=UTC), "A002"),
    ],
)
def test_numbers_begin_again_on_the_local_day(room, _case, instant, label):
    rooms.waits(room, rooms.somebody(room))
    assert rooms.waits(room, rooms.somebody(room, "周全"), now=instant).label == label


def test_a_rolled_back_check_in_leaves_no_gap(room):
    person = rooms.somebody(room)
    savepoint = transaction.savepoint()
    assert rooms.waits(room, person).number == 1
    transaction.savepoint_rollback(savepoint)
    assert rooms.waits(room, rooms.somebody(room, "周全")).number == 1


@pytest.mark.catalogue("C31", part="each use of a privileged lane has a reason and is audited")
@pytest.mark.parametrize("category", [TicketCategory.PRIORITY, TicketCategory.ACUTE])
def test_a_privileged_lane_needs_a_reason_and_leaves_a_trace(room, category):
    person = rooms.somebody(room)
    before = world()
    with pytest.raises(ReasonNeeded):
        rooms.waits(room, person, category=category, reason="  ")
    assert world() == before
    ticket = rooms.waits(room, person, category=category, reason="持残疾人证")
    (row,) = audit.entries(object_id=ticket.ticket_id)
    assert (row.act, row.reason) == (f"queueing.{category.value}_lane", "持残疾人证")


def test_only_a_desk_or_the_persons_own_account_checks_in(room):
    person = people.resident(room.county.hospital_id)
    stranger = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
    auditor = institutions.staff_actor(StaffRole.AUDITOR, room.county.root_id)
    elsewhere = institutions.staff_actor(StaffRole.CLERK, room.county.township_id)
    before = world()
    for actor, refusal in ((stranger, NotFound), (auditor, NotAllowed), (elsewhere, NotAllowed)):
        with pytest.raises(refusal):
            actions.check_in(actor=actor, now=NOW, queue_id=room.queue_id, person_id=person)
    assert world() == before
    account = people.signed_in()
    people.claim(account)
    assert actions.check_in(actor=account, now=NOW, queue_id=room.queue_id, person_id=person).label == "A001"


def test_a_queue_is_made_once(room):
    again = actions.open_queue(
        actor=SYSTEM,
        now=NOW,
        organization_id=room.county.hospital_id,
        department_id=room.department_id,
        name="心血管内科候诊",
        prefix="B",
    )
    assert (again, Queue.objects.count()) == (room.queue_id, 1)
    with pytest.raises(NotAllowed):
        actions.open_queue(
            actor=room.clerk,
            now=NOW,
            organization_id=room.county.hospital_id,
            department_id=room.county.surgery_id,
            name="外科",
            prefix="C",
        )
    assert Queue.objects.count() == 1


# Calling


def test_the_rule_decides_who_is_called(room):
    first, second = rooms.crowd(room, 2)
    rooms.waits(room, first, now=NOW, window_start=NOW + 15 * MINUTE, window_end=NOW + 30 * MINUTE, category=TicketCategory.BOOKED)
    earlier = rooms.waits(room, second, now=NOW + MINUTE, window_start=NOW, window_end=NOW + 15 * MINUTE, category=TicketCategory.BOOKED)
    called = rooms.called(room, now=NOW + 2 * MINUTE)
    assert (called.ticket_id, called.status) == (earlier.ticket_id, TicketStatus.CALLED)
    facts = queries.facts_ticket(called.ticket_id)
    assert (facts.room_id, facts.called_by, facts.calls, facts.last_called_at) == (
        room.room_id,
        room.practitioner_id,
        1,
        NOW + 2 * MINUTE,
    )
    assert [e.name for e in journal.entries_of_person(second) if e.name.startswith("queueing.")] == [
        "queueing.CheckedIn",
        "queueing.Called",
    ]


def test_nobody_waits(room):
    assert rooms.called(room) is None


def test_a_doctor_has_one_person_at_a_time(room):
    for person in rooms.crowd(room, 2):
        rooms.waits(room, person)
    ticket = rooms.called(room)
    before = world()
    with pytest.raises(SomebodyCalled) as refused:
        rooms.called(room)
    assert refused.value.data["label"] == "A001"
    assert world() == before
    actions.enter_room(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    with pytest.raises(DoctorBusy):
        rooms.called(room)
    actions.finish(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    assert rooms.called(room).label == "A002"


def test_calling_needs_the_right_there(room):
    rooms.waits(room, rooms.somebody(room))
    surgeon = institutions.staff_actor(StaffRole.DOCTOR, room.county.surgery_id)
    before = world()
    for actor in (surgeon, room.clerk):
        with pytest.raises(NotAllowed):
            actions.call_next(actor=actor, now=NOW, queue_id=room.queue_id, practitioner_id=room.practitioner_id, room_id=room.room_id)
    assert world() == before
    assert rooms.called(room) is not None


def test_somebody_who_asked_for_a_doctor_waits_for_that_doctor(room):
    other, _ = rooms.colleague(room)
    wants_other, wants_anybody = rooms.crowd(room, 2)
    hers = rooms.waits(room, wants_other, practitioner_id=other)
    anybodys = rooms.waits(room, wants_anybody)
    assert rooms.called(room).ticket_id == anybodys.ticket_id
    theirs = actions.call_next(actor=SYSTEM, now=NOW, queue_id=room.queue_id, practitioner_id=other, room_id=room.room_id)
    assert theirs.ticket_id == hers.ticket_id


def second_queue(room):
    return actions.open_queue(
        actor=SYSTEM,
        now=NOW,
        organization_id=room.county.hospital_id,
        department_id=room.county.surgery_id,
        name="普通外科候诊",
        prefix="B",
    )


def test_one_person_in_two_queues_is_in_one_room_and_keeps_the_position(room):
    both, other = rooms.crowd(room, 2)
    here = rooms.waits(room, both)
    rooms.waits(room, other, now=NOW + MINUTE)
    surgeon = institutions.add_doctor(room.county.hospital_id, room.county.surgery_id, name="高远")
    surgery = second_queue(room)
    there = actions.check_in(actor=SYSTEM, now=NOW, queue_id=surgery, person_id=both)
    actions.call_next(actor=SYSTEM, now=NOW, queue_id=surgery, practitioner_id=surgeon, room_id=room.room_id)

    order = queries.line(room.queue_id, room.practitioner_id, now=NOW)
    assert [(p.ticket_id == here.ticket_id, p.busy) for p in order] == [(True, True), (False, False)]
    skipped = rooms.called(room)
    assert skipped.person_id == other
    actions.enter_room(actor=room.doctor, now=NOW, ticket_id=skipped.ticket_id)
    actions.finish(actor=room.doctor, now=NOW, ticket_id=skipped.ticket_id)
    assert rooms.called(room) is None
    with pytest.raises(PersonElsewhere):
        actions.call_ticket(
            actor=room.doctor, now=NOW, ticket_id=here.ticket_id, practitioner_id=room.practitioner_id, room_id=room.room_id
        )

    actions.enter_room(actor=SYSTEM, now=NOW, ticket_id=there.ticket_id)
    actions.finish(actor=SYSTEM, now=NOW, ticket_id=there.ticket_id)
    assert rooms.called(room).ticket_id == here.ticket_id


def test_the_database_itself_refuses_two_rooms_for_one_person(room):
    person = rooms.somebody(room)
    first = rooms.waits(room, person)
    rooms.called(room)
    second = actions.check_in(actor=SYSTEM, now=NOW, queue_id=second_queue(room), person_id=person)
    other, _ = rooms.colleague(room)
    with pytest.raises(IntegrityError, match="ticket_person_in_one_room"), transaction.atomic():
        Ticket.objects.filter(id=second.ticket_id).update(status=TicketStatus.CALLED, room=room.room_id, called_by=other)
    assert queries.facts_ticket(first.ticket_id).status is TicketStatus.CALLED


def test_calling_out_of_turn_is_possible_and_on_record(room):
    first, second = rooms.crowd(room, 2)
    rooms.waits(room, first)
    chosen = rooms.waits(room, second)
    actions.call_ticket(actor=room.doctor, now=NOW, ticket_id=chosen.ticket_id, practitioner_id=room.practitioner_id, room_id=room.room_id)
    assert [row.act for row in audit.entries(object_id=chosen.ticket_id)] == ["queueing.call_out_of_turn"]


# Nobody answers


@pytest.mark.catalogue("C30", part="pass and return")
def test_three_unanswered_calls_in_five_minutes_are_a_pass_and_three_others_come_first(room):
    tickets = [rooms.waits(room, person, now=NOW + n * MINUTE) for n, person in enumerate(rooms.crowd(room, 6))]
    ticket = rooms.called(room, now=NOW)
    actions.call_again(actor=room.doctor, now=NOW + 2 * MINUTE, ticket_id=ticket.ticket_id)
    actions.call_again(actor=room.doctor, now=NOW + 4 * MINUTE, ticket_id=ticket.ticket_id)
    passed = actions.pass_over(actor=room.doctor, now=NOW + 5 * MINUTE, ticket_id=ticket.ticket_id)
    assert passed.status is TicketStatus.PASSED
    seen = []
    for step in range(4):
        following = rooms.called(room, now=NOW + (6 + step) * MINUTE)
        seen.append(following.ticket_id)
        actions.enter_room(actor=room.doctor, now=NOW + (6 + step) * MINUTE, ticket_id=following.ticket_id)
        actions.finish(actor=room.doctor, now=NOW + (6 + step) * MINUTE, ticket_id=following.ticket_id)
    assert seen == [tickets[1].ticket_id, tickets[2].ticket_id, tickets[3].ticket_id, ticket.ticket_id]


def test_too_few_calls_only_set_aside_for_one_call(room):
    tickets = [rooms.waits(room, person, now=NOW + n * MINUTE) for n, person in enumerate(rooms.crowd(room, 3))]
    ticket = rooms.called(room)
    aside = actions.pass_over(actor=room.doctor, now=NOW + MINUTE, ticket_id=ticket.ticket_id)
    assert aside.status is TicketStatus.WAITING
    following = rooms.called(room, now=NOW + 2 * MINUTE)
    assert following.ticket_id == tickets[1].ticket_id
    actions.enter_room(actor=room.doctor, now=NOW + 2 * MINUTE, ticket_id=following.ticket_id)
    actions.finish(actor=room.doctor, now=NOW + 3 * MINUTE, ticket_id=following.ticket_id)
    back = rooms.called(room, now=NOW + 4 * MINUTE)
    assert back.ticket_id == ticket.ticket_id
    assert queries.facts_ticket(back.ticket_id).calls == 2


def test_who_comes_back_waits_again(room):
    person = rooms.somebody(room)
    rooms.waits(room, person)
    ticket = rooms.called(room)
    for minute in (2, 5):
        actions.call_again(actor=room.doctor, now=NOW + minute * MINUTE, ticket_id=ticket.ticket_id)
    actions.pass_over(actor=room.doctor, now=NOW + 6 * MINUTE, ticket_id=ticket.ticket_id)
    assert queries.people_ahead(ticket.ticket_id, now=NOW + 6 * MINUTE) == 0
    back = actions.come_back(actor=room.clerk, now=NOW + 7 * MINUTE, ticket_id=ticket.ticket_id)
    assert back.status is TicketStatus.WAITING
    with pytest.raises(TicketMoved):
        actions.come_back(actor=room.clerk, now=NOW + 7 * MINUTE, ticket_id=ticket.ticket_id)


# In the room


def test_not_this_person_restores_the_position_and_leaves_a_trace(room):
    persons = rooms.crowd(room, 3)
    tickets = [rooms.waits(room, person, now=NOW + n * MINUTE) for n, person in enumerate(persons)]
    later = NOW + 10 * MINUTE
    before = queries.facts_ticket(tickets[0].ticket_id)
    order = [p.ticket_id for p in queries.line(room.queue_id, room.practitioner_id, now=later)]
    ticket = rooms.called(room, now=later)
    actions.enter_room(actor=room.doctor, now=later, ticket_id=ticket.ticket_id)

    undone = actions.undo_enter(actor=room.doctor, now=later + MINUTE, ticket_id=ticket.ticket_id, reason="进来的是同名的人")

    assert undone.status is TicketStatus.WAITING
    assert queries.facts_ticket(ticket.ticket_id) == before
    assert [p.ticket_id for p in queries.line(room.queue_id, room.practitioner_id, now=later)] == order
    assert [e.name for e in journal.entries_of_person(persons[0])][-1] == "queueing.EntryUndone"
    (trace,) = audit.entries(object_id=ticket.ticket_id)
    assert (trace.act, trace.reason) == ("queueing.undo_enter", "进来的是同名的人")
    assert Call.objects.get(ticket_id=ticket.ticket_id).undone_at == later + MINUTE
    assert rooms.called(room, now=later + 2 * MINUTE).ticket_id == ticket.ticket_id


def test_an_undone_call_does_not_count_as_a_turn(room):
    first, second, third, back = rooms.crowd(room, 4)
    for person in (first, second, third):
        rooms.waits(room, person)
    returned = rooms.waits(room, back, category=TicketCategory.RETURNED)
    ticket = rooms.called(room)
    actions.enter_room(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    actions.undo_enter(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    order = [p.ticket_id for p in queries.line(room.queue_id, room.practitioner_id, now=NOW)]
    assert order.index(returned.ticket_id) == 2


@pytest.mark.parametrize("act", [actions.call_again, actions.pass_over, actions.undo_enter, actions.finish, actions.come_back])
def test_acts_out_of_place_are_refused_and_change_nothing(room, act):
    ticket = rooms.waits(room, rooms.somebody(room))
    before = world()
    with pytest.raises(TicketMoved) as refused:
        act(actor=SYSTEM, now=NOW, ticket_id=ticket.ticket_id)
    assert refused.value.data["status"] == "候诊"
    assert world() == before


def test_entering_twice_is_entering_once(room):
    rooms.waits(room, rooms.somebody(room))
    ticket = rooms.called(room)
    assert actions.enter_room(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id).newly
    before = world()
    assert not actions.enter_room(actor=room.doctor, now=NOW + MINUTE, ticket_id=ticket.ticket_id).newly
    assert world() == before


def test_who_left_may_come_again_with_a_new_number(room):
    person = rooms.somebody(room)
    ticket = rooms.waits(room, person)
    assert actions.leave(actor=room.clerk, now=NOW, ticket_id=ticket.ticket_id).status is TicketStatus.LEFT
    assert rooms.waits(room, person, now=NOW + MINUTE).number == 2


def test_a_returnee_gets_a_ticket_after_the_first_is_done(room):
    person = rooms.somebody(room)
    rooms.waits(room, person)
    ticket = rooms.called(room)
    actions.enter_room(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    actions.finish(actor=room.doctor, now=NOW, ticket_id=ticket.ticket_id)
    again = rooms.waits(room, person, now=NOW + MINUTE, category=TicketCategory.RETURNED)
    assert (again.number, queries.live_ticket_of_person(person, now=NOW).ticket_id) == (2, again.ticket_id)
