"""Sessions that are not released yet, and who waits for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.availability import SessionOffer, offers
from jiuyi.domains.scheduling.words import DrawOutcome, PassLife, Pool, SessionStatus
from jiuyi.foundation import rulebook


@dataclass(frozen=True, slots=True)
class DrawEntryFacts:
    """Somebody's place in a draw; ``rank`` is the drawn order from 1, None before the draw."""

    entry_id: UUID
    pass_id: UUID
    session_id: UUID
    person_id: UUID
    wishes: tuple[datetime, ...]
    any_window: bool
    pay_at_arrival: bool
    outcome: DrawOutcome
    rank: int | None
    appointment_id: UUID | None
    refusal: str


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """When a session is released to everybody, from when one may be there, whether the draw is over, how many wait."""

    opens_at: datetime
    enter_from: datetime
    draws: bool
    drawn_at: datetime | None
    draw_seed: str
    waiting: int


def coming_releases(department_id: UUID, now: datetime, *, practitioner_id: UUID | None = None, within: timedelta) -> list[SessionOffer]:
    """Sessions whose public release lies ahead, soonest first."""
    where = "s.department_id = %(department)s AND s.status = 'open' AND s.visible_at > %(now)s AND s.visible_at <= %(until)s"
    values = {"department": department_id, "until": now + within}
    if practitioner_id is not None:
        where += " AND s.practitioner_id = %(practitioner)s"
        values["practitioner"] = practitioner_id
    return sorted(offers(where, now, (Pool.PUBLIC,), **values), key=lambda session: (session.visible_at, session.starts_at))


def facts_release(session_id: UUID, now: datetime) -> ReleaseFacts:
    """The release of one session; the session must exist."""
    session = models.ClinicSession.objects.get(pk=session_id)
    minutes = rulebook.rule(PassLife, scope_id=session.organization_id, at=now).parameters.enter_minutes
    return ReleaseFacts(
        opens_at=session.visible_at,
        enter_from=session.visible_at - timedelta(minutes=minutes),
        draws=session.draws,
        drawn_at=session.drawn_at,
        draw_seed=session.draw_seed,
        waiting=models.DrawEntry.objects.filter(session_id=session_id, outcome=DrawOutcome.WAITING).count(),
    )


def facts_draw_entry(session_id: UUID, person_id: UUID) -> DrawEntryFacts | None:
    """A person's place in a session's draw, or None."""
    row = models.DrawEntry.objects.filter(session_id=session_id, person_id=person_id).first()
    return None if row is None else _facts(row)


def facts_draw_entry_by_id(entry_id: UUID) -> DrawEntryFacts:
    """One entry; it must exist."""
    return _facts(models.DrawEntry.objects.get(pk=entry_id))


def draws_due(now: datetime) -> list[UUID]:
    """Sessions that are released and still have a draw before them, or somebody whom the draw has missed."""
    undrawn = Q(draws=True, drawn_at=None, visible_at__lte=now, status=SessionStatus.OPEN)
    found = set(models.ClinicSession.objects.filter(undrawn).values_list("pk", flat=True))
    late = models.DrawEntry.objects.filter(outcome=DrawOutcome.WAITING, session__visible_at__lte=now)
    return sorted(found | set(late.values_list("session_id", flat=True)))


def facts_pass(pass_id: UUID) -> tuple[UUID, UUID, int] | None:
    """(person, session, fee in fen) of a pass that was not given back, or None."""
    found = models.BookingPass.objects.filter(pk=pass_id, given_back_at=None).values_list("person_id", "session_id", "fee_fen").first()
    return found and (found[0], found[1], found[2])


def account_of_pass(pass_id: UUID) -> UUID | None:
    """The account that asked for a pass; None when a desk did."""
    return models.BookingPass.objects.filter(pk=pass_id).values_list("account_id", flat=True).first()


def _facts(row: models.DrawEntry) -> DrawEntryFacts:
    return DrawEntryFacts(
        entry_id=row.id,
        pass_id=row.booking_pass_id,
        session_id=row.session_id,
        person_id=row.person_id,
        wishes=tuple(row.wishes),
        any_window=row.any_window,
        pay_at_arrival=row.pay_at_arrival,
        outcome=DrawOutcome(row.outcome),
        rank=row.rank,
        appointment_id=row.appointment_id,
        refusal=row.refusal,
    )
