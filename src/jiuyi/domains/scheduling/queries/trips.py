"""Trips of a village and who sits in the van."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.rules.trips import SeatWish, WindowOnTrip, propose
from jiuyi.domains.scheduling.words import TRIP_PLAN, TripSeatState
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound

__all__ = ["SeatFacts", "SeatWish", "TripFacts", "WindowOnTrip", "facts_seats", "facts_trip", "open_trip", "propose", "trips_of_village"]


@dataclass(frozen=True, slots=True)
class TripFacts:
    """One van that leaves a village and comes back."""

    trip_id: UUID
    village_id: UUID
    hospital_id: UUID
    day: date
    leaves_at: datetime
    arrives_at: datetime
    returns_at: datetime
    seats: int


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """One person of the van; ``refusal`` is the code of why no place was got."""

    seat_id: UUID
    trip_id: UUID
    person_id: UUID
    signed_up: bool
    consent: str
    department_id: UUID | None
    appointment_id: UUID | None
    state: TripSeatState
    refusal: str


def open_trip(actor: Actor, trip_id: UUID) -> TripFacts:
    """One trip, for whoever plans trips of that village. NotFound otherwise."""
    found = facts_trip(trip_id)
    if not access.may(actor, TRIP_PLAN, found.village_id):
        raise NotFound
    return found


def facts_trip(trip_id: UUID) -> TripFacts:
    """One trip; NotFound otherwise."""
    row = models.Trip.objects.filter(pk=trip_id).first()
    if row is None:
        raise NotFound
    return _trip(row)


def trips_of_village(village_id: UUID, from_: date) -> list[TripFacts]:
    """A village's trips from a day on, in order."""
    return [_trip(row) for row in models.Trip.objects.filter(village_id=village_id, day__gte=from_).order_by("day", "leaves_at", "id")]


def facts_seats(trip_id: UUID) -> list[SeatFacts]:
    """Who goes, in the order of entry; those who left the list are not there."""
    rows = models.TripSeat.objects.filter(trip_id=trip_id).exclude(state=TripSeatState.LEFT).order_by("id")
    return [seat_of(row) for row in rows]


def seat_of(row: models.TripSeat) -> SeatFacts:
    """A row as facts."""
    return SeatFacts(
        seat_id=row.id,
        trip_id=row.trip_id,
        person_id=row.person_id,
        signed_up=row.signed_up,
        consent=row.consent,
        department_id=row.department_id,
        appointment_id=row.appointment_id,
        state=TripSeatState(row.state),
        refusal=row.refusal,
    )


def _trip(row: models.Trip) -> TripFacts:
    return TripFacts(row.id, row.village_id, row.hospital_id, row.day, row.leaves_at, row.arrives_at, row.returns_at, row.seats)
