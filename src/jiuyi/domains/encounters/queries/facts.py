"""Facts of visits and orders for rules, actions and journeys: not audited, never rendered without masking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.encounters.models import Encounter, MedicationRequest, ServiceRequest
from jiuyi.domains.encounters.words import EncounterStatus, OrderKind, OrderStatus, PayerCategory
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class EncounterFacts:
    """One visit."""

    encounter_id: UUID
    person_id: UUID
    appointment_id: UUID | None
    ticket_id: UUID | None
    organization_id: UUID
    department_id: UUID
    practitioner_id: UUID | None
    parent_id: UUID | None
    status: EncounterStatus
    payer_category: PayerCategory
    credential_shown: str
    service_date: date
    registered_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order of either kind; what only drugs have is empty for laboratory items."""

    order_id: UUID
    encounter_id: UUID
    person_id: UUID
    kind: OrderKind
    code: str
    name: str
    status: OrderStatus
    ordered_by: UUID
    ordered_at: datetime
    note: str
    quantity: int = 1
    unit: str = ""
    preparation: str = ""
    group: int = 0
    specification: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""
    days: int = 0
    valid_until: date | None = None
    override_reason: str = ""
    revoke_reason: str = ""


def facts_encounter(encounter_id: UUID) -> EncounterFacts:
    """One visit, or NotFound."""
    found = Encounter.objects.filter(id=encounter_id).first()
    if found is None:
        raise NotFound
    return encounter_facts(found)


def facts_encounter_of_appointment(appointment_id: UUID) -> EncounterFacts | None:
    """The newest visit of an appointment that was not cancelled, or None."""
    return _newest(appointment_id=appointment_id)


def facts_encounter_of_ticket(ticket_id: UUID) -> EncounterFacts | None:
    """The visit that a ticket calls to, or None."""
    return _newest(ticket_id=ticket_id)


def facts_encounters_of_person(person_ids: Iterable[UUID], day: date) -> list[EncounterFacts]:
    """The visits of a local day that were not cancelled, newest first."""
    found = Encounter.objects.filter(person_id__in=list(person_ids), service_date=day).exclude(status=EncounterStatus.CANCELLED)
    return [encounter_facts(e) for e in found.order_by("-registered_at", "-id")]


def facts_orders(encounter_id: UUID) -> list[OrderFacts]:
    """All orders of a visit, oldest first, the revoked among them."""
    return orders_of(encounter_id=encounter_id)


def facts_orders_of_person(person_ids: Iterable[UUID], statuses: Iterable[OrderStatus]) -> list[OrderFacts]:
    """A person's orders in any of the states, oldest first."""
    return orders_of(person_id__in=list(person_ids), status__in=list(statuses))


def facts_order(order_id: UUID) -> OrderFacts:
    """One order, or NotFound."""
    found = orders_of(id=order_id)
    if not found:
        raise NotFound
    return found[0]


def orders_of(**wanted: object) -> list[OrderFacts]:
    """Orders of both kinds that match, oldest first."""
    labs = [_lab(order) for order in ServiceRequest.objects.filter(**wanted)]
    drugs = [_drug(order) for order in MedicationRequest.objects.filter(**wanted)]
    return sorted(labs + drugs, key=lambda o: (o.ordered_at, o.order_id))


def encounter_facts(encounter: Encounter) -> EncounterFacts:
    """A visit's row as facts."""
    return EncounterFacts(
        encounter_id=encounter.id,
        person_id=encounter.person_id,
        appointment_id=encounter.appointment_id,
        ticket_id=encounter.ticket_id,
        organization_id=encounter.organization_id,
        department_id=encounter.department_id,
        practitioner_id=encounter.practitioner_id,
        parent_id=encounter.parent_id,
        status=EncounterStatus(encounter.status),
        payer_category=PayerCategory(encounter.payer_category),
        credential_shown=encounter.credential_shown,
        service_date=encounter.service_date,
        registered_at=encounter.registered_at,
        started_at=encounter.started_at,
        finished_at=encounter.finished_at,
    )


def _newest(**wanted: UUID) -> EncounterFacts | None:
    found = Encounter.objects.filter(**wanted).exclude(status=EncounterStatus.CANCELLED).order_by("-registered_at", "-id").first()
    return encounter_facts(found) if found else None


def _lab(order: ServiceRequest) -> OrderFacts:
    return OrderFacts(
        order_id=order.id,
        encounter_id=order.encounter_id,
        person_id=order.person_id,
        kind=OrderKind.LAB,
        code=order.code,
        name=order.name,
        status=OrderStatus(order.status),
        ordered_by=order.ordered_by_id,
        ordered_at=order.ordered_at,
        note=order.note,
        preparation=order.preparation,
        revoke_reason=order.revoke_reason,
    )


def _drug(order: MedicationRequest) -> OrderFacts:
    return OrderFacts(
        order_id=order.id,
        encounter_id=order.encounter_id,
        person_id=order.person_id,
        kind=OrderKind.DRUG,
        code=order.code,
        name=order.name,
        status=OrderStatus(order.status),
        ordered_by=order.ordered_by_id,
        ordered_at=order.ordered_at,
        note=order.note,
        quantity=order.quantity,
        unit=order.unit,
        group=order.group,
        specification=order.specification,
        dose=order.dose,
        route=order.route,
        frequency=order.frequency,
        days=order.days,
        valid_until=order.valid_until,
        override_reason=order.override_reason,
        revoke_reason=order.revoke_reason,
    )
