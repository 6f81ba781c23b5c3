"""A village doctor takes a van full of people to the hospital: windows between arrival and return, each booked for itself.

Each seat is a transaction of its own: one person's conflict never costs another's place, and trying again changes nothing
for those who are booked. Lock order: seat first, then as everywhere (docs/locking.md). Source: rules AP-4, RF-8; C6.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import CareBasis
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import trips as actions
from jiuyi.domains.scheduling.queries import NearWindow
from jiuyi.domains.scheduling.queries import trips as queries
from jiuyi.domains.scheduling.queries.trips import SeatFacts, SeatWish, TripFacts, WindowOnTrip
from jiuyi.domains.scheduling.words import OPEN_STATES, AppointmentStatus, BookingChannel, CancelReason, TripSeatState
from jiuyi.domains.scheduling.words.trips import NoWindowFits, NoWish, TripTimes
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

_TO_BOOK = frozenset({TripSeatState.PLANNED, TripSeatState.REFUSED})
_LOST = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED})
_GIVEN_BACK_WITH_THE_SEAT = frozenset({AppointmentStatus.HELD, AppointmentStatus.BOOKED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one seat: an appointment, or the refusal with the nearest windows that suit the van."""

    seat: SeatFacts
    appointment_id: UUID | None
    refusal: Refusal | None = None
    nearest: tuple[NearWindow, ...] = ()


def plan_trip(
    *,
    actor: Actor,
    now: datetime,
    id: UUID,  # noqa: A002  # the contract's word for an id that the caller has chosen
    village_id: UUID,
    hospital_id: UUID,
    leaves_at: datetime,
    arrives_at: datetime,
    returns_at: datetime,
    seats: int,
) -> UUID:
    """Plan a van. Refuses ``not_allowed``, ``not_found`` (no such institution), ``scheduling.bad_trip``."""
    organizations.organization(hospital_id)
    return actions.plan_trip(
        actor=actor,
        now=now,
        id=id,
        village_id=village_id,
        hospital_id=hospital_id,
        leaves_at=leaves_at,
        arrives_at=arrives_at,
        returns_at=returns_at,
        seats=seats,
    )


def add_person(*, actor: Actor, now: datetime, trip_id: UUID, person_id: UUID, consent: str = "") -> UUID:
    """Take somebody along; signed up with this village's family doctor, or with consent. Refuses as ``actions.add_seat`` does."""
    trip = queries.open_trip(actor, trip_id)
    people.facts_person(person_id)
    signed = people.people_cared_for([person_id], basis=CareBasis.FAMILY_DOCTOR, node_id=trip.village_id, now=now)
    return actions.add_seat(actor=actor, now=now, trip_id=trip_id, person_id=person_id, signed_up=bool(signed), consent=consent)


@transaction.atomic
def drop_person(*, actor: Actor, now: datetime, seat_id: UUID) -> None:
    """Somebody does not go after all: the place goes back, and the money with it. Refuses ``not_found``."""
    seat = actions.leave_seat(actor=actor, now=now, seat_id=seat_id)
    if seat.state is not TripSeatState.BOOKED or seat.appointment_id is None:
        return
    if schedule.facts_appointment(seat.appointment_id).status in _GIVEN_BACK_WITH_THE_SEAT:
        scheduling.cancel_appointment(actor=actor, now=now, appointment_id=seat.appointment_id, reason=CancelReason.PLAN_CHANGED)
        booking.settle_charge_of_lost_place(actor=actor, now=now, appointment_id=seat.appointment_id)


def propose(*, actor: Actor, now: datetime, trip_id: UUID) -> dict[UUID, WindowOnTrip]:
    """A window for each seat that is not booked and has a wish; a seat for which nothing suits is missing."""
    trip = queries.open_trip(actor, trip_id)
    seats = [each for each in queries.facts_seats(trip_id) if _is_to_book(each) and each.department_id is not None]
    return dict(_proposal(trip, seats, now))


def book_trip(*, actor: Actor, now: datetime, trip_id: UUID) -> list[Outcome]:
    """Book everybody who is not booked yet, each for itself; asked again, those who are booked stay as they are.

    A refused seat keeps its code, and its outcome names the nearest windows between the van's arrival and its return.
    Refuses ``not_found`` for another village's trip.
    """
    trip = queries.open_trip(actor, trip_id)
    return [_book_seat(trip, seat, actor=actor, now=now) for seat in queries.facts_seats(trip_id)]


def _book_seat(trip: TripFacts, seat: SeatFacts, *, actor: Actor, now: datetime) -> Outcome:
    try:
        with transaction.atomic():
            locked = actions.lock_seat(actor=actor, seat_id=seat.seat_id)
            if not _is_to_book(locked):
                return Outcome(locked, locked.appointment_id)
            window = _window_of(trip, locked, now)
            booked = booking.book(
                actor=actor,
                now=now,
                person_id=locked.person_id,
                session_id=window.session_id,
                window_start=window.start,
                channel=BookingChannel.FAMILY_DOCTOR,
                pay_at_arrival=True,
                idempotency_key=uuid5(locked.seat_id, f"{window.session_id} {window.start.isoformat()} {locked.appointment_id}"),
            )
            actions.note_booked(seat_id=locked.seat_id, appointment_id=booked.appointment_id)
            return Outcome(locked, booked.appointment_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        actions.note_refused(seat_id=seat.seat_id, appointment_id=seat.appointment_id, code=refusal.code)
        near = [each for each in refusal.data.get("nearest", ()) if isinstance(each, NearWindow)]
        return Outcome(seat, None, refusal, tuple(each for each in near if trip.arrives_at <= each.start and each.end <= trip.returns_at))


def _is_to_book(seat: SeatFacts) -> bool:
    """Not booked yet, or booked and lost again (a stopped session)."""
    if seat.state is TripSeatState.BOOKED and seat.appointment_id is not None:
        return schedule.facts_appointment(seat.appointment_id).status in _LOST
    return seat.state in _TO_BOOK


def _window_of(trip: TripFacts, seat: SeatFacts, now: datetime) -> WindowOnTrip:
    if seat.department_id is None:
        raise NoWish
    window = _proposal(trip, [seat], now).get(seat.seat_id)
    if window is None:
        raise NoWindowFits
    return window


def _proposal(trip: TripFacts, seats: list[SeatFacts], now: datetime) -> dict[UUID, WindowOnTrip]:
    times = rulebook.rule(TripTimes, scope_id=trip.hospital_id, at=now).parameters
    wishes = [SeatWish(each.seat_id, each.department_id, _busy(each.person_id, trip)) for each in seats if each.department_id is not None]
    windows = [each for department_id in {wish.department_id for wish in wishes} for each in _windows(trip, department_id, now)]
    return dict(queries.propose(wishes, windows, arrives_at=trip.arrives_at, returns_at=trip.returns_at, times=times))


def _windows(trip: TripFacts, department_id: UUID, now: datetime) -> list[WindowOnTrip]:
    pools = schedule.pools_of_channel(BookingChannel.FAMILY_DOCTOR)
    return [
        WindowOnTrip(session.session_id, department_id, window.start, window.end, window.free)
        for session in schedule.sessions_on(department_id, trip.day, now, pools=pools)
        for window in schedule.session_windows(session.session_id, now, pools=pools)
        if window.free and not window.passed
    ]


def _busy(person_id: UUID, trip: TripFacts) -> tuple[Period, ...]:
    every = schedule.facts_appointments_of_person(list(people.same_person_ids(person_id)), trip.day)
    return tuple(each.window for each in every if each.status in OPEN_STATES)
