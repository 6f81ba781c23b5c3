"""Ordering: headers stay for ever, allergies are checked by substance, overrides are reasoned and audited."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.domains.encounters import events, queries, rules
from jiuyi.domains.encounters.actions.conducting import conducting, doctor_of, locked
from jiuyi.domains.encounters.models import Condition, Encounter, MedicationRequest, Orderable, ServiceRequest
from jiuyi.domains.encounters.words import (
    ENCOUNTER_CONDUCT,
    AllergyConflict,
    AllergyNotAsked,
    Answer,
    DaysBeyondLimit,
    DiagnosisNeeded,
    Frequency,
    OrderableUnknown,
    OrderedAlready,
    OrderKind,
    OrderMoved,
    OrderStatus,
    PrescriptionParameters,
    ReasonNeeded,
    Route,
)
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.foundation import access, audit, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound, Refusal

AnyOrder = ServiceRequest | MedicationRequest


@dataclass(frozen=True, slots=True)
class Released:
    """Which orders this payment released, and which could not be (revoked before the money came): those are refunded."""

    released: tuple[UUID, ...]
    already: tuple[UUID, ...]
    not_releasable: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """A revoked order and what it was: ``released`` means that it had been paid."""

    order_id: UUID
    kind: OrderKind
    was: OrderStatus


@transaction.atomic
def order_lab(*, actor: Actor, now: datetime, encounter_id: UUID, code: str, note: str = "") -> UUID:
    """Order a laboratory item. Refuses ``encounters.orderable_unknown`` and ``encounters.ordered_already``."""
    encounter, doctor = conducting(actor, encounter_id)
    item = _orderable(code, OrderKind.LAB)
    order = ServiceRequest(
        encounter=encounter,
        person_id=encounter.person_id,
        code=item.code,
        name=item.name,
        ordered_by_id=doctor,
        ordered_at=now,
        note=note.strip(),
        preparation=item.preparation,
    )
    _place(order, OrderKind.LAB, actor=actor, now=now)
    return order.id


@transaction.atomic
def order_medication(  # what a line of a prescription states
    *,
    actor: Actor,
    now: datetime,
    encounter_id: UUID,
    code: str,
    dose: str,
    route: Route,
    frequency: Frequency,
    days: int,
    quantity: int,
    note: str = "",
    long_reason: str = "",
    override_reason: str = "",
) -> UUID:
    """Prescribe one drug.

    Refuses ``encounters.diagnosis_needed``, ``encounters.days_beyond_limit`` (longer needs ``long_reason``), and, unless
    ``override_reason`` is given, ``encounters.allergy_not_asked`` and ``encounters.allergy_conflict``; an override is stored
    with the order and audited. Source: rules RX-1, RX-2, RX-3, RX-7; §21 allergies.
    """
    encounter, doctor = conducting(actor, encounter_id)
    item = _orderable(code, OrderKind.DRUG)
    if not Condition.objects.filter(encounter=encounter, removed_at=None).exists():
        raise DiagnosisNeeded
    rule = rulebook.rule(PrescriptionParameters, scope_id=encounter.department_id, at=now)
    emergency = organizations.department(encounter.department_id).category is DepartmentCategory.EMERGENCY
    limit = rules.days_limit(rule.parameters, emergency=emergency)
    if not limit.allows(days, long_reason):
        raise DaysBeyondLimit(limit_days=limit.free_days, longest_days=limit.longest_days)
    doubt = _allergy_doubt(encounter.person_id, item)
    if doubt is not None and not override_reason.strip():
        raise doubt
    lines_before = MedicationRequest.objects.filter(encounter=encounter).exclude(status=OrderStatus.REVOKED).count()
    order = MedicationRequest(
        encounter=encounter,
        person_id=encounter.person_id,
        code=item.code,
        name=item.name,
        ordered_by_id=doctor,
        ordered_at=now,
        note=note.strip(),
        group=rules.prescription_group(lines_before, rule.parameters),
        specification=item.specification,
        dose=dose.strip(),
        route=route,
        frequency=frequency,
        days=days,
        quantity=quantity,
        unit=item.unit,
        long_reason=long_reason.strip() if days > limit.free_days else "",
        override_reason=override_reason.strip() if doubt else "",
        override_code=doubt.code if doubt else "",
        rule_id=rule.reference.rule_id,
        rule_version=rule.reference.version,
        valid_until=rules.valid_until(service_date(now), rule.parameters),
    )
    _place(order, OrderKind.DRUG, actor=actor, now=now, overridden=doubt is not None)
    if doubt is not None:
        audit.privileged(
            actor, act=f"{doubt.code}.override", object_id=order.id, person_id=order.person_id, reason=order.override_reason, now=now
        )
    return order.id


@transaction.atomic
def revoke_order(*, actor: Actor, now: datetime, order_id: UUID, reason: str) -> Revoked:
    """Take an order back before it is carried out; the row stays. The caller refunds what had been paid.

    Any doctor of the department may, also after the visit. Refuses ``encounters.order_moved``, ``encounters.reason_needed``.
    """
    if not reason.strip():
        raise ReasonNeeded
    kind, order = _find(order_id)
    encounter = locked(order.encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, encounter.department_id)
    doctor_of(actor)
    order = _lock(kind, order_id)
    was = OrderStatus(order.status)
    if was not in rules.REVOCABLE:
        raise OrderMoved(status=was.label)
    order.status = OrderStatus.REVOKED
    order.revoked_at = now
    order.revoke_reason = reason.strip()
    order.save()
    _record(events.OrderRevoked, order, kind, actor=actor, now=now, was=was)
    return Revoked(order_id=order_id, kind=kind, was=was)


@transaction.atomic
def release_orders(*, actor: Actor, now: datetime, order_ids: Iterable[UUID]) -> Released:
    """Paid or waived: the orders may be carried out. Releasing twice changes nothing; a revoked order is named, not refused.

    Called inside the transaction that settles the payment (C21).
    """
    released, already, impossible = [], [], []
    for order_id in sorted(set(order_ids)):
        kind, _ = _find(order_id)
        order = _lock(kind, order_id)
        if order.status in {OrderStatus.RELEASED, OrderStatus.COMPLETED}:
            already.append(order_id)
        elif order.status == OrderStatus.REVOKED:
            impossible.append(order_id)
        else:
            order.status = OrderStatus.RELEASED
            order.released_at = now
            order.save()
            _record(events.OrderReleased, order, kind, actor=actor, now=now)
            released.append(order_id)
    return Released(released=tuple(released), already=tuple(already), not_releasable=tuple(impossible))


@transaction.atomic
def complete_order(*, actor: Actor, now: datetime, order_id: UUID) -> None:
    """A released order was carried out (sample taken, drug handed over). Refuses ``encounters.order_moved`` otherwise."""
    kind, _ = _find(order_id)
    order = _lock(kind, order_id)
    if order.status == OrderStatus.COMPLETED:
        return
    if order.status != OrderStatus.RELEASED:
        raise OrderMoved(status=OrderStatus(order.status).label)
    order.status = OrderStatus.COMPLETED
    order.completed_at = now
    order.save()
    _record(events.OrderCompleted, order, kind, actor=actor, now=now)


def _orderable(code: str, kind: OrderKind) -> Orderable:
    item = Orderable.objects.filter(code=code, kind=kind, active=True).first()
    if item is None:
        raise OrderableUnknown(orderable=code)
    return item


def _allergy_doubt(person_id: UUID, drug: Orderable) -> Refusal | None:
    allergies = queries.facts_allergies(person_id)
    if allergies.status is Answer.NOT_ASKED and not allergies.rows:
        return AllergyNotAsked()
    names = {row.substance_code: row.substance_name for row in allergies.rows}
    conflicts = rules.allergy_conflicts(drug.substance_codes, names, queries.facts_substances())
    if not conflicts:
        return None
    met = dict.fromkeys(names[c.allergy_code] for c in conflicts)
    return AllergyConflict(allergies="、".join(met), drug=drug.name, conflicts=conflicts)


def _place(order: AnyOrder, kind: OrderKind, *, actor: Actor, now: datetime, overridden: bool = False) -> None:
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        if "_request_once" in str(error):
            raise OrderedAlready(name=order.name) from error
        raise
    _record(events.OrderPlaced, order, kind, actor=actor, now=now, overridden=overridden)


def _find(order_id: UUID) -> tuple[OrderKind, AnyOrder]:
    lab = ServiceRequest.objects.filter(id=order_id).first()
    if lab is not None:
        return OrderKind.LAB, lab
    drug = MedicationRequest.objects.filter(id=order_id).first()
    if drug is None:
        raise NotFound
    return OrderKind.DRUG, drug


def _lock(kind: OrderKind, order_id: UUID) -> AnyOrder:
    if kind is OrderKind.LAB:
        return ServiceRequest.objects.select_for_update().get(id=order_id)
    return MedicationRequest.objects.select_for_update().get(id=order_id)


def _record(event: type[events.OrderEvent], order: AnyOrder, kind: OrderKind, *, actor: Actor, now: datetime, **fields: Any) -> None:
    department_id = Encounter.objects.values_list("department_id", flat=True).get(id=order.encounter_id)
    made = event(person_id=order.person_id, scope_id=department_id, encounter_id=order.encounter_id, order_id=order.id, kind=kind, **fields)
    journal.record(made, actor=actor, now=now)
