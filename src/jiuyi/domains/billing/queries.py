"""Reads of prices, charges, payments, refunds and the ledger. ``facts_…`` is for actions, rules and journeys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from jiuyi.domains.billing import models, rules
from jiuyi.domains.billing.words import (
    ChargeKind,
    ChargeStatus,
    LineState,
    PaymentChannel,
    PaymentStatus,
    RefundReason,
    RefundStatus,
    VisitFee,
)
from jiuyi.domains.identity import queries as identity
from jiuyi.foundation import rulebook
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Price:
    """One item's price at an instant."""

    price_item_id: UUID
    code: str
    name: str
    kind: ChargeKind
    unit_price_fen: int


@dataclass(frozen=True, slots=True)
class VisitFeeQuote:
    """诊查费 with the rule that set it."""

    amount_fen: int
    rule: RuleReference
    source: str


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """One charge."""

    charge_id: UUID
    person_id: UUID
    organization_id: UUID
    source_kind: str
    source_id: UUID
    kind: ChargeKind
    description: str
    amount_fen: int
    status: ChargeStatus
    waived_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """One payment."""

    payment_id: UUID
    organization_id: UUID
    channel: PaymentChannel
    status: PaymentStatus
    amount_fen: int
    provider_reference: str | None
    created_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentLineFacts:
    """The part of a payment that is meant for one charge."""

    charge_id: UUID
    source_kind: str
    source_id: UUID
    amount_fen: int
    state: LineState


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """One refund."""

    refund_id: UUID
    charge_id: UUID
    payment_id: UUID
    channel: PaymentChannel
    amount_fen: int
    reason: RefundReason
    status: RefundStatus
    attempts: int
    requested_at: datetime
    done_at: datetime | None


def price(code: str, organization_id: UUID, at: datetime) -> Price:
    """The price of an item at an instant; an organisation's own price wins over the general one. NotFound if there is none."""
    row = (
        models.PriceItem.objects.filter(Q(organization_id=organization_id) | Q(organization_id=None), code=code, valid_from__lte=at)
        .filter(Q(valid_to=None) | Q(valid_to__gt=at))
        .order_by("organization_id")  # NULL sorts last
        .first()
    )
    if row is None:
        raise NotFound
    return Price(row.id, row.code, row.name, ChargeKind(row.kind), row.unit_price_fen)


def visit_fee(*, number_class: str, organization_id: UUID, at: datetime) -> VisitFeeQuote:
    """诊查费 of a number class at an organisation, with rule and source.  Source: rule F3-5."""
    found = rulebook.rule(VisitFee, scope_id=organization_id, at=at)
    return VisitFeeQuote(rules.visit_fee_fen(number_class, found.parameters), found.reference, found.source)


def facts_charges(*, source_kind: str, source_ids: Iterable[UUID]) -> list[ChargeFacts]:
    """The charges of some sources, oldest first."""
    return _charges(models.Charge.objects.filter(source_kind=source_kind, source_id__in=list(source_ids)))


def facts_charges_by_id(charge_ids: Iterable[UUID]) -> list[ChargeFacts]:
    """Charges by id, oldest first; unknown ids are left out."""
    return _charges(models.Charge.objects.filter(pk__in=list(charge_ids)))


def unpaid_charges(person_id: UUID) -> list[ChargeFacts]:
    """What one person still owes, also under ids that were merged, oldest first."""
    return _charges(models.Charge.objects.filter(person_id__in=identity.same_person_ids(person_id), status=ChargeStatus.UNPAID))


def facts_payment(payment_id: UUID) -> PaymentFacts:
    """One payment; NotFound otherwise."""
    row = models.Payment.objects.filter(pk=payment_id).first()
    if row is None:
        raise NotFound
    return PaymentFacts(
        payment_id=row.id,
        organization_id=row.organization_id,
        channel=PaymentChannel(row.channel),
        status=PaymentStatus(row.status),
        amount_fen=row.amount_fen,
        provider_reference=row.provider_reference,
        created_at=row.created_at,
        expires_at=row.expires_at,
        settled_at=row.settled_at,
    )


def facts_payment_lines(payment_id: UUID) -> list[PaymentLineFacts]:
    """What a payment is meant for, and what became of each part."""
    rows = models.PaymentLine.objects.filter(payment_id=payment_id).select_related("charge").order_by("charge__created_at", "charge_id")
    return [PaymentLineFacts(r.charge_id, r.charge.source_kind, r.charge.source_id, r.amount_fen, LineState(r.state)) for r in rows]


def payments_to_ask_about(*, begun_before: datetime, begun_after: datetime, closed_after: datetime, limit: int) -> list[UUID]:
    """Payments whose call-back may have been lost, newest first: those still open, and those closed that were begun lately.

    A closed one is asked about too: the payer may have paid in the very minute in which the hold ran out.
    """
    waiting = Q(status=PaymentStatus.CREATED, created_at__gt=begun_after) | Q(status=PaymentStatus.CLOSED, created_at__gt=closed_after)
    rows = models.Payment.objects.filter(waiting, created_at__lt=begun_before).exclude(channel=PaymentChannel.CASH)
    return list(rows.order_by("-created_at").values_list("pk", flat=True)[:limit])


def facts_refunds(charge_ids: Iterable[UUID]) -> list[RefundFacts]:
    """Every refund of some charges, oldest first; a charge that was paid twice has a surplus refund besides its own."""
    rows = models.Refund.objects.filter(charge_id__in=list(charge_ids)).order_by("requested_at", "id")
    return [_refund(row) for row in rows]


def refunds_due(*, now: datetime, limit: int) -> list[UUID]:
    """Online refunds whose next attempt is due."""
    rows = models.Refund.objects.filter(status=RefundStatus.REQUESTED, next_attempt_at__lte=now)
    return list(rows.exclude(channel=PaymentChannel.CASH).order_by("next_attempt_at").values_list("pk", flat=True)[:limit])


def cash_refunds_to_collect(organization_id: UUID, *, limit: int = 100) -> list[RefundFacts]:
    """Cash refunds that wait to be paid out at the desk."""
    rows = models.Refund.objects.filter(
        channel=PaymentChannel.CASH, status=RefundStatus.REQUESTED, payment__organization_id=organization_id
    ).order_by("requested_at")
    return [_refund(row) for row in rows[:limit]]


def failed_refunds(organization_id: UUID, *, limit: int = 100) -> list[RefundFacts]:
    """Online refunds that the channel refused ten times: a person has to look, the oldest first."""
    rows = models.Refund.objects.filter(status=RefundStatus.FAILED, payment__organization_id=organization_id)
    return [_refund(row) for row in rows.order_by("requested_at", "id")[:limit]]


def ledger_balance() -> dict[str, int]:
    """The sum of each ledger account in fen; all of them together sum to zero."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_code, sum(amount_fen)::bigint FROM billing_ledgerentry GROUP BY account_code ORDER BY account_code")
        return dict(cursor.fetchall())


_DIFFERENCE = """
WITH ledger AS (SELECT account_code, sum(amount_fen)::bigint AS fen FROM billing_ledgerentry GROUP BY account_code),
business AS (
    SELECT 'receivable' AS account_code, sum(amount_fen)::bigint AS fen FROM billing_charge WHERE status = 'unpaid'
    UNION ALL
    SELECT 'revenue.' || kind, -sum(amount_fen)::bigint FROM billing_charge WHERE status IN ('unpaid', 'paid') GROUP BY kind
    UNION ALL
    SELECT 'money.' || channel, sum(fen)::bigint FROM (
        SELECT channel, amount_fen AS fen FROM billing_payment WHERE status IN ('settled', 'refunded')
        UNION ALL SELECT channel, -amount_fen FROM billing_refund WHERE status = 'done'
    ) AS moved GROUP BY channel
    UNION ALL
    SELECT 'owed_back', -(
        (SELECT coalesce(sum(amount_fen), 0) FROM billing_refund WHERE status <> 'done')
        + (SELECT coalesce(sum(l.amount_fen), 0) FROM billing_paymentline l
           WHERE l.state = 'surplus' AND NOT EXISTS (SELECT 1 FROM billing_refund r WHERE r.line_id = l.id))
    )::bigint
)
SELECT count(*) FROM ledger FULL JOIN business USING (account_code) WHERE coalesce(ledger.fen, 0) <> coalesce(business.fen, 0)
"""


def count_ledger_difference() -> int:
    """Accounts whose ledger sum differs from what charges, payments and refunds say; 0 is the only right answer."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCE)
        return int(cursor.fetchone()[0])


def _charges(rows: "QuerySet[models.Charge]") -> list[ChargeFacts]:
    return [charge_facts(row) for row in rows.order_by("created_at", "id")]


def charge_facts(row: models.Charge) -> ChargeFacts:
    """The facts of a row that an action of this department holds."""
    return ChargeFacts(
        charge_id=row.id,
        person_id=row.person_id,
        organization_id=row.organization_id,
        source_kind=row.source_kind,
        source_id=row.source_id,
        kind=ChargeKind(row.kind),
        description=row.description,
        amount_fen=row.amount_fen,
        status=ChargeStatus(row.status),
        waived_code=row.waived_code,
        created_at=row.created_at,
    )


def _refund(row: models.Refund) -> RefundFacts:
    return RefundFacts(
        refund_id=row.id,
        charge_id=row.charge_id,
        payment_id=row.payment_id,
        channel=PaymentChannel(row.channel),
        amount_fen=row.amount_fen,
        reason=RefundReason(row.reason),
        status=RefundStatus(row.status),
        attempts=row.attempts,
        requested_at=row.requested_at,
        done_at=row.done_at,
    )
