"""What is noted of one person whom a change concerns: told, known to know, rung, chosen. The notice is locked after the appointment."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.events import changes as events
from jiuyi.domains.scheduling.words import CHANGE_CALL, ChangeChoice, Reach
from jiuyi.domains.scheduling.words.changes import AlreadyChosen, TellingChanges
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed, NotFound


@transaction.atomic
def note_told(*, actor: Actor, now: datetime, notice_id: UUID, reach: Reach, call_at: datetime | None = None) -> bool:
    """A person was told by some way; False if that was noted before. ``call_at`` brings them onto the list of calls sooner."""
    del actor  # a note of the house, in nobody's name
    notice = _locked(notice_id)
    if notice.told_at is not None:
        return False
    notice.told_at, notice.reach = now, reach
    if call_at is not None and notice.call_due_at is not None:
        notice.call_due_at = min(notice.call_due_at, call_at)
    notice.save(update_fields=["told_at", "reach", "call_due_at"])
    return True


@transaction.atomic
def note_known(*, actor: Actor, now: datetime, notice_id: UUID) -> bool:
    """A person is known to know: opened the page, answered, or said so; False if that was noted before."""
    del actor  # the reading itself is witnessed by whoever opened the record
    notice = _locked(notice_id)
    if notice.known_at is not None:
        return False
    notice.known_at, notice.call_due_at = now, None
    notice.save(update_fields=["known_at", "call_due_at"])
    return True


@transaction.atomic
def note_call(*, actor: Actor, now: datetime, notice_id: UUID, answered: bool) -> None:
    """Somebody of the list was rung. Nobody answered: again after the minutes of rule AP-7.

    Refuses ``not_allowed`` for whoever rings nobody anywhere; whose people they are the journey asks.
    """
    if not access.may_somewhere(actor, CHANGE_CALL):
        raise NotAllowed
    notice = _locked(notice_id)
    organization_id = notice.appointment.organization_id
    notice.calls += 1
    notice.called_by_id, notice.reach = actor.id, Reach.CALL_LIST
    notice.told_at = notice.told_at or now
    if answered:
        notice.known_at, notice.call_due_at = notice.known_at or now, None
    elif notice.known_at is None:
        minutes = rulebook.rule(TellingChanges, scope_id=organization_id, at=now).parameters.call_again_minutes
        notice.call_due_at = now + timedelta(minutes=minutes)
    notice.save(update_fields=["calls", "called_by_id", "reach", "told_at", "known_at", "call_due_at"])
    event = events.ChangeCallMade(
        notice_id=notice.id,
        appointment_id=notice.appointment_id,
        answered=answered,
        person_id=notice.appointment.person_id,
        scope_id=organization_id,
    )
    journal.record(event, actor=actor, now=now)


@transaction.atomic
def note_choice(*, actor: Actor, now: datetime, notice_id: UUID, choice: ChangeChoice) -> bool:
    """Write a choice down; the same choice again is False. What a choice does to place and money is the journey's part.

    Whoever kept the visit may still move it or give it up; a move or a refund is final. Refuses ``scheduling.already_chosen``.
    """
    notice = _locked(notice_id)
    if notice.choice == choice:
        return False
    if notice.choice not in {"", ChangeChoice.KEEP}:
        raise AlreadyChosen
    notice.choice, notice.chosen_at, notice.chosen_by_kind = choice, now, actor.kind.value
    if actor.kind is not ActorKind.SYSTEM:
        notice.known_at, notice.call_due_at = notice.known_at or now, None
    notice.save(update_fields=["choice", "chosen_at", "chosen_by_kind", "known_at", "call_due_at"])
    event = events.ChangeAnswered(
        notice_id=notice.id,
        appointment_id=notice.appointment_id,
        choice=choice,
        person_id=notice.appointment.person_id,
        scope_id=notice.appointment.organization_id,
    )
    journal.record(event, actor=actor, now=now)
    return True


def _locked(notice_id: UUID) -> models.ChangeNotice:
    notice = (
        models.ChangeNotice.objects.select_for_update(of=("self",), no_key=True).select_related("appointment").filter(pk=notice_id).first()
    )
    if notice is None:
        raise NotFound
    return notice
