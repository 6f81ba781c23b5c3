"""Prices and charges."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import events, models, queries, rules
from jiuyi.domains.billing.actions.ledger import book
from jiuyi.domains.billing.words import (
    OWED_OR_PAID,
    ChargeAct,
    ChargeKind,
    ChargeNotCancellable,
    ChargeStatus,
    LedgerKind,
    PaymentStatus,
)
from jiuyi.foundation import journal
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.money import line_amount
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def add_price(
    *,
    actor: Actor = SYSTEM,
    now: datetime | None = None,
    code: str,
    name: str,
    kind: ChargeKind,
    unit_price_fen: int,
    valid_from: datetime,
    valid_to: datetime | None = None,
    organization_id: UUID | None = None,
) -> UUID:
    """Enter a price; two prices of one item never hold at the same time (EXCLUDE). ``now`` None: on the day it begins."""
    row = models.PriceItem.objects.create(
        code=code,
        name=name,
        kind=kind,
        unit_price_fen=unit_price_fen,
        valid_from=valid_from,
        valid_to=valid_to,
        organization_id=organization_id,
    )
    price_set = events.PriceSet(
        price_item_id=row.id, kind=kind, unit_price_fen=unit_price_fen, valid_from=valid_from, scope_id=organization_id
    )
    journal.record(price_set, actor=actor, now=now or valid_from)
    return row.id


@transaction.atomic
def add_charge(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    organization_id: UUID,
    source_kind: str,
    source_id: UUID,
    kind: ChargeKind,
    description: str,
    quantity: Decimal | int,
    unit_price_fen: int,
    rule: RuleReference | None = None,
    waived_code: str = "",
) -> UUID:
    """Charge a person for one source (an appointment, an order); the same source again gives the same charge while it stands.

    The amount is unit price × quantity, half up to the fen (rule M-7). A charge of 0 yuan stands on the bill as paid
    from the start, with the code of the waiver (rule F3-5).
    """
    amount_fen = line_amount(unit_price_fen, quantity)
    status = ChargeStatus.UNPAID if amount_fen else ChargeStatus.PAID
    row = models.Charge(
        id=new_id(),
        person_id=person_id,
        organization_id=organization_id,
        source_kind=source_kind,
        source_id=source_id,
        kind=kind,
        description=description,
        quantity=quantity,
        unit_price_fen=unit_price_fen,
        amount_fen=amount_fen,
        status=status,
        waived_code=waived_code,
        rule_id=rule.rule_id if rule else "",
        rule_version=rule.version if rule else None,
        created_at=now,
        paid_at=None if amount_fen else now,
    )
    models.Charge.objects.bulk_create([row], ignore_conflicts=True)
    standing = models.Charge.objects.filter(source_kind=source_kind, source_id=source_id, status__in=OWED_OR_PAID)
    stored = standing.values_list("pk", flat=True).get()
    if stored != row.id:
        return stored
    book(
        kind=LedgerKind.CHARGE_ADDED,
        reference_id=row.id,
        organization_id=organization_id,
        postings=rules.postings_of_charge(kind, amount_fen),
        now=now,
    )
    journal.record(
        events.ChargeAdded(
            charge_id=row.id, source_id=source_id, kind=kind, amount_fen=amount_fen, person_id=person_id, scope_id=organization_id
        ),
        actor=actor,
        now=now,
    )
    return row.id


@transaction.atomic
def cancel_charge(*, actor: Actor, now: datetime, charge_id: UUID) -> None:
    """Take back a charge that nobody has paid; open payments that contain it are closed. Twice is once.

    Money that still arrives for it is reported as surplus by ``settle_payment``.
    Refuses ``billing.charge_not_cancellable`` when it is paid.
    """
    charge = locked_charges([charge_id]).get(charge_id)
    if charge is None:
        raise NotFound
    if charge.status == ChargeStatus.CANCELLED:
        return
    status = rules.next_charge_status(ChargeStatus(charge.status), ChargeAct.CANCEL)
    if status is None:
        raise ChargeNotCancellable
    close_open_payments(actor=actor, now=now, charge_ids=[charge_id])
    charge.status, charge.closed_at = status, now
    charge.save(update_fields=["status", "closed_at"])
    book(
        kind=LedgerKind.CHARGE_CANCELLED,
        reference_id=charge.id,
        organization_id=charge.organization_id,
        postings=rules.postings_of_cancelled_charge(ChargeKind(charge.kind), charge.amount_fen),
        now=now,
    )
    journal.record(
        events.ChargeCancelled(
            charge_id=charge.id, source_id=charge.source_id, person_id=charge.person_id, scope_id=charge.organization_id
        ),
        actor=actor,
        now=now,
    )


def lock_charges(*, source_kind: str, source_ids: Iterable[UUID]) -> list[queries.ChargeFacts]:
    """Lock the charges of some sources until the end of the caller's transaction, and say how they stand now."""
    ids = models.Charge.objects.filter(source_kind=source_kind, source_id__in=list(source_ids)).values_list("pk", flat=True)
    return [queries.charge_facts(row) for row in locked_charges(ids).values()]


def locked_charges(charge_ids: Iterable[UUID]) -> dict[UUID, models.Charge]:
    """The only way to lock charges: in the order of their ids."""
    rows = models.Charge.objects.select_for_update(no_key=True).filter(pk__in=list(charge_ids)).order_by("pk")
    return {row.id: row for row in rows}


def close_open_payments(*, actor: Actor, now: datetime, charge_ids: Sequence[UUID]) -> None:
    """Close every open payment that contains one of the charges. The caller holds the charges' locks."""
    containing = models.PaymentLine.objects.filter(charge_id__in=charge_ids).values("payment_id")
    rows = models.Payment.objects.select_for_update(no_key=True).filter(status=PaymentStatus.CREATED, pk__in=containing).order_by("pk")
    for payment in rows:
        payment.status = PaymentStatus.CLOSED
        payment.save(update_fields=["status"])
        journal.record(events.PaymentClosed(payment_id=payment.id, scope_id=payment.organization_id), actor=actor, now=now)
