"""What an appointment's own moves mean for the offer it came from: one transaction, whichever door they came through."""

from datetime import datetime
from uuid import UUID

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.events.waiting import OfferAnswered
from jiuyi.domains.scheduling.rules import waiting as rules
from jiuyi.domains.scheduling.words import BookingChannel, NotWaiting, OfferState, Party, WaitingAct, WaitingState, WaitingTerms
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor

_ANSWERS = {
    WaitingAct.ACCEPT: OfferState.ACCEPTED,
    WaitingAct.DECLINE: OfferState.DECLINED,
    WaitingAct.MISS: OfferState.LAPSED,
    WaitingAct.WITHDRAW: OfferState.LAPSED,
}


def settle_offer(appointment: models.Appointment, act: WaitingAct, by: Party, *, actor: Actor, now: datetime) -> None:
    """Close the open offer of a locked appointment, if it has one, and move the entry: accepted, declined, missed, withdrawn.

    The second offer missed is the last. What the hospital takes back does not count as missed.
    """
    if appointment.channel != BookingChannel.WAITING_LIST:
        return
    offer = models.WaitingOffer.objects.select_for_update(no_key=True).filter(appointment_id=appointment.pk, state=OfferState.OPEN).first()
    if offer is None:
        return
    entry = locked_entry(offer.entry_id)
    offer.state, offer.answered_at = _ANSWERS[act], now
    offer.save(update_fields=["state", "answered_at"])
    if act is WaitingAct.MISS:
        entry.offers_missed += 1
        terms = rulebook.rule(WaitingTerms, scope_id=appointment.organization_id, at=now).parameters
        act = rules.missed(entry.offers_missed, terms)
    move_entry(entry, act, by, now=now)
    answered = OfferAnswered(
        offer_id=offer.id,
        entry_id=entry.id,
        appointment_id=appointment.id,
        state=offer.state,
        entry_state=WaitingState(entry.state),
        person_id=entry.person_id,
        scope_id=appointment.organization_id,
    )
    journal.record(answered, actor=actor, now=now)


def locked_entry(entry_id: UUID) -> models.WaitingEntry:
    """The entry, locked until the end of the transaction; after place and appointment, where they are locked too."""
    return models.WaitingEntry.objects.select_for_update(no_key=True).get(pk=entry_id)


def move_entry(entry: models.WaitingEntry, act: WaitingAct, by: Party, *, now: datetime) -> None:
    """Move a locked entry as docs/states/waiting.md says. Refuses ``scheduling.not_waiting``."""
    state = rules.next_state(WaitingState(entry.state), act, by)
    if state is None:
        raise NotWaiting(state=WaitingState(entry.state))
    entry.state = state
    entry.closed_at = now if state not in {WaitingState.WAITING, WaitingState.OFFERED} else None
    entry.save(update_fields=["state", "closed_at", "offers_missed"])
