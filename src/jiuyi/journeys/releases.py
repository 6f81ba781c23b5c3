"""The release (放号): be there before it, be drawn at it, choose after it; the gate serves whoever comes then.

The charge of a place that the gate or the draw gave is made by whoever sees it first: the draw itself, the listener of the
journal, or the page on which it is paid (``booking.charge_claimed``).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import queries as prices
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import draw, passes
from jiuyi.domains.scheduling.queries import releases
from jiuyi.domains.scheduling.queries.releases import DrawEntryFacts, ReleaseFacts
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, DrawOutcome, PassForeign, open_pass
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import booking

COMING = timedelta(days=2)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """What one person sees of a session's release. ``windows`` are public; before the release nothing of them is free."""

    session: schedule.SessionOffer
    release: ReleaseFacts
    entry: DrawEntryFacts | None
    windows: list[schedule.Window]
    fee_fen: int
    has_won: bool  # and still has the place: one that was not paid in time went back

    def is_released(self, now: datetime) -> bool:
        """Whether places can be chosen now: released, and the draw is over."""
        over = not self.release.draws or self.release.drawn_at is not None
        return self.release.opens_at <= now and over

    def may_enter(self, now: datetime) -> bool:
        """Whether one may be there now, to be drawn."""
        return self.release.draws and self.release.enter_from <= now < self.release.opens_at


def coming(*, department_id: UUID, practitioner_id: UUID, now: datetime) -> list[schedule.SessionOffer]:
    """One doctor's sessions that will be released in the coming two days, soonest first."""
    return releases.coming_releases(department_id, now, practitioner_id=practitioner_id, within=COMING)


def room(*, actor: Actor, now: datetime, person_id: UUID, session_id: UUID) -> Room:
    """The release of a session for a person. Refuses ``not_found`` for a person whom this account may not act for."""
    session = schedule.facts_session(session_id, now)
    booking.require_may_book(actor, person_id=person_id, department_id=session.department_id)
    entry = releases.facts_draw_entry(session_id, person_id)
    return Room(
        session=session,
        release=releases.facts_release(session_id, now),
        entry=entry,
        windows=schedule.session_windows(session_id, now),
        fee_fen=prices.visit_fee(number_class=session.number_class, organization_id=session.organization_id, at=now).amount_fen,
        has_won=entry is not None and _has_place(entry),
    )


@transaction.atomic
def enter(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session_id: UUID,
    wishes: Sequence[datetime],
    any_window: bool,
    pay_at_arrival: bool,
    channel: BookingChannel,
    device_hash: str = "",
) -> UUID:
    """Be there at the release, from a phone, or through an operator or a window for somebody without one; the entry.

    Everything that can be refused is refused now, not at the release: limits, suspensions, a stopped session
    (``scheduling.…``), and ``scheduling.draw_closed`` before and after its time. Source: rule AP-3 (§21); C1.
    """
    pass_id = _issue(actor=actor, now=now, person_id=person_id, session_id=session_id, channel=channel, device_hash=device_hash)
    return draw.enter_draw(now=now, pass_id=pass_id, wishes=wishes, any_window=any_window, pay_at_arrival=pay_at_arrival)


def leave(*, actor: Actor, now: datetime, person_id: UUID, session_id: UUID) -> None:
    """Not be there after all. Refuses ``not_found`` as ``room`` does."""
    session = schedule.facts_session(session_id)
    booking.require_may_book(actor, person_id=person_id, department_id=session.department_id)
    draw.leave_draw(now=now, session_id=session_id, person_id=person_id)


def issue(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session_id: UUID,
    channel: BookingChannel,
    pay_at_arrival: bool,
    elderly: bool = False,
    device_hash: str = "",
) -> str:
    """A sealed pass for the gate. Refuses everything that is known to stand against the booking."""
    pass_id = _issue(actor=actor, now=now, person_id=person_id, session_id=session_id, channel=channel, device_hash=device_hash)
    return passes.sealed(pass_id=pass_id, pay_at_arrival=pay_at_arrival, elderly=elderly)


def claim_with_pass(*, now: datetime, sealed: str, window_start: datetime, person_id: UUID | None = None) -> UUID:
    """What the gate does, by the ordinary path: for the hour in which the gate is down; the appointment.

    The same pass, the same answer. Refuses what reading the pass refuses, ``scheduling.pass_foreign`` for another person's,
    and what ``claim_places_v1`` refuses.
    """
    found = open_pass(sealed, passes.pass_key(), now=now)
    if person_id not in {None, found.person_id}:
        raise PassForeign
    return passes.claim_with(found, window_start=window_start, now=now).appointment_id


def draw_due(*, now: datetime) -> int:
    """Draw every session whose release has come; how many people got a place. Each session in its own transaction."""
    served = 0
    for session_id in releases.draws_due(now):
        try:
            with transaction.atomic():
                won = draw.draw_session(actor=SYSTEM, now=now, session_id=session_id)
                for each in won:
                    booking.charge_claimed(appointment_id=each.appointment_id, now=now)
        except Exception:  # one session that cannot be drawn must not keep the others waiting
            logger.exception("a session could not be drawn", extra={"object_id": str(session_id)})
            continue
        served += len(won)
    return served


def _has_place(entry: DrawEntryFacts) -> bool:
    if entry.outcome is not DrawOutcome.WON or entry.appointment_id is None:
        return False
    return schedule.facts_appointment(entry.appointment_id).status not in {AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED}


def _issue(*, actor: Actor, now: datetime, person_id: UUID, session_id: UUID, channel: BookingChannel, device_hash: str) -> UUID:
    session = schedule.facts_session(session_id)
    booking.require_may_book(actor, person_id=person_id, department_id=session.department_id, channel=channel)
    fee = prices.visit_fee(number_class=session.number_class, organization_id=session.organization_id, at=now)
    return passes.issue_pass(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        channel=channel,
        account_id=actor.id if actor.kind is ActorKind.PATIENT else None,
        device_hash=device_hash,
        fee_fen=fee.amount_fen,
        fee_rule=fee.rule,
    )
