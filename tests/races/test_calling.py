"""Many doctors, clerks and kiosks at once: nobody is called twice, nobody is in two rooms, no number is missing."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters.models import Orderable
from jiuyi.domains.encounters.words import OrderKind
from jiuyi.domains.queueing import actions, queries
from jiuyi.domains.queueing.models import Call, Ticket
from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.foundation.access import SYSTEM
from tests.factories import institutions, rooms
from tests.factories.rooms import NOW
from tests.factories.schedules import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(transactional_db):
    return rooms.waiting_room()


def doctors(room, count):
    return [institutions.add_doctor(room.county.hospital_id, room.department_id, name=f"医生{n}") for n in range(count)]


def call(room, doctor, queue_id=None):
    return actions.call_next(
        actor=SYSTEM, now=NOW + MINUTE, queue_id=queue_id or room.queue_id, practitioner_id=doctor, room_id=room.room_id
    )


@pytest.mark.catalogue("C30", part="call next is atomic: never the same person twice")
def test_twenty_rooms_call_a_hundred_people(room):
    persons = rooms.crowd(room, 100)
    for person in persons:
        actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person)
    working = doctors(room, 20)

    def work(doctor):
        seen = []
        while (ticket := call(room, doctor)) is not None:
            actions.enter_room(actor=SYSTEM, now=NOW + MINUTE, ticket_id=ticket.ticket_id)
            seen.append(ticket.person_id)
            actions.finish(actor=SYSTEM, now=NOW + MINUTE, ticket_id=ticket.ticket_id)
        return seen

    results = at_once([lambda doctor=doctor: work(doctor) for doctor in working])
    seen = [person for result in results for person in result]
    assert Counter(seen) == Counter(persons)
    assert Ticket.objects.filter(status=TicketStatus.DONE).count() == 100
    assert Call.objects.count() == 100


def test_more_doctors_than_people(room):
    persons = rooms.crowd(room, 5)
    for person in persons:
        actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person)
    working = doctors(room, 24)
    results = at_once([lambda doctor=doctor: call(room, doctor) for doctor in working])
    called = [result for result in results if result is not None]
    assert sorted(ticket.person_id for ticket in called) == sorted(persons)
    assert len({ticket.ticket_id for ticket in called}) == 5


def queues_of_one_person(room, count):
    person = rooms.somebody(room)
    ids = [
        actions.open_queue(
            actor=SYSTEM,
            now=NOW,
            organization_id=room.county.hospital_id,
            department_id=room.department_id,
            name=f"候诊{n}",
            prefix="Q",
        )
        for n in range(count)
    ]
    for queue_id in ids:
        actions.check_in(actor=SYSTEM, now=NOW, queue_id=queue_id, person_id=person)
    return ids


def test_one_person_in_twelve_queues_is_called_to_one_room(room):
    ids = queues_of_one_person(room, 12)
    working = doctors(room, 12)
    results = at_once([lambda pair=pair: call(room, pair[1], pair[0]) for pair in zip(ids, working, strict=True)])
    assert not [result for result in results if isinstance(result, BaseException)]
    assert len([result for result in results if result is not None]) == 1
    assert Ticket.objects.filter(status=TicketStatus.CALLED).count() == 1


def test_without_the_constraint_the_same_race_puts_one_person_into_several_rooms(room):
    """Proof that the race above would be seen: with the unique index dropped, it happens."""
    ids = queues_of_one_person(room, 12)
    working = doctors(room, 12)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('ticket_person_in_one_room'::regclass)")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX ticket_person_in_one_room")
    try:
        at_once([lambda pair=pair: call(room, pair[1], pair[0]) for pair in zip(ids, working, strict=True)])
        assert Ticket.objects.filter(status=TicketStatus.CALLED).count() > 1
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            Ticket.objects.update(status=TicketStatus.LEFT)
            cursor.execute(definition)


def test_one_doctor_at_two_screens_holds_one_person(room):
    for person in rooms.crowd(room, 8):
        actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person)
    results = at_once([lambda: call(room, room.practitioner_id) for _ in range(8)])
    called = [result for result in results if not isinstance(result, BaseException)]
    assert len(called) == 1
    assert {type(result).__name__ for result in results if isinstance(result, BaseException)} == {"SomebodyCalled"}


def test_numbers_are_unbroken_however_many_check_in_at_once(room):
    persons = rooms.crowd(room, 48)

    def arrive(person):
        return actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person)

    results = at_once([lambda person=person: arrive(person) for person in persons])
    assert sorted(ticket.number for ticket in results) == list(range(1, 49))


def test_one_person_at_twelve_kiosks_gets_one_number(room):
    person = rooms.somebody(room)
    results = at_once([lambda: actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person) for _ in range(12)])
    assert len({ticket.ticket_id for ticket in results}) == 1
    assert sum(ticket.newly for ticket in results) == 1
    assert rooms.waits(room, rooms.somebody(room, "周全")).number == 2


def test_a_payment_and_a_withdrawal_of_one_order_agree_on_one_end(room):
    person = rooms.somebody(room)
    encounter_id = rooms.visit(room, person)
    Orderable.objects.create(code="LAB-CBC", kind=OrderKind.LAB, name="血常规", initials="xcg", unit="次")
    for _ in range(4):
        order_id = encounters.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
        released, revoked = at_once(
            [
                lambda order_id=order_id: encounters.release_orders(actor=SYSTEM, now=NOW, order_ids=[order_id]),
                lambda order_id=order_id: encounters.revoke_order(actor=room.doctor, now=NOW, order_id=order_id, reason="改做其他检查"),
            ]
        )
        assert bool(released.released) == (revoked.was == "released")
        assert bool(released.not_releasable) == (revoked.was == "active")


def test_the_line_is_the_same_for_everybody_who_reads_it_at_once(room):
    for person in rooms.crowd(room, 12):
        actions.check_in(actor=SYSTEM, now=NOW, queue_id=room.queue_id, person_id=person)
    results = at_once([lambda: queries.line(room.queue_id, None, now=NOW) for _ in range(6)])
    assert all(result == results[0] for result in results)
