"""The draw among those who were there before a session was released."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max

from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions.passes import content, request_of
from jiuyi.domains.scheduling.events.draw import DrawDecided
from jiuyi.domains.scheduling.rules.draw import Wish, allot, order_of
from jiuyi.domains.scheduling.words import DrawClosed, DrawOutcome, PassLife, PlaceState, Pool
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor

BATCH = 128
# Answers after which the same person may try another window: somebody with a share of their own, or a withdrawal, came first.
GONE = frozenset({"place_gone", "busy"})
MOST_ROUNDS = 5  # rounds in which that happened


@dataclass(frozen=True, slots=True)
class Won:
    """Somebody who was drawn and has a place, held for payment or booked."""

    entry_id: UUID
    person_id: UUID
    appointment_id: UUID
    fee_fen: int


@transaction.atomic
def enter_draw(*, now: datetime, pass_id: UUID, wishes: Sequence[datetime], any_window: bool, pay_at_arrival: bool) -> UUID:
    """Be there at the release; entering again changes the wishes. Refuses ``scheduling.draw_closed``. Source: rule AP-3 (§21)."""
    row = models.BookingPass.objects.select_for_update().get(pk=pass_id)
    session = queries.facts_session(row.session_id)
    minutes = rulebook.rule(PassLife, scope_id=session.organization_id, at=now).parameters.enter_minutes
    if not session.visible_at - timedelta(minutes=minutes) <= now < session.visible_at:
        raise DrawClosed
    entry, _ = models.DrawEntry.objects.update_or_create(
        session_id=row.session_id,
        person_id=row.person_id,
        defaults={
            "booking_pass": row,
            "wishes": list(wishes),
            "any_window": any_window,
            "pay_at_arrival": pay_at_arrival,
            "entered_at": now,
            "outcome": DrawOutcome.WAITING,
        },
    )
    return entry.id


@transaction.atomic
def leave_draw(*, now: datetime, session_id: UUID, person_id: UUID) -> None:
    """Not be there; twice is once, and after the draw nothing changes."""
    entry = models.DrawEntry.objects.select_for_update().filter(session_id=session_id, person_id=person_id).first()
    if entry is None or entry.outcome != DrawOutcome.WAITING:
        return
    entry.outcome = DrawOutcome.LEFT
    entry.save(update_fields=["outcome"])
    models.BookingPass.objects.filter(pk=entry.booking_pass_id).update(given_back_at=now)


@transaction.atomic
def draw_session(*, actor: Actor, now: datetime, session_id: UUID) -> list[Won]:
    """Draw the order of those who wait, and claim for each the dearest window that is left; whoever gets none is told.

    Runs as often as it is called: an entry is drawn once, one that was committed while the draw ran is drawn by the next.
    Others can book as soon as it is done, or twenty seconds after the release if nobody draws (``claim_places_v1``).
    """
    entries = list(
        models.DrawEntry.objects.select_for_update(of=("self",))
        .select_related("booking_pass")
        .filter(session_id=session_id, outcome=DrawOutcome.WAITING)
        .order_by("id")
    )
    session = models.ClinicSession.objects.get(pk=session_id)
    if session.visible_at > now:
        return []
    seed = session.draw_seed or secrets.token_hex(16)
    won = _serve(entries, session=session, seed=seed, now=now) if entries else []
    if session.drawn_at is None:
        models.ClinicSession.objects.filter(pk=session_id, drawn_at=None).update(drawn_at=now, draw_seed=seed)
    for entry in entries:
        decided = DrawDecided(
            entry_id=entry.id,
            session_id=session_id,
            appointment_id=entry.appointment_id,
            outcome=DrawOutcome(entry.outcome),
            person_id=entry.person_id,
            scope_id=session.organization_id,
        )
        journal.record(decided, actor=actor, now=now)
    return won


def _serve(entries: list[models.DrawEntry], *, session: models.ClinicSession, seed: str, now: datetime) -> list[Won]:
    by_id = {entry.id: entry for entry in entries}
    first_rank = (models.DrawEntry.objects.filter(session=session).aggregate(last=Max("rank"))["last"] or 0) + 1
    order = [by_id[entry_id] for entry_id in order_of(list(by_id), seed)]
    # Whoever was drawn is not looking at the phone: a longer hold than for somebody who has just pressed.
    hold_minutes = rulebook.rule(PassLife, scope_id=session.organization_id, at=now).parameters.draw_hold_minutes
    waiting, beaten = order, 0
    while beaten < MOST_ROUNDS:
        given = allot([Wish(each.id, tuple(each.wishes), each.any_window) for each in waiting], _free(session.id, now))
        asked = [(each, given[each.id]) for each in waiting if each.id in given]
        answers = _claim(asked, hold_minutes=hold_minutes, now=now)
        for entry, answer in answers:
            if answer["code"] == "claimed":
                entry.outcome, entry.appointment_id = DrawOutcome.WON, answer["appointment_id"]
            elif answer["code"] not in GONE:
                entry.outcome, entry.refusal = DrawOutcome.LOST, answer["code"]
        # What one person could not take, for whatever reason, is the next one's.
        waiting = [each for each in waiting if each.outcome == DrawOutcome.WAITING]
        if all(answer["code"] == "claimed" for _, answer in answers):
            break
        beaten += any(answer["code"] in GONE for _, answer in answers)
    for rank, entry in enumerate(order, start=first_rank):
        entry.rank = rank
        if entry.outcome == DrawOutcome.WAITING:
            entry.outcome, entry.refusal = DrawOutcome.LOST, "place_gone"
    models.DrawEntry.objects.bulk_update(order, ["outcome", "appointment_id", "rank", "refusal"], batch_size=500)
    return [
        Won(entry.id, entry.person_id, entry.appointment_id, entry.booking_pass.fee_fen)
        for entry in order
        if entry.appointment_id is not None
    ]


def _free(session_id: UUID, now: datetime) -> dict[datetime, int]:
    rows = models.Place.objects.filter(
        session_id=session_id, state=PlaceState.FREE, pool=Pool.PUBLIC, visible_at__lte=now, window_end__gt=now
    )
    return {row["window_start"]: row["count"] for row in rows.values("window_start").annotate(count=Count("id")).order_by("window_start")}


def _claim(
    asked: list[tuple[models.DrawEntry, datetime]], *, hold_minutes: int, now: datetime
) -> list[tuple[models.DrawEntry, dict[str, Any]]]:
    answers = []
    for begin in range(0, len(asked), BATCH):
        part = asked[begin : begin + BATCH]
        requests = [
            request_of(
                content(entry.booking_pass, pay_at_arrival=entry.pay_at_arrival),
                window_start=start,
                held_for=timedelta(minutes=hold_minutes),
                now=now,
                drawn=True,
            )
            for entry, start in part
        ]
        with connection.cursor() as cursor:
            cursor.execute('SELECT "position", code, appointment_id FROM claim_places_v1(%s::jsonb)', [json.dumps(requests)])
            answers += [
                (part[position - 1][0], {"code": code, "appointment_id": appointment_id})
                for position, code, appointment_id in cursor.fetchall()
            ]
    return answers
