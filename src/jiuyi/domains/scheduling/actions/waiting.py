"""The waiting list (候补): joining, leaving, offering a place, accepting and declining it.

Lock order: a waiting entry that is offered a place comes first and is never waited for; then allowance → place →
appointment → offer → entry as everywhere (docs/locking.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions import offered, visits
from jiuyi.domains.scheduling.actions.claiming import claim_place
from jiuyi.domains.scheduling.events import waiting as events
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.rules import waiting as rules
from jiuyi.domains.scheduling.words import (
    AlreadyWaiting,
    AppointmentStatus,
    BadWish,
    BookingChannel,
    BookingMode,
    CancelReason,
    HalfDay,
    HoldTime,
    OfferOver,
    OfferState,
    Party,
    Reach,
    SessionStatus,
    SessionStopped,
    WaitingAct,
    WaitingState,
    WaitingTerms,
)
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

LONGEST_JOURNEY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Offered:
    """A place that is held for somebody until ``expires_at``."""

    offer_id: UUID
    appointment_id: UUID
    expires_at: datetime


@transaction.atomic
def join(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    department_id: UUID,
    first_day: date,
    last_day: date,
    half_days: Collection[HalfDay],
    travel_minutes: int,
    reach: Reach,
    practitioner_id: UUID | None = None,
    family_group: UUID | None = None,
) -> UUID:
    """Put a person on the list of a department, or of one doctor, for some days, both included; empty half-days mean any.

    Refuses ``scheduling.bad_wish`` (all reasons at once) and ``scheduling.already_waiting``. Source: rule AP-10; C4.
    """
    home = organizations.department(department_id).organization_id
    terms = rulebook.rule(WaitingTerms, scope_id=home, at=now).parameters
    _check(first_day, last_day, travel_minutes, today=service_date(now), terms=terms)
    entry = models.WaitingEntry(
        person_id=person_id,
        department_id=department_id,
        practitioner_id=practitioner_id,
        first_day=first_day,
        last_day=last_day,
        half_days=[half.value for half in HalfDay if half in half_days],
        travel_minutes=travel_minutes,
        family_group=family_group,
        reach=reach,
        account_id=actor.id if actor.kind is ActorKind.PATIENT else None,
        entered_by_kind=actor.kind.value,
        entered_by_id=actor.id,
        joined_at=now,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if "one_waiting_per_department" not in str(error):
            raise
        raise AlreadyWaiting from error
    joined = events.WaitingJoined(entry_id=entry.id, department_id=department_id, person_id=person_id, scope_id=home)
    journal.record(joined, actor=actor, now=now)
    return entry.id


@transaction.atomic
def leave(*, actor: Actor, now: datetime, entry_id: UUID) -> None:
    """Take an entry that waits off the list; twice is once. Refuses ``scheduling.not_waiting`` (also while a place is offered)."""
    entry = models.WaitingEntry.objects.select_for_update(no_key=True).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    if entry.state != WaitingState.LEFT:
        offered.move_entry(entry, WaitingAct.LEAVE, Party(actor.kind.value), now=now)
        _ended(entry, actor=actor, now=now)


@transaction.atomic
def end_entry(*, actor: Actor, now: datetime, entry_id: UUID) -> bool:
    """Close an entry whose days are over without a place; False if it is not waiting any more or still has days."""
    entry = models.WaitingEntry.objects.select_for_update(no_key=True).filter(pk=entry_id).first()
    if entry is None or entry.state != WaitingState.WAITING or entry.last_day >= service_date(now):
        return False
    offered.move_entry(entry, WaitingAct.RUN_OUT, Party.SYSTEM, now=now)
    _ended(entry, actor=actor, now=now)
    return True


@transaction.atomic
def offer(
    *,
    actor: Actor,
    now: datetime,
    entry_id: UUID,
    session_id: UUID,
    window_start: datetime,
    fee_fen: int,
    fee_rule: RuleReference | None,
) -> Offered | None:
    """Hold a place, cooling ones too, for an entry; None if the entry no longer waits or somebody else is serving it.

    Refuses what ``claim_place`` refuses: the limits are looked at again, under their locks. Source: rule AP-10.
    """
    waiting = models.WaitingEntry.objects.select_for_update(no_key=True, skip_locked=True)
    entry = waiting.filter(pk=entry_id, state=WaitingState.WAITING).first()
    if entry is None:
        return None
    session = queries.facts_session(session_id)
    until = rules.answer_until(
        now=now,
        window_start=window_start,
        travel_minutes=entry.travel_minutes,
        reach=Reach(entry.reach),
        terms=rulebook.rule(WaitingTerms, scope_id=session.organization_id, at=now).parameters,
    )
    offer_id = new_id()
    held = claim_place(
        actor=actor,
        now=now,
        person_id=entry.person_id,
        session_id=session_id,
        window_start=window_start,
        channel=BookingChannel.WAITING_LIST,
        account_id=entry.account_id,
        fee_fen=fee_fen,
        fee_rule=fee_rule,
        held_until=until,
        pay_at_arrival=False,
        idempotency_key=offer_id,
        mode=BookingMode.WAITING_LIST,
        cooling=True,
    )
    models.WaitingOffer.objects.create(id=offer_id, entry_id=entry.id, appointment_id=held.appointment_id, offered_at=now, expires_at=until)
    offered.move_entry(entry, WaitingAct.OFFER, Party.SYSTEM, now=now)
    made = events.PlaceOffered(
        offer_id=offer_id,
        entry_id=entry.id,
        appointment_id=held.appointment_id,
        expires_at=until,
        person_id=entry.person_id,
        scope_id=session.organization_id,
    )
    journal.record(made, actor=actor, now=now)
    return Offered(offer_id, held.appointment_id, until)


@transaction.atomic
def accept(*, actor: Actor, now: datetime, offer_id: UUID) -> UUID:
    """Take the offered place and pay at the hospital; the appointment. Accepting twice is once.

    Refuses ``scheduling.offer_over`` and ``scheduling.session_stopped``.
    """
    found, answered = _held(offer_id)
    if not answered:
        models.Appointment.objects.filter(pk=found.appointment_id).update(pay_at_arrival=True)
        visits.confirm_appointment(actor=actor, now=now, appointment_id=found.appointment_id)
    return found.appointment_id


@transaction.atomic
def keep_for_payment(*, actor: Actor, now: datetime, offer_id: UUID) -> datetime | None:
    """Give whoever begins to pay online the time that paying takes, once; until when, None if it is taken already.

    Refuses ``scheduling.offer_over`` and ``scheduling.session_stopped``. Source: rule AP-11.
    """
    found, answered = _held(offer_id)
    if answered:
        return None
    appointment = queries.facts_appointment(found.appointment_id)
    scope_id = appointment.organization_id
    pay = timedelta(minutes=rulebook.rule(HoldTime, scope_id=scope_id, at=now).parameters.hold_minutes)
    terms = rulebook.rule(WaitingTerms, scope_id=scope_id, at=found.offered_at).parameters
    entry = entries.facts_entry(found.entry_id)
    answer_by = rules.answer_until(
        now=found.offered_at,
        window_start=appointment.window_start,
        travel_minutes=entry.travel_minutes,
        reach=entry.reach,
        terms=terms,
    )
    until = max(found.expires_at, min(now, answer_by) + pay)
    models.Appointment.objects.filter(pk=found.appointment_id).update(held_until=until)
    models.WaitingOffer.objects.filter(pk=offer_id).update(expires_at=until)
    extended = events.OfferExtended(
        offer_id=offer_id, appointment_id=found.appointment_id, expires_at=until, person_id=appointment.person_id, scope_id=scope_id
    )
    journal.record(extended, actor=actor, now=now)
    return until


@transaction.atomic
def decline(*, actor: Actor, now: datetime, offer_id: UUID) -> UUID:
    """Give the offered place to the next; the entry waits on, and this window is not offered to it again. Twice is once.

    The appointment, so that the caller settles its charge. Refuses ``scheduling.offer_over``.
    """
    found = entries.facts_offer(offer_id)
    visits.lock_appointments(appointment_ids=[found.appointment_id])
    found = entries.facts_offer(offer_id)
    if found.state is OfferState.OPEN:
        visits.cancel_appointment(actor=actor, now=now, appointment_id=found.appointment_id, reason=CancelReason.PLAN_CHANGED)
    elif found.state is not OfferState.DECLINED:
        raise OfferOver
    return found.appointment_id


def _held(offer_id: UUID) -> tuple[entries.OfferFacts, bool]:
    """The offer under the locks of its place, and whether it was accepted before. Refuses what can no longer be taken."""
    appointment_id = entries.facts_offer(offer_id).appointment_id
    (appointment,) = visits.lock_appointments(appointment_ids=[appointment_id])
    found = entries.facts_offer(offer_id)
    if found.state is OfferState.ACCEPTED and appointment.status is AppointmentStatus.BOOKED:
        return found, True
    if found.state is not OfferState.OPEN or appointment.status is not AppointmentStatus.HELD:
        raise OfferOver
    if queries.facts_session(appointment.session_id).status is SessionStatus.STOPPED:
        raise SessionStopped
    return found, False


def _check(first_day: date, last_day: date, travel_minutes: int, *, today: date, terms: WaitingTerms) -> None:
    fields = {}
    if first_day < today:
        fields["first_day"] = gettext_noop("最早从今天开始候补。")
    if last_day < first_day:
        fields["last_day"] = gettext_noop("最晚的一天不能早于最早的一天。")
    elif last_day - first_day >= timedelta(days=terms.wish_days):
        fields["last_day"] = gettext_noop("候补的日期跨得太长，请缩短一些。")
    if not 0 <= travel_minutes <= LONGEST_JOURNEY_MINUTES:
        fields["travel_minutes"] = gettext_noop("路上的时间请填 0 到 1440 分钟。")
    if fields:
        raise BadWish(fields=fields)


def _ended(entry: models.WaitingEntry, *, actor: Actor, now: datetime) -> None:
    home = organizations.department(entry.department_id).organization_id
    ended = events.WaitingEnded(entry_id=entry.id, state=WaitingState(entry.state), person_id=entry.person_id, scope_id=home)
    journal.record(ended, actor=actor, now=now)
