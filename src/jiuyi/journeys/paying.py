"""Paying: payment → confirmation → release of orders, in one transaction; what came too late goes back by itself.

Lock order (docs/locking.md): appointment → charge → payment → ledger → order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import (
    PAYMENT_OPEN,
    PAYMENT_TAKE,
    ChargeStatus,
    PaymentChannel,
    PaymentProvider,
    PaymentRequest,
    RefundReason,
)
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import AppointmentStatus, SessionStopped
from jiuyi.foundation import access, ports
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import booking
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.journeys.words import NothingToPay
from jiuyi.kernel.refusals import NotFound

SERVICE_REQUEST = "service_request"
MEDICATION_REQUEST = "medication_request"
ORDERS = frozenset({SERVICE_REQUEST, MEDICATION_REQUEST})


@dataclass(frozen=True, slots=True)
class Bill:
    """What one person owes one institution for orders."""

    organization_id: UUID
    organization_name: str
    lines: tuple[bills.ChargeFacts, ...]

    @property
    def total_fen(self) -> int:
        """The sum of the lines in fen."""
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class Started:
    """A payment waiting at the channel's cashier page."""

    payment_id: UUID
    url: str


def start(
    *, actor: Actor, now: datetime, charge_ids: Sequence[UUID], channel: PaymentChannel, idempotency_key: UUID, return_url: str
) -> Started:
    """Open a payment for the charges and hand the payer to the channel's cashier.

    The provider is asked after the commit: a slow peer must not hold locks. Refuses ``nothing_to_pay`` when none of it
    is owed any more, ``not_found`` for charges of somebody this account may not act for.
    """
    charges = bills.facts_charges_by_id(charge_ids)
    _require_may_pay(actor, charges)
    if not charges or any(charge.status is not ChargeStatus.UNPAID for charge in charges):
        raise NothingToPay
    _require_takes_place(charges)
    payment_id = billing.open_payment(
        actor=actor, now=now, charge_ids=[charge.charge_id for charge in charges], channel=channel, idempotency_key=idempotency_key
    )
    payment = bills.facts_payment(payment_id)
    request = PaymentRequest(payment_id=payment_id, channel=payment.channel, amount_fen=payment.amount_fen, expires_at=payment.expires_at)
    return Started(payment_id=payment_id, url=ports.port(PaymentProvider).start(request, return_url=return_url))


def bills_of_person(*, actor: Actor, person_id: UUID, now: datetime) -> list[Bill]:
    """What a person owes for orders of visits, a bill for each institution. Registration fees are paid with the booking.

    A patient's account sees the bill of a person with a verified link line by line; with a claimed link it sees nothing,
    because a line says what the doctor thought. Refuses ``not_found`` without any link.
    """
    del now
    if actor.kind is ActorKind.PATIENT:
        level = people.facts_link(actor.id, person_id)
        if level is None:
            raise NotFound
        if level is not Certainty.VERIFIED:
            return []
    owed = [charge for charge in bills.unpaid_charges(person_id) if charge.source_kind in ORDERS]
    return [
        Bill(
            organization_id=organization_id,
            organization_name=organizations.organization(organization_id).name,
            lines=tuple(charge for charge in owed if charge.organization_id == organization_id),
        )
        for organization_id in dict.fromkeys(charge.organization_id for charge in owed)
    ]


@transaction.atomic
def receive_callback(*, payment_id: UUID, provider_reference: str, amount_fen: int, now: datetime) -> None:
    """Take the channel's word that a payment was made; any number of times, in any order, at any hour.

    What it pays is confirmed (places) and released (orders) in the same transaction. What can no longer be paid for
    (a place that lapsed, a charge that another payment settled first) goes back to the payer as a refund.
    """
    lines = bills.facts_payment_lines(payment_id)
    scheduling.lock_appointments(appointment_ids=[line.source_id for line in lines if line.source_kind == APPOINTMENT])
    settlement = billing.settle_payment(
        actor=SYSTEM, now=now, payment_id=payment_id, provider_reference=provider_reference, amount_fen=amount_fen
    )
    if not settlement.newly:
        return
    _release(settlement.charge_ids, actor=SYSTEM, now=now)
    if settlement.surplus:
        billing.refund_payment_surplus(actor=SYSTEM, now=now, payment_id=settlement.payment_id)


@transaction.atomic
def take_cash(*, actor: Actor, now: datetime, charge_ids: Sequence[UUID], tendered_fen: int, idempotency_key: UUID) -> billing.CashReceipt:
    """Take cash at a desk for the charges; they are released at once. Refuses ``too_little_cash`` and ``nothing_to_pay``."""
    charges = bills.facts_charges_by_id(charge_ids)
    if not charges:
        raise NothingToPay
    for organization_id in {charge.organization_id for charge in charges}:
        access.require(actor, PAYMENT_TAKE, organization_id)
    scheduling.lock_appointments(appointment_ids=[charge.source_id for charge in charges if charge.source_kind == APPOINTMENT])
    if any(charge.status is ChargeStatus.UNPAID for charge in charges):
        _require_takes_place(charges)
    receipt = billing.take_cash(
        actor=actor, now=now, charge_ids=list(charge_ids), tendered_fen=tendered_fen, idempotency_key=idempotency_key
    )
    _release(charge_ids, actor=actor, now=now)
    return receipt


def _release(charge_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    order_ids = []
    for charge in bills.facts_charges_by_id(charge_ids):
        if charge.source_kind == APPOINTMENT:
            _confirm(charge.source_id, actor=actor, now=now)
        elif charge.source_kind in ORDERS:
            order_ids.append(charge.source_id)
    if order_ids:
        _give_back(encounters.release_orders(actor=actor, now=now, order_ids=order_ids).not_releasable, actor=actor, now=now)


def _confirm(appointment_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Make the place firm, or give the money back at once if its session was stopped while it was only held.

    A place that was firm before the stop keeps its money until its owner has chosen (rule AP-7).
    """
    appointment = schedule.facts_appointment(appointment_id)
    if appointment.status is AppointmentStatus.HELD and changes.stopped_sessions([appointment.session_id]):
        booking.give_back_stopped(actor=actor, now=now, appointment_id=appointment_id)
        return
    scheduling.confirm_appointment(actor=actor, now=now, appointment_id=appointment_id)


def _require_takes_place(charges: Sequence[bills.ChargeFacts]) -> None:
    """Nobody is asked for money for a session that does not take place."""
    appointments = schedule.facts_appointments([each.source_id for each in charges if each.source_kind == APPOINTMENT])
    if changes.stopped_sessions([each.session_id for each in appointments]):
        raise SessionStopped


def _give_back(order_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Money for orders that were taken back is not kept, whoever forgot to take them off the bill."""
    for kind in sorted(ORDERS):
        for charge in bills.facts_charges(source_kind=kind, source_ids=order_ids):
            if charge.status is ChargeStatus.PAID:
                billing.refund_charge(
                    actor=actor, now=now, charge_id=charge.charge_id, reason=RefundReason.NOT_DONE, idempotency_key=charge.charge_id
                )


def _require_may_pay(actor: Actor, charges: Sequence[bills.ChargeFacts]) -> None:
    for charge in charges:
        if actor.kind is ActorKind.PATIENT:
            if people.facts_link(actor.id, charge.person_id) is None:
                raise NotFound
        elif not access.may(actor, PAYMENT_TAKE, charge.organization_id):
            access.require(actor, PAYMENT_OPEN, _where(charge))


def _where(charge: bills.ChargeFacts) -> UUID:
    """The node whose staff may ask for this money: the department that ordered, else the whole institution."""
    if charge.source_kind not in ORDERS:
        return charge.organization_id
    return visits.facts_encounter(visits.facts_order(charge.source_id).encounter_id).department_id
