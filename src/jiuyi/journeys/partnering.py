"""A partner's platform (12320, a bank's app): hold a place, confirm it, give it back, and agree every day on what was booked.

Its machine is the actor. It enters people by name and number as a window does without seeing a paper, books from the public
places like everybody, and sees nothing but its own bookings. Every call may be repeated: the same key, the same answer.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction

from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import IdentifierType, Sex
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, doors
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelReason, KeyConflict
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound

_GIVEN_BACK = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who is booked, as the partner's customer typed it."""

    name: str
    id_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class PartnerBooking:
    """One booking as its partner sees it; ``key`` is the partner's own."""

    key: UUID
    facts: AppointmentFacts


def hold(*, actor: Actor, now: datetime, key: UUID, session_id: UUID, window_start: datetime, person: Traveller) -> PartnerBooking:
    """Hold a place until the time to pay runs out; the same key gives the same place.

    Refuses what ``booking.book`` refuses, ``scheduling.key_conflict`` for a key that holds another wish or somebody else's place,
    ``identity.person_not_taken`` for an impossible name or number, and
    ``book_at_the_desk`` where a booking stands in the way that the partner may not learn of.
    """
    session = schedule.facts_session(session_id)
    with transaction.atomic():
        person_id = _person(actor=actor, now=now, key=key, organization_id=session.organization_id, typed=person)
        booked = booking.book(
            actor=actor,
            now=now,
            person_id=person_id,
            session_id=session_id,
            window_start=window_start,
            channel=BookingChannel.PARTNER,
            pay_at_arrival=False,
            idempotency_key=uuid5(actor.id, str(key)),
        )
    return PartnerBooking(key, schedule.facts_appointment(booked.appointment_id))


@transaction.atomic
def confirm(*, actor: Actor, now: datetime, key: UUID) -> PartnerBooking:
    """Make the held place firm; the fee is paid at the hospital. Twice is once.

    Refuses ``not_found`` for a key that holds nothing, ``scheduling.hold_expired`` when the place was given back.
    """
    appointment_id = _own(actor, key)
    scheduling.confirm_appointment(actor=actor, now=now, appointment_id=appointment_id)
    return PartnerBooking(key, schedule.facts_appointment(appointment_id))


def cancel(*, actor: Actor, now: datetime, key: UUID) -> PartnerBooking:
    """Give the place back; twice is once. Refuses ``not_found``, and what ``booking.cancel`` refuses."""
    appointment_id = _own(actor, key)
    if schedule.facts_appointment(appointment_id).status not in _GIVEN_BACK:
        booking.cancel(actor=actor, now=now, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)
    return PartnerBooking(key, schedule.facts_appointment(appointment_id))


def one(*, actor: Actor, now: datetime, key: UUID) -> PartnerBooking:
    """What became of a key, for whoever got no answer. Refuses ``not_found``: nothing was booked with it."""
    return PartnerBooking(key, schedule.open_appointment(actor, _own(actor, key), now=now))


def reconcile(*, actor: Actor, day: date) -> list[tuple[str, AppointmentFacts]]:
    """All the house has of this partner for a day of visits, whatever became of it, so that both books agree.

    The key is the house's form of the partner's key: ``house_key``.
    """
    return doors.bookings_of_machine(actor, day)


def house_key(actor: Actor, key: UUID) -> str:
    """A partner's key as the house keeps it: two partners never meet in one key."""
    return str(uuid5(actor.id, str(key)))


def _own(actor: Actor, key: UUID) -> UUID:
    found = doors.booking_of_key(actor, house_key(actor, key))
    if found is None:
        raise NotFound
    return found


def _person(*, actor: Actor, now: datetime, key: UUID, organization_id: UUID, typed: Traveller) -> UUID:
    """The person of the number; a repeated call finds the one that the first call entered. Refuses ``scheduling.key_conflict``."""
    before = doors.booking_of_key(actor, house_key(actor, key))
    if before is not None:
        booked = schedule.facts_appointment(before).person_id
        if not people.is_described_by(booked, name=typed.name, id_type=IdentifierType.RESIDENT_ID, number=typed.id_number):
            raise KeyConflict  # somebody else's place is no answer
        return booked
    fresh = new_id()
    entered = identity.register_person(
        actor=actor,
        now=now,
        organization_id=organization_id,
        id=fresh,
        name=typed.name,
        sex=Sex.UNKNOWN,
        birth_date=None,
        id_type=IdentifierType.RESIDENT_ID,
        number=typed.id_number,
    )
    if entered == fresh and typed.phone:  # nobody from outside changes how a known person is reached
        identity.add_contact(actor=actor, now=now, person_id=entered, phone=typed.phone, organization_id=organization_id)
    return people.facts_person(entered).survivor_id or entered
