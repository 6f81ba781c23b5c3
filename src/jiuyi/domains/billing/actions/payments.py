"""Opening and settling payments, online and in cash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import events, models, rules
from jiuyi.domains.billing.actions.charges import close_open_payments, locked_charges
from jiuyi.domains.billing.actions.ledger import book
from jiuyi.domains.billing.words import (
    AmountDiffers,
    ChargeAct,
    ChargeNotPayable,
    ChargeStatus,
    KeyReused,
    LedgerKind,
    LineState,
    MixedCharges,
    NothingToPay,
    PaymentAct,
    PaymentChannel,
    PaymentStatus,
    ReferenceReused,
    TenderedTooLittle,
)
from jiuyi.foundation import journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.money import yuan_text
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of money that arrived.

    ``payment_id`` is the payment that holds the money: another one than asked for when the same payment was paid a
    second time. ``charge_ids`` are paid by it, ``surplus`` the charges that it could not pay any more: the caller
    gives that money back with ``refund_payment_surplus(payment_id=…)`` in the same transaction. A repeated call-back
    gives the same answer with ``newly`` false.
    """

    payment_id: UUID
    charge_ids: tuple[UUID, ...]
    surplus: tuple[UUID, ...]
    newly: bool


@dataclass(frozen=True, slots=True)
class CashReceipt:
    """Cash taken; ``change_fen`` goes back over the counter."""

    payment_id: UUID
    amount_fen: int
    change_fen: int


@transaction.atomic
def open_payment(
    *,
    actor: Actor,
    now: datetime,
    charge_ids: Sequence[UUID],
    channel: PaymentChannel,
    idempotency_key: str | UUID,
    expires_at: datetime | None = None,
) -> UUID:
    """Begin to pay some charges of one organisation; the same key gives the same payment, and older open ones are closed.

    ``expires_at`` is shown to the payer; money that comes later is taken all the same (see ``settle_payment``).
    Refuses ``billing.charge_not_payable`` (naming all such charges), ``billing.mixed_charges``,
    ``billing.nothing_to_pay``, ``billing.key_reused``.
    """
    charges = list(locked_charges(charge_ids).values())
    known = _payment_of_key(idempotency_key, charge_ids=charge_ids, channel=channel)
    if known is not None:
        return known.id
    organization_id = _check_payable(charges, charge_ids)
    close_open_payments(actor=actor, now=now, charge_ids=charge_ids)
    payment = _new_payment(
        actor=actor, now=now, charges=charges, organization_id=organization_id, channel=channel, key=str(idempotency_key)
    )
    payment.expires_at = expires_at
    _insert(payment, charges, LineState.OPEN)
    journal.record(
        events.PaymentOpened(payment_id=payment.id, channel=channel, amount_fen=payment.amount_fen, scope_id=organization_id),
        actor=actor,
        now=now,
    )
    return payment.id


@transaction.atomic
def close_payment(*, actor: Actor, now: datetime, payment_id: UUID) -> None:
    """Give up a payment that nobody has paid; the charges stay owed. Nothing happens to one that is not open."""
    locked_charges(_charge_ids_of(payment_id))
    payment = _locked_payment(payment_id)
    status = rules.next_payment_status(PaymentStatus(payment.status), PaymentAct.CLOSE)
    if status is None:
        return
    payment.status = status
    payment.save(update_fields=["status"])
    journal.record(events.PaymentClosed(payment_id=payment.id, scope_id=payment.organization_id), actor=actor, now=now)


@transaction.atomic
def settle_payment(*, actor: Actor, now: datetime, payment_id: UUID, provider_reference: str, amount_fen: int) -> Settlement:
    """Take the channel's word that money has arrived: any number of times, in any order, however late.

    Charges that are still owed are paid; what is not owed any more (cancelled, expired, paid by another payment, or
    the second money for the same payment) is reported in ``surplus``. Whether a charge is owed is decided under its
    lock, so cancelling and expiring cannot slip in between.
    Refuses ``billing.amount_differs`` and ``billing.reference_reused``; then nothing is booked.
    """
    charges = locked_charges(_charge_ids_of(payment_id))
    payment = _locked_payment(payment_id)
    known = models.Payment.objects.filter(provider_reference=provider_reference).first()
    if known is not None and payment_id not in {known.id, known.duplicate_of_id}:
        raise ReferenceReused
    if amount_fen != payment.amount_fen:
        raise AmountDiffers(expected_fen=payment.amount_fen, received_fen=amount_fen)
    if known is not None:
        return _report(known, newly=False)
    if rules.next_payment_status(PaymentStatus(payment.status), PaymentAct.SETTLE) is None:
        payment = _second_payment(payment, provider_reference=provider_reference, now=now)
    lines = list(models.PaymentLine.objects.filter(payment=payment).order_by("charge_id"))
    for line in lines:
        payable = not payment.duplicate_of_id and charges[line.charge_id].status == ChargeStatus.UNPAID
        line.state = LineState.SETTLED if payable else LineState.SURPLUS
    _settle(actor=actor, now=now, payment=payment, lines=lines, charges=charges, provider_reference=provider_reference)
    return _report(payment, newly=True)


@transaction.atomic
def take_cash(*, actor: Actor, now: datetime, charge_ids: Sequence[UUID], tendered_fen: int, idempotency_key: str | UUID) -> CashReceipt:
    """Take cash at a desk for some charges of one organisation; the same key gives the same receipt.

    Open online payments of the charges are closed. Refuses as ``open_payment`` does, and ``billing.tendered_too_little``.
    """
    charges = locked_charges(charge_ids)
    known = _payment_of_key(idempotency_key, charge_ids=charge_ids, channel=PaymentChannel.CASH)
    if known is not None:
        return _receipt(known)
    organization_id = _check_payable(list(charges.values()), charge_ids)
    total_fen = sum(charge.amount_fen for charge in charges.values())
    if tendered_fen < total_fen:
        missing_fen = total_fen - tendered_fen
        raise TenderedTooLittle(
            fields={"tendered": TenderedTooLittle.message}, missing_fen=missing_fen, missing_yuan=yuan_text(missing_fen)
        )
    close_open_payments(actor=actor, now=now, charge_ids=charge_ids)
    payment = _new_payment(
        actor=actor,
        now=now,
        charges=charges.values(),
        organization_id=organization_id,
        channel=PaymentChannel.CASH,
        key=str(idempotency_key),
    )
    payment.tendered_fen = tendered_fen
    lines = _insert(payment, charges.values(), LineState.SETTLED)
    _settle(actor=actor, now=now, payment=payment, lines=lines, charges=charges, provider_reference=None)
    return _receipt(payment)


def _settle(
    *,
    actor: Actor,
    now: datetime,
    payment: models.Payment,
    lines: Sequence[models.PaymentLine],
    charges: dict[UUID, models.Charge],
    provider_reference: str | None,
) -> None:
    accepted = [line for line in lines if line.state == LineState.SETTLED]
    accepted_fen = sum(line.amount_fen for line in accepted)
    surplus_fen = payment.amount_fen - accepted_fen
    payment.status, payment.settled_at, payment.provider_reference = PaymentStatus.SETTLED, now, provider_reference
    payment.save(update_fields=["status", "settled_at", "provider_reference"])
    models.PaymentLine.objects.bulk_update(lines, ["state"])
    book(
        kind=LedgerKind.PAYMENT_SETTLED,
        reference_id=payment.id,
        organization_id=payment.organization_id,
        postings=rules.postings_of_settlement(PaymentChannel(payment.channel), accepted_fen, surplus_fen),
        now=now,
    )
    journal.record(
        events.PaymentSettled(
            payment_id=payment.id,
            channel=PaymentChannel(payment.channel),
            amount_fen=payment.amount_fen,
            surplus_fen=surplus_fen,
            scope_id=payment.organization_id,
        ),
        actor=actor,
        now=now,
    )
    for line in accepted:
        charge = charges[line.charge_id]
        status = rules.next_charge_status(ChargeStatus(charge.status), ChargeAct.PAY)
        if status is None:
            raise ChargeNotPayable(charge_ids=[charge.id])
        charge.status, charge.paid_at = status, now
        charge.save(update_fields=["status", "paid_at"])
        journal.record(
            events.ChargePaid(
                charge_id=charge.id,
                source_id=charge.source_id,
                payment_id=payment.id,
                person_id=charge.person_id,
                scope_id=charge.organization_id,
            ),
            actor=actor,
            now=now,
        )


def _second_payment(first: models.Payment, *, provider_reference: str, now: datetime) -> models.Payment:
    """The payment that holds money which came a second time for ``first``."""
    second = models.Payment.objects.create(
        organization_id=first.organization_id,
        channel=first.channel,
        amount_fen=first.amount_fen,
        status=PaymentStatus.CREATED,
        idempotency_key=f"second:{provider_reference}",
        duplicate_of=first,
        opened_by_kind=first.opened_by_kind,
        opened_by_id=first.opened_by_id,
        created_at=now,
    )
    models.PaymentLine.objects.bulk_create(
        models.PaymentLine(payment=second, charge_id=line.charge_id, amount_fen=line.amount_fen, state=LineState.OPEN)
        for line in models.PaymentLine.objects.filter(payment=first)
    )
    return second


def _check_payable(charges: Sequence[models.Charge], charge_ids: Sequence[UUID]) -> UUID:
    if len(charges) != len(set(charge_ids)):
        raise NotFound
    not_payable = [charge.id for charge in charges if charge.status != ChargeStatus.UNPAID]
    if not_payable:
        raise ChargeNotPayable(charge_ids=not_payable)
    if not charges:
        raise NothingToPay
    organizations = {charge.organization_id for charge in charges}
    if len(organizations) > 1:
        raise MixedCharges
    return organizations.pop()


def _payment_of_key(key: str | UUID, *, charge_ids: Sequence[UUID], channel: PaymentChannel) -> models.Payment | None:
    payment = models.Payment.objects.filter(idempotency_key=str(key)).first()
    if payment is None:
        return None
    if set(_charge_ids_of(payment.id)) != set(charge_ids) or payment.channel != channel:
        raise KeyReused
    return payment


def _new_payment(
    *, actor: Actor, now: datetime, charges: Iterable[models.Charge], organization_id: UUID, channel: PaymentChannel, key: str
) -> models.Payment:
    return models.Payment(
        id=new_id(),
        organization_id=organization_id,
        channel=channel,
        amount_fen=sum(charge.amount_fen for charge in charges),
        status=PaymentStatus.CREATED,
        idempotency_key=key,
        opened_by_kind=actor.kind.value,
        opened_by_id=actor.id,
        created_at=now,
    )


def _insert(payment: models.Payment, charges: Iterable[models.Charge], state: LineState) -> list[models.PaymentLine]:
    payment.save(force_insert=True)
    return models.PaymentLine.objects.bulk_create(
        models.PaymentLine(payment=payment, charge=charge, amount_fen=charge.amount_fen, state=state) for charge in charges
    )


def _charge_ids_of(payment_id: UUID) -> list[UUID]:
    """A payment's charges; they never change once it is opened, so they may be read before anything is locked."""
    return list(models.PaymentLine.objects.filter(payment_id=payment_id).values_list("charge_id", flat=True))


def _locked_payment(payment_id: UUID) -> models.Payment:
    payment = models.Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    return payment


def _report(payment: models.Payment, *, newly: bool) -> Settlement:
    lines = list(models.PaymentLine.objects.filter(payment=payment).order_by("charge_id").values_list("charge_id", "state"))
    return Settlement(
        payment_id=payment.id,
        charge_ids=tuple(charge_id for charge_id, state in lines if state == LineState.SETTLED),
        surplus=tuple(charge_id for charge_id, state in lines if state == LineState.SURPLUS),
        newly=newly,
    )


def _receipt(payment: models.Payment) -> CashReceipt:
    return CashReceipt(payment.id, payment.amount_fen, (payment.tendered_fen or payment.amount_fen) - payment.amount_fen)
