"""Booking from the doctor's room: five modes (C7), and extra places (AP-8). The place, and the charge for it, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import ENCOUNTER_CONDUCT
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions.extras import add_extra
from jiuyi.domains.scheduling.words import BookingChannel, BookingMode, Pool
from jiuyi.domains.scheduling.words.extras import ExtraReason
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.journeys.words import WrongMode
from jiuyi.kernel.refusals import NotAllowed

MODES = (BookingMode.RETURN, BookingMode.ROOM, BookingMode.TEAM, BookingMode.CROSS_DEPARTMENT, BookingMode.CONSORTIUM)
_OWN = frozenset({BookingMode.RETURN, BookingMode.ROOM})


@dataclass(frozen=True, slots=True)
class BookedHere:
    """A place that a doctor booked for the patient: it is paid on arrival or on the phone."""

    appointment_id: UUID
    window_start: datetime
    window_end: datetime


@transaction.atomic
def book_from_room(
    *, actor: Actor, now: datetime, encounter_id: UUID, session_id: UUID, window_start: datetime, mode: BookingMode, idempotency_key: UUID
) -> BookedHere:
    """Book the patient of a visit elsewhere or again; who has the patient may do so in the whole consortium. Same key, same answer.

    Refuses ``wrong_mode`` when the session is not what the mode says, ``not_allowed`` for whoever may not conduct the visit,
    and what ``claim_place`` refuses. Source: rule AP-18; C7.
    """
    visit = visits.facts_encounter(encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, visit.department_id)
    session = schedule.facts_session(session_id)
    doctor = organizations.practitioner_of_user(actor.id)
    if doctor is None:
        raise NotAllowed
    if mode not in MODES or mode not in _modes_of(session, visit, doctor_id=doctor.id):
        raise WrongMode
    terms = booking.quote(session_id=session_id, window_start=window_start, now=now)
    taken = scheduling.claim_place(
        actor=actor,
        now=now,
        person_id=visit.person_id,
        session_id=session_id,
        window_start=window_start,
        channel=BookingChannel.ROOM,
        account_id=None,
        fee_fen=terms.fee_fen,
        fee_rule=terms.rule,
        held_until=None,
        pay_at_arrival=True,
        idempotency_key=idempotency_key,
        mode=mode,
        pools=pools_of_mode(mode),
    )
    if not taken.repeated and terms.fee_fen:
        booking.charge_visit(
            actor=actor, now=now, person_id=visit.person_id, session=session, appointment_id=taken.appointment_id, terms=terms
        )
    return BookedHere(taken.appointment_id, taken.window_start, taken.window_end)


@transaction.atomic
def give_extra(
    *, actor: Actor, now: datetime, session_id: UUID, person_id: UUID, reason: ExtraReason, urgent: bool, idempotency_key: UUID
) -> BookedHere:
    """Give a place beyond the capacity, with the fee of the session's class to pay. Refuses as ``add_extra``. Source: rule AP-8."""
    session = schedule.facts_session(session_id)
    terms = booking.quote(session_id=session_id, window_start=session.starts_at, now=now)
    taken = add_extra(
        actor=actor,
        now=now,
        session_id=session_id,
        person_id=person_id,
        reason=reason,
        urgent=urgent,
        fee_fen=terms.fee_fen,
        fee_rule=terms.rule,
        idempotency_key=idempotency_key,
    )
    if not taken.repeated and terms.fee_fen:
        booking.charge_visit(actor=actor, now=now, person_id=person_id, session=session, appointment_id=taken.appointment_id, terms=terms)
    return BookedHere(taken.appointment_id, taken.window_start, taken.window_end)


def pools_of_mode(mode: BookingMode) -> tuple[Pool, ...]:
    """The pools a mode sells from: return places are for those who come back to the same doctor."""
    return (Pool.RETURN, Pool.PUBLIC) if mode is BookingMode.RETURN else (Pool.PUBLIC,)


def _modes_of(session: schedule.SessionOffer, visit: visits.EncounterFacts, *, doctor_id: UUID) -> frozenset[BookingMode]:
    """What booking this session from this visit can be called."""
    if session.organization_id != visit.organization_id:
        return frozenset({BookingMode.CONSORTIUM})
    if session.department_id != visit.department_id:
        return frozenset({BookingMode.CROSS_DEPARTMENT})
    return _OWN if session.practitioner_id == doctor_id else frozenset({BookingMode.TEAM})
