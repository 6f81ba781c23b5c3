"""Extra places (加号): made for one known person under the session's lock, and taken through the same door as every place."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions.claiming import AppointmentRef, claim_place
from jiuyi.domains.scheduling.actions.extra_place import new_extra_place
from jiuyi.domains.scheduling.events.extras import ExtraAdded
from jiuyi.domains.scheduling.rules import extras as rules
from jiuyi.domains.scheduling.words import OCCUPYING, BookingChannel, BookingMode, PlaceState, Pool
from jiuyi.domains.scheduling.words.extras import (
    ExtraLimitReached,
    ExtraNeedsIdentity,
    ExtraPlaces,
    ExtraReason,
    NotYourSession,
    SessionOver,
)
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def add_extra(
    *,
    actor: Actor,
    now: datetime,
    session_id: UUID,
    person_id: UUID,
    reason: ExtraReason,
    urgent: bool,
    fee_fen: int,
    fee_rule: RuleReference | None,
    idempotency_key: str | UUID,
) -> AppointmentRef:
    """Give a known person a place beyond the capacity, paid on arrival or on the phone; the same key gives the same place.

    After all booked windows unless urgent. Refuses, with nothing changed: ``scheduling.not_your_session`` (only the doctor of
    the session, or who works in the same room), ``extra_needs_identity``, ``extra_limit_reached``, ``session_over`` and
    what ``claim_place`` refuses. Source: rule AP-8.
    """
    # The session's row is the lock of its extras: two at the limit come one after the other.
    session = models.ClinicSession.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if session is None:
        raise NotFound
    giver = _require_own_session(actor, session)
    known = models.Appointment.objects.filter(idempotency_key=str(idempotency_key)).first()
    limit, place = 0, None
    if known is None:
        limit = _require_room_for_one(session, person_id=person_id, now=now)
        place = new_extra_place(session, window_start=_window_start(session, urgent=urgent, now=now), now=now)
    window_start = place.window_start if place else known.window_start if known else now
    taken = claim_place(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        window_start=window_start,
        channel=BookingChannel.ROOM,
        account_id=None,
        fee_fen=fee_fen,
        fee_rule=fee_rule,
        held_until=None,
        pay_at_arrival=True,
        idempotency_key=idempotency_key,
        mode=BookingMode.EXTRA,
        pools=(Pool.EXTRA,),
    )
    if place is not None:
        added = ExtraAdded(
            appointment_id=taken.appointment_id,
            session_id=session_id,
            place_id=place.id,
            reason=reason,
            urgent=urgent,
            given_by=giver,
            of_limit=limit,
            person_id=person_id,
            scope_id=session.organization_id,
        )
        journal.record(added, actor=actor, now=now)
    return taken


def _require_own_session(actor: Actor, session: models.ClinicSession) -> UUID:
    """The practitioner who gives: the session's own, or one who works in the very room."""
    giver = organizations.practitioner_of_user(actor.id)
    if giver is None:
        raise NotYourSession
    beside = session.room_id is not None and any(
        (role.department_id, role.room_id) == (session.department_id, session.room_id)
        for role in organizations.roles_of_practitioner(giver.id)
    )
    if giver.id != session.practitioner_id and not beside:
        raise NotYourSession
    return giver.id


def _require_room_for_one(session: models.ClinicSession, *, person_id: UUID, now: datetime) -> int:
    if session.service_date < service_date(now):
        raise SessionOver
    if people.facts_person(person_id).certainty is not Certainty.VERIFIED:
        raise ExtraNeedsIdentity
    limit = rules.extra_limit(
        capacity=session.capacity,
        own_limit=session.extra_limit,
        parameters=rulebook.rule(ExtraPlaces, scope_id=session.department_id, at=now).parameters,
    )
    given = models.Appointment.objects.filter(session_id=session.pk, mode=BookingMode.EXTRA, status__in=OCCUPYING).count()
    if given >= limit:
        raise ExtraLimitReached(limit=limit)
    return limit


def _window_start(session: models.ClinicSession, *, urgent: bool, now: datetime) -> datetime:
    places = models.Place.objects.filter(session=session, extra=True).exclude(state=PlaceState.WITHDRAWN)
    return rules.extra_window_start(
        session=Period(session.starts_at, session.ends_at),
        minutes=session.slot_minutes,
        extras=[Period(each.window_start, each.window_end) for each in places],
        urgent=urgent,
        now=now,
    )
