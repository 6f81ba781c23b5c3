"""The fee of a visit that nobody came to: not owed while the person stays away, owed again when they come late after all."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeKind, ChargeStatus
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.foundation.journal import JournalRow
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.clock import service_date


@transaction.atomic
def forgo(row: JournalRow) -> None:
    """Somebody did not come: a fee that was to be paid on arrival stays no receivable; what was paid stays paid (rule AP-14)."""
    appointment_id = UUID(row.payload["appointment_id"])
    (appointment,) = scheduling.lock_appointments(appointment_ids=[appointment_id])
    if appointment.status is not AppointmentStatus.NOSHOW:
        return
    for charge in bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id]):
        if charge.status is ChargeStatus.UNPAID:
            billing.cancel_charge(actor=SYSTEM, now=row.recorded_at, charge_id=charge.charge_id)


@transaction.atomic
def owe_again(*, actor: Actor, now: datetime, appointment_id: UUID) -> None:
    """Whoever was marked absent and comes late that day owes the agreed fee again, once; nothing happens for anybody else.

    In a transaction of its own, before the check-in: the refusal "pay first" must not take the charge away with it.
    """
    appointment = schedule.facts_appointment(appointment_id)
    if appointment.status is not AppointmentStatus.NOSHOW or not appointment.fee_fen or appointment.service_date != service_date(now):
        return
    scheduling.lock_appointments(appointment_ids=[appointment_id])
    found = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
    if any(charge.status in {ChargeStatus.UNPAID, ChargeStatus.PAID} for charge in found):
        return
    billing.add_charge(
        actor=actor,
        now=now,
        person_id=appointment.person_id,
        organization_id=appointment.organization_id,
        source_kind=APPOINTMENT,
        source_id=appointment_id,
        kind=ChargeKind.REGISTRATION,
        description=appointment.number_class.label,
        quantity=1,
        unit_price_fen=appointment.fee_fen,
    )
