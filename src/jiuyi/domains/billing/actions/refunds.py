"""Giving money back: decided in one transaction, sent to the channel in another, each step once."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import events, models, queries, rules
from jiuyi.domains.billing.actions.charges import locked_charges
from jiuyi.domains.billing.actions.ledger import book
from jiuyi.domains.billing.words import (
    PAYMENT_REFUND,
    ChargeAct,
    ChargeKind,
    ChargeStatus,
    KeyReused,
    LedgerKind,
    LineState,
    NotRefundable,
    PaymentAct,
    PaymentChannel,
    PaymentProvider,
    PaymentStatus,
    ProviderUnavailable,
    RefundAct,
    RefundReason,
    RefundRequest,
    RefundStatus,
)
from jiuyi.foundation import access, journal, ports
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound

logger = logging.getLogger(__name__)


@transaction.atomic
def refund_charge(*, actor: Actor, now: datetime, charge_id: UUID, reason: RefundReason | str, idempotency_key: str | UUID) -> UUID | None:
    """Give a paid charge back by the channel it was paid with; the same key gives the same refund. Source: rule M-8.

    Online money goes back by itself after the commit; cash is done at once for staff who may pay it out, otherwise (a phone,
    a doctor's room) it waits to be collected at a desk. None for a charge of 0 yuan: there is nothing to give back.
    Refuses ``billing.not_refundable``.
    """
    charge = locked_charges([charge_id]).get(charge_id)
    if charge is None:
        raise NotFound
    known = models.Refund.objects.filter(idempotency_key=str(idempotency_key)).first()
    if known is not None:
        if known.charge_id != charge_id:
            raise KeyReused
        return known.id
    status = rules.next_charge_status(ChargeStatus(charge.status), ChargeAct.REFUND)
    if status is None:
        raise NotRefundable
    line = models.PaymentLine.objects.filter(charge_id=charge_id, state=LineState.SETTLED).first()
    refund = _request(actor=actor, now=now, line=line, reason=RefundReason(reason), key=str(idempotency_key)) if line else None
    charge.status, charge.closed_at = status, now
    charge.save(update_fields=["status", "closed_at"])
    book(
        kind=LedgerKind.CHARGE_REFUNDED,
        reference_id=charge.id,
        organization_id=charge.organization_id,
        postings=rules.postings_of_refunded_charge(ChargeKind(charge.kind), charge.amount_fen),
        now=now,
    )
    if refund is None:
        return None
    _begin(actor=actor, now=now, refund=refund)
    return refund.id


@transaction.atomic
def refund_payment_surplus(*, actor: Actor, now: datetime, payment_id: UUID) -> list[UUID]:
    """Give back every part of a settled payment that could not pay anything; the ids of the refunds, also when asked again."""
    charge_ids = models.PaymentLine.objects.filter(payment_id=payment_id).values_list("charge_id", flat=True)
    locked_charges(charge_ids)
    models.Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    refund_ids = []
    for line in models.PaymentLine.objects.filter(payment_id=payment_id, state=LineState.SURPLUS).order_by("charge_id"):
        refund = models.Refund.objects.filter(line=line).first()
        if refund is None:
            refund = _request(actor=actor, now=now, line=line, reason=RefundReason.SURPLUS, key=f"surplus:{line.id}")
            _begin(actor=actor, now=now, refund=refund)
        refund_ids.append(refund.id)
    return refund_ids


def send_refund(*, actor: Actor, now: datetime, refund_id: UUID) -> bool:
    """Ask the channel to give the money back; True once it has. The channel is asked outside any transaction.

    The refund's id is the channel's key, so asking again after a crash pays once. When the channel does not answer, or
    answers what nobody understands, the next attempt comes later and later; after ten a person has to look (status
    ``failed``). So one refund that cannot be sent never stands in the way of the others.
    """
    refund = models.Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if refund is None or refund.status != RefundStatus.REQUESTED or not rules.is_online(PaymentChannel(refund.channel)):
        return refund is not None and refund.status == RefundStatus.DONE
    request = RefundRequest(
        refund_id=refund.id,
        payment_id=refund.payment.duplicate_of_id or refund.payment_id,
        provider_reference=refund.payment.provider_reference or "",
        amount_fen=refund.amount_fen,
    )
    try:
        reference = ports.port(PaymentProvider).refund(request)
    except Exception as error:
        if not isinstance(error, ProviderUnavailable):
            logger.exception("refund could not be sent", extra={"object_id": str(refund_id)})
        _postpone(actor=actor, now=now, refund_id=refund_id)
        return False
    with transaction.atomic():
        _complete(actor=actor, now=now, refund_id=refund_id, provider_reference=reference)
    return True


def send_due_refunds(*, actor: Actor, now: datetime, limit: int = 100) -> int:
    """Send every refund whose turn has come; how many were done. A sweep: nothing notifies, nothing gets lost."""
    return sum(send_refund(actor=actor, now=now, refund_id=refund_id) for refund_id in queries.refunds_due(now=now, limit=limit))


@transaction.atomic
def pay_out_cash_refund(*, actor: Actor, now: datetime, refund_id: UUID) -> None:
    """Hand a waiting cash refund over the counter. Twice is once. Refuses ``not_allowed`` without the permission."""
    refund = models.Refund.objects.select_related("payment").filter(pk=refund_id, channel=PaymentChannel.CASH).first()
    if refund is None:
        raise NotFound
    access.require(actor, PAYMENT_REFUND, refund.payment.organization_id)
    _complete(actor=actor, now=now, refund_id=refund_id, provider_reference=None)


@transaction.atomic
def retry_refund(*, actor: Actor, now: datetime, refund_id: UUID) -> None:
    """Put a failed refund back in line after a person has looked. Refuses ``billing.not_refundable`` in any other state."""
    refund = _locked_refund(refund_id)
    access.require(actor, PAYMENT_REFUND, refund.payment.organization_id)
    status = rules.next_refund_status(RefundStatus(refund.status), RefundAct.RETRY)
    if status is None:
        raise NotRefundable
    refund.status, refund.attempts, refund.next_attempt_at = status, 0, now
    refund.save(update_fields=["status", "attempts", "next_attempt_at"])


def _request(*, actor: Actor, now: datetime, line: models.PaymentLine, reason: RefundReason, key: str) -> models.Refund:
    payment = models.Payment.objects.select_for_update(no_key=True).get(pk=line.payment_id)
    refund = models.Refund.objects.create(
        id=new_id(),
        line=line,
        payment=payment,
        charge_id=line.charge_id,
        channel=payment.channel,
        amount_fen=line.amount_fen,
        reason=reason,
        status=RefundStatus.REQUESTED,
        idempotency_key=key,
        next_attempt_at=now,
        requested_by_kind=actor.kind.value,
        requested_by_id=actor.id,
        requested_at=now,
    )
    returned = models.Refund.objects.filter(payment=payment).count()
    if returned == models.PaymentLine.objects.filter(payment=payment).count():
        status = rules.next_payment_status(PaymentStatus(payment.status), PaymentAct.REFUND)
        if status is not None:
            payment.status = status
            payment.save(update_fields=["status"])
    journal.record(
        events.RefundRequested(
            refund_id=refund.id,
            charge_id=line.charge_id,
            payment_id=payment.id,
            amount_fen=line.amount_fen,
            reason=reason,
            scope_id=payment.organization_id,
        ),
        actor=actor,
        now=now,
    )
    return refund


def _begin(*, actor: Actor, now: datetime, refund: models.Refund) -> None:
    """Cash is in the drawer beside the cashier; online money is sent by the sweep ``billing.send_refunds`` within seconds.

    A doctor who takes an order back has no drawer: to call that cash paid out would lose it for the patient.
    """
    at_the_drawer = actor.kind is ActorKind.STAFF and access.may(actor, PAYMENT_REFUND, refund.payment.organization_id)
    if at_the_drawer and not rules.is_online(PaymentChannel(refund.channel)):
        _complete(actor=actor, now=now, refund_id=refund.id, provider_reference=None)


def _complete(*, actor: Actor, now: datetime, refund_id: UUID, provider_reference: str | None) -> None:
    refund = _locked_refund(refund_id)
    status = rules.next_refund_status(RefundStatus(refund.status), RefundAct.COMPLETE)
    if status is None:
        return
    refund.status, refund.done_at, refund.provider_reference = status, now, provider_reference
    refund.save(update_fields=["status", "done_at", "provider_reference"])
    book(
        kind=LedgerKind.REFUND_DONE,
        reference_id=refund.id,
        organization_id=refund.payment.organization_id,
        postings=rules.postings_of_refund_done(PaymentChannel(refund.channel), refund.amount_fen),
        now=now,
    )
    journal.record(
        events.RefundDone(refund_id=refund.id, amount_fen=refund.amount_fen, scope_id=refund.payment.organization_id),
        actor=actor,
        now=now,
    )


@transaction.atomic
def _postpone(*, actor: Actor, now: datetime, refund_id: UUID) -> None:
    refund = _locked_refund(refund_id)
    if refund.status != RefundStatus.REQUESTED:
        return
    refund.attempts += 1
    refund.next_attempt_at = rules.next_attempt_at(now, refund.attempts)
    if refund.attempts >= rules.GIVE_UP_AFTER_ATTEMPTS:
        refund.status = RefundStatus.FAILED
        journal.record(
            events.RefundFailed(refund_id=refund.id, attempts=refund.attempts, scope_id=refund.payment.organization_id),
            actor=actor,
            now=now,
        )
    refund.save(update_fields=["attempts", "next_attempt_at", "status"])


def _locked_refund(refund_id: UUID) -> models.Refund:
    refund = models.Refund.objects.select_for_update(no_key=True, of=("self",)).select_related("payment").filter(pk=refund_id).first()
    if refund is None:
        raise NotFound
    return refund
