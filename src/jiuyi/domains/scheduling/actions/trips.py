"""Planning a village's trip. A seat is locked before anything that is booked for it (docs/locking.md)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.events import trips as events
from jiuyi.domains.scheduling.queries import trips as queries
from jiuyi.domains.scheduling.words import TRIP_PLAN, TripSeatState
from jiuyi.domains.scheduling.words.trips import AlreadyOnTrip, BadTrip, ConsentMissing, TripFull
from jiuyi.foundation import access, journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

MOST_SEATS = 30
LONGEST_TRIP = timedelta(hours=16)


@transaction.atomic
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
    """Plan a van; the same id again is the same trip. Refuses ``not_allowed`` and, with all ``fields``, ``scheduling.bad_trip``."""
    access.require(actor, TRIP_PLAN, village_id)
    if models.Trip.objects.filter(pk=id, planned_by_id=actor.id).exists():
        return id
    fields = {}
    if leaves_at <= now:
        fields["day"] = gettext_noop("出发时间已经过去，请选以后的日期。")
    if arrives_at < leaves_at:
        fields["arrives"] = gettext_noop("到达不能早于出发。")
    if returns_at <= arrives_at or returns_at - leaves_at > LONGEST_TRIP:
        fields["returns"] = gettext_noop("返程要晚于到达，当天往返。")
    if not 1 <= seats <= MOST_SEATS:
        fields["seats"] = gettext_noop("座位数请填 1 到 30。")
    if fields:
        raise BadTrip(fields=fields)
    day = service_date(arrives_at)
    models.Trip.objects.create(
        id=id,
        village_id=village_id,
        hospital_id=hospital_id,
        day=day,
        leaves_at=leaves_at,
        arrives_at=arrives_at,
        returns_at=returns_at,
        seats=seats,
        planned_by_id=actor.id,
        planned_at=now,
    )
    journal.record(events.TripPlanned(trip_id=id, hospital_id=hospital_id, day=day, scope_id=village_id), actor=actor, now=now)
    return id


@transaction.atomic
def add_seat(*, actor: Actor, now: datetime, trip_id: UUID, person_id: UUID, signed_up: bool, consent: str) -> UUID:
    """Take somebody along; whoever is not signed up with the family doctor has agreed, and how is written down.

    Refuses ``not_found``, ``scheduling.trip_full``, ``scheduling.already_on_trip``, ``scheduling.consent_missing``.
    """
    trip = models.Trip.objects.select_for_update(no_key=True).filter(pk=trip_id).first()
    if trip is None or not access.may(actor, TRIP_PLAN, trip.village_id):
        raise NotFound
    if not signed_up and not consent.strip():
        raise ConsentMissing(fields={"consent": ConsentMissing.message})
    going = models.TripSeat.objects.filter(trip=trip)
    left = going.filter(person_id=person_id, state=TripSeatState.LEFT).first()
    if left is None and going.filter(person_id=person_id).exists():
        raise AlreadyOnTrip
    if going.exclude(state=TripSeatState.LEFT).count() >= trip.seats:
        raise TripFull
    if left is not None:
        left.state, left.signed_up, left.consent, left.refusal = TripSeatState.PLANNED, signed_up, consent.strip(), ""
        left.save(update_fields=["state", "signed_up", "consent", "refusal"])
        seat_id = left.id
    else:
        try:
            with transaction.atomic():
                row = models.TripSeat.objects.create(trip=trip, person_id=person_id, signed_up=signed_up, consent=consent.strip())
        except IntegrityError:
            raise AlreadyOnTrip from None
        seat_id = row.id
    event = events.TripSeatTaken(trip_id=trip.id, seat_id=seat_id, signed_up=signed_up, person_id=person_id, scope_id=trip.village_id)
    journal.record(event, actor=actor, now=now)
    return seat_id


@transaction.atomic
def lock_seat(*, actor: Actor, seat_id: UUID) -> queries.SeatFacts:
    """Lock one seat until the end of the caller's transaction. Refuses ``not_found``."""
    row = models.TripSeat.objects.select_for_update(no_key=True).filter(pk=seat_id).first()
    if row is None or not access.may(actor, TRIP_PLAN, queries.facts_trip(row.trip_id).village_id):
        raise NotFound
    return queries.seat_of(row)


@transaction.atomic
def set_wish(*, actor: Actor, seat_id: UUID, department_id: UUID | None) -> None:
    """The department wished; a seat that is booked keeps its own. Refuses ``not_found``."""
    seat = lock_seat(actor=actor, seat_id=seat_id)
    if seat.state in {TripSeatState.PLANNED, TripSeatState.REFUSED} and seat.department_id != department_id:
        models.TripSeat.objects.filter(pk=seat_id).update(department_id=department_id, state=TripSeatState.PLANNED, refusal="")


def note_booked(*, seat_id: UUID, appointment_id: UUID) -> None:
    """The seat's place was taken, in the transaction that took it."""
    models.TripSeat.objects.filter(pk=seat_id).update(appointment_id=appointment_id, state=TripSeatState.BOOKED, refusal="")


def note_refused(*, seat_id: UUID, appointment_id: UUID | None, code: str) -> None:
    """No place was got; ``appointment_id`` is the one the seat had when it was tried: what was booked meanwhile stays."""
    had = Q(appointment__isnull=True) if appointment_id is None else Q(appointment_id=appointment_id)
    same = models.TripSeat.objects.filter(had, pk=seat_id).exclude(state=TripSeatState.LEFT)
    same.update(state=TripSeatState.REFUSED, refusal=code[:60])


@transaction.atomic
def leave_seat(*, actor: Actor, now: datetime, seat_id: UUID) -> queries.SeatFacts:
    """Somebody does not go after all; the caller gives a booked place back. Twice is once. Refuses ``not_found``."""
    seat = lock_seat(actor=actor, seat_id=seat_id)
    if seat.state is not TripSeatState.LEFT:
        models.TripSeat.objects.filter(pk=seat_id).update(state=TripSeatState.LEFT, refusal="")
        trip = queries.facts_trip(seat.trip_id)
        event = events.TripSeatLeft(trip_id=trip.trip_id, seat_id=seat_id, person_id=seat.person_id, scope_id=trip.village_id)
        journal.record(event, actor=actor, now=now)
    return seat
