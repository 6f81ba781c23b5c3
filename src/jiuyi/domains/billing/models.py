"""Tables of money. Amounts are whole fen; what must never happen is a constraint here, not only a rule."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from jiuyi.domains.billing.words import (
    OWED_OR_PAID,
    ChargeKind,
    ChargeStatus,
    LedgerKind,
    LineState,
    PaymentChannel,
    PaymentStatus,
    RefundReason,
    RefundStatus,
)
from jiuyi.kernel.ids import new_id

NO_ORGANIZATION = "00000000-0000-0000-0000-000000000000"
_VALID_PERIOD = Func(F("valid_from"), F("valid_to"), function="tstzrange", output_field=DateTimeRangeField())


class PriceItem(models.Model):
    """One priced item, for all organisations or for one, during a half-open period."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=ChargeKind.choices())
    unit_price_fen = models.BigIntegerField()
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(unit_price_fen__gte=0), name="price_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ChargeKind]), name="price_kind_known"),
            ExclusionConstraint(
                name="price_once_at_a_time",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (Coalesce("organization", Value(NO_ORGANIZATION, output_field=models.UUIDField())), RangeOperators.EQUAL),
                    (_VALID_PERIOD, RangeOperators.OVERLAPS),
                ],
            ),
        ]


class Charge(models.Model):
    """What one person owes one organisation for one thing; the thing itself is a row of an upper department."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=ChargeKind.choices())
    description = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    unit_price_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    status = models.CharField(max_length=20, choices=ChargeStatus.choices())
    waived_code = models.CharField(max_length=40, blank=True)
    rule_id = models.CharField(max_length=20, blank=True)
    rule_version = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # What was given back or withdrawn may be charged anew: a moved appointment has another fee.
            models.UniqueConstraint(
                fields=["source_kind", "source_id"], condition=Q(status__in=[s.value for s in OWED_OR_PAID]), name="charge_once_per_source"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gte=0, unit_price_fen__gte=0, quantity__gt=0), name="charge_not_negative"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in ChargeStatus]), name="charge_status_known"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ChargeKind]), name="charge_kind_known"),
        ]
        indexes = [
            models.Index(fields=["person"], name="charge_unpaid_of_person", condition=Q(status=ChargeStatus.UNPAID.value)),
            models.Index(fields=["source_kind", "source_id"], name="charge_of_source"),
        ]


class Payment(models.Model):
    """One attempt to pay one or more charges by one channel.

    ``duplicate_of`` marks money that came a second time for a payment that was settled before: all of it is surplus.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, choices=PaymentChannel.choices())
    amount_fen = models.BigIntegerField()
    tendered_fen = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20, choices=PaymentStatus.choices())
    idempotency_key = models.CharField(max_length=120, unique=True)
    provider_reference = models.CharField(max_length=120, unique=True, null=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    opened_by_kind = models.CharField(max_length=20)
    opened_by_id = models.UUIDField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(tendered_fen__isnull=True) | Q(tendered_fen__gte=F("amount_fen")), name="payment_tendered_enough"
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in PaymentStatus]), name="payment_status_known"),
            models.CheckConstraint(condition=Q(channel__in=[c.value for c in PaymentChannel]), name="payment_channel_known"),
            models.CheckConstraint(
                condition=~Q(status__in=[PaymentStatus.SETTLED.value, PaymentStatus.REFUNDED.value])
                | (Q(settled_at__isnull=False) & (Q(provider_reference__isnull=False) | Q(channel=PaymentChannel.CASH.value))),
                name="payment_settled_has_receipt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="payment_unsettled",
                condition=Q(status__in=[PaymentStatus.CREATED.value, PaymentStatus.CLOSED.value]),
            )
        ]


class PaymentLine(models.Model):
    """The part of a payment that is meant for one charge. A charge is paid by one line, whatever happens."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey("billing.Payment", on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey("billing.Charge", on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=LineState.choices())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "charge"], name="payment_line_once"),
            models.UniqueConstraint(fields=["charge"], condition=Q(state=LineState.SETTLED.value), name="charge_paid_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_line_positive"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in LineState]), name="payment_line_state_known"),
        ]


class Refund(models.Model):
    """Money that goes back by the channel it came; each payment line at most once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.OneToOneField("billing.PaymentLine", on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey("billing.Payment", on_delete=models.PROTECT, related_name="+")
    charge = models.ForeignKey("billing.Charge", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20, choices=PaymentChannel.choices())
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=40, choices=RefundReason.choices())
    status = models.CharField(max_length=20, choices=RefundStatus.choices())
    idempotency_key = models.CharField(max_length=120, unique=True)
    provider_reference = models.CharField(max_length=120, unique=True, null=True)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    requested_by_kind = models.CharField(max_length=20)
    requested_by_id = models.UUIDField()
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_positive"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in RefundStatus]), name="refund_status_known"),
            models.CheckConstraint(condition=Q(reason__in=[r.value for r in RefundReason]), name="refund_reason_known"),
            models.CheckConstraint(condition=Q(channel__in=[c.value for c in PaymentChannel]), name="refund_channel_known"),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], name="refund_due", condition=Q(status=RefundStatus.REQUESTED.value))]


class LedgerTransaction(models.Model):
    """One booked step. Its entries sum to zero (deferred trigger), and each step of each thing is booked once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=30, choices=LedgerKind.choices())
    reference_id = models.UUIDField()
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference_id"], name="ledger_step_once"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in LedgerKind]), name="ledger_kind_known"),
        ]


class LedgerEntry(models.Model):
    """One side of a booked step: debit positive, credit negative. Never changed, never deleted (trigger)."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.ForeignKey("billing.LedgerTransaction", on_delete=models.PROTECT, related_name="+")
    account_code = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="ledger_entry_not_zero")]
        indexes = [models.Index(fields=["account_code"], name="ledger_account", include=["amount_fen"])]
