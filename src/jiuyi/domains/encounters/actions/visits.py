"""Writes of a visit as a whole and of its diagnoses."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters import events, rules
from jiuyi.domains.encounters.actions.conducting import conducting, doctor_of, locked, moved
from jiuyi.domains.encounters.models import ClinicalNote, Condition, DiagnosisCode, Encounter, MedicationRequest, ServiceRequest
from jiuyi.domains.encounters.words import (
    ENCOUNTER_CONDUCT,
    ENCOUNTER_REGISTER,
    AlreadyWritten,
    CannotFinish,
    DiagnosisCertainty,
    DiagnosisUnknown,
    EncounterAct,
    EncounterStatus,
    NoteStatus,
    NotYourEncounter,
    OrderStatus,
    Party,
    PayerCategory,
)
from jiuyi.domains.identity import actions as identity_actions
from jiuyi.domains.identity import queries as identity
from jiuyi.domains.identity.words import CareBasis, Credential
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.foundation import access, audit, journal
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

CARE_AFTER_A_VISIT = timedelta(days=30)
WRONG_PERSON = gettext_noop("不是本人，误接诊")


@transaction.atomic
def register_encounter(  # what a registration states
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    organization_id: UUID,
    department_id: UUID,
    payer_category: PayerCategory,
    credential: Credential,
    appointment_id: UUID | None = None,
    ticket_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    parent_id: UUID | None = None,
) -> UUID:
    """A person is here for a visit: store payer and credential of *this* visit, and let the department open the record.

    A second registration of the same appointment (without ``parent_id``) or ticket gives the same visit; whoever had left the line
    and comes back is called by the new ticket. A return on the same day names its ``parent_id``.
    Refuses ``not_allowed`` and, for an account without a link to the person, ``not_found``.
    """
    if actor.kind is ActorKind.PATIENT:
        if identity.facts_link(actor.id, person_id) is None:
            raise NotFound
    else:
        access.require(actor, ENCOUNTER_REGISTER, department_id)
    known = _registered(appointment_id, ticket_id, parent_id)
    if known is not None:
        if ticket_id is not None:
            Encounter.objects.filter(id=known, status=EncounterStatus.ARRIVED).update(ticket_id=ticket_id)
        return known
    encounter = Encounter.objects.create(
        person_id=person_id,
        appointment_id=appointment_id,
        ticket_id=ticket_id,
        organization_id=organization_id,
        department_id=department_id,
        wanted_practitioner_id=practitioner_id,
        practitioner_id=practitioner_id,
        parent_id=parent_id,
        payer_category=payer_category,
        credential_shown=credential,
        registered_by_kind=actor.kind,
        registered_by=actor.id,
        service_date=service_date(now),
        registered_at=now,
    )
    emergency = organizations.department(department_id).category is DepartmentCategory.EMERGENCY
    identity_actions.add_care_relation(
        actor=SYSTEM,
        now=now,
        person_id=person_id,
        basis=CareBasis.EMERGENCY_VISIT if emergency else CareBasis.OUTPATIENT_VISIT,
        node_id=department_id,
        start=now,
        end=now + CARE_AFTER_A_VISIT,
    )
    _record(
        events.EncounterRegistered,
        encounter,
        actor=actor,
        now=now,
        department_id=department_id,
        appointment_id=appointment_id,
        payer_category=payer_category,
    )
    return encounter.id


@transaction.atomic
def start_encounter(*, actor: Actor, now: datetime, encounter_id: UUID) -> None:
    """The doctor begins the visit; beginning one's own visit twice changes nothing.

    A visit registered for another doctor of the department may be taken over before it is begun.
    """
    encounter = locked(encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, encounter.department_id)
    doctor = doctor_of(actor)
    if encounter.status == EncounterStatus.IN_PROGRESS and encounter.practitioner_id == doctor:
        return
    if encounter.status == EncounterStatus.IN_PROGRESS:
        raise NotYourEncounter
    _move(encounter, EncounterAct.START, Party.DOCTOR)
    encounter.practitioner_id = doctor
    encounter.started_at = now
    encounter.save()
    _record(events.EncounterStarted, encounter, actor=actor, now=now, practitioner_id=doctor)


@transaction.atomic
def undo_start(*, actor: Actor, now: datetime, encounter_id: UUID, reason: str = WRONG_PERSON) -> None:
    """不是本人: the visit waits again as it was registered; what was written about the wrong person is void but kept.

    Drafts become void, diagnoses are taken back, unpaid orders revoked; journal and audit say so. Refuses
    ``encounters.already_written`` when something was signed or an order released.
    """
    encounter, doctor = conducting(actor, encounter_id)
    notes = ClinicalNote.objects.filter(encounter=encounter)
    orders = [model.objects.select_for_update().filter(encounter=encounter) for model in (ServiceRequest, MedicationRequest)]
    final = [OrderStatus.RELEASED, OrderStatus.COMPLETED]
    if notes.filter(status=NoteStatus.SIGNED).exists() or any(o.filter(status__in=final).exists() for o in orders):
        raise AlreadyWritten
    voided = notes.filter(status=NoteStatus.DRAFT).update(status=NoteStatus.VOID)
    removed = Condition.objects.filter(encounter=encounter, removed_at=None).update(removed_at=now)
    revoked = sum(
        o.exclude(status=OrderStatus.REVOKED).update(status=OrderStatus.REVOKED, revoked_at=now, revoke_reason=reason) for o in orders
    )
    _move(encounter, EncounterAct.UNDO_START, Party.DOCTOR)
    encounter.practitioner_id = encounter.wanted_practitioner_id
    encounter.started_at = None
    encounter.save()
    audit.privileged(actor, act="encounters.undo_start", object_id=encounter.id, person_id=encounter.person_id, reason=reason, now=now)
    _record(
        events.EncounterStartUndone,
        encounter,
        actor=actor,
        now=now,
        practitioner_id=doctor,
        voided_notes=voided,
        removed_diagnoses=removed,
        revoked_orders=revoked,
    )


@transaction.atomic
def finish_encounter(*, actor: Actor, now: datetime, encounter_id: UUID) -> None:
    """End the visit. Refuses ``encounters.cannot_finish`` and names at once whether note or diagnosis is missing."""
    encounter, doctor = conducting(actor, encounter_id)
    missing = rules.missing_to_finish(
        signed_notes=ClinicalNote.objects.filter(encounter=encounter, status=NoteStatus.SIGNED, addendum_to=None).count(),
        diagnoses=Condition.objects.filter(encounter=encounter, removed_at=None).count(),
    )
    if missing:
        raise CannotFinish(fields=missing)
    _move(encounter, EncounterAct.FINISH, Party.DOCTOR)
    encounter.finished_at = now
    encounter.save()
    _record(events.EncounterFinished, encounter, actor=actor, now=now, practitioner_id=doctor, appointment_id=encounter.appointment_id)


@transaction.atomic
def cancel_encounter(*, actor: Actor, now: datetime, encounter_id: UUID) -> None:
    """The person left before a doctor began; the visit stays, cancelled."""
    encounter = locked(encounter_id)
    access.require(actor, ENCOUNTER_REGISTER, encounter.department_id)
    _move(encounter, EncounterAct.CANCEL, Party.CLERK)
    encounter.save()
    _record(events.EncounterCancelled, encounter, actor=actor, now=now)


@transaction.atomic
def add_diagnosis(
    *,
    actor: Actor,
    now: datetime,
    encounter_id: UUID,
    code: str,
    primary: bool = False,
    certainty: DiagnosisCertainty = DiagnosisCertainty.CONFIRMED,
) -> UUID:
    """Record a diagnosis by its code; the first is the primary one, a new primary takes the place of the old.

    The same code again changes rank and certainty only. Refuses ``encounters.diagnosis_unknown``.
    """
    encounter, doctor = conducting(actor, encounter_id)
    name = DiagnosisCode.objects.filter(code=code).values_list("name", flat=True).first()
    if name is None:
        raise DiagnosisUnknown(diagnosis=code)
    present = Condition.objects.filter(encounter=encounter, removed_at=None)
    primary = primary or not present.filter(primary=True).exclude(code=code).exists()
    if primary:
        present.update(primary=False)
    known = present.filter(code=code).first()
    if known is not None:
        known.primary, known.certainty = primary, certainty
        known.save(update_fields=["primary", "certainty"])
        return known.id
    condition = Condition.objects.create(
        encounter=encounter, code=code, name=name, primary=primary, certainty=certainty, recorded_by_id=doctor, recorded_at=now
    )
    _record(events.DiagnosisAdded, encounter, actor=actor, now=now, condition_id=condition.id)
    return condition.id


@transaction.atomic
def remove_diagnosis(*, actor: Actor, now: datetime, condition_id: UUID) -> None:
    """Take a diagnosis back; the row stays with its time. The oldest that is left becomes the primary one."""
    encounter_id = Condition.objects.filter(id=condition_id).values_list("encounter_id", flat=True).first()
    if encounter_id is None:
        raise NotFound
    encounter, _ = conducting(actor, encounter_id)
    if not Condition.objects.filter(id=condition_id, removed_at=None).update(removed_at=now):
        return
    left = Condition.objects.filter(encounter=encounter, removed_at=None).order_by("recorded_at", "id")
    if left and not left.filter(primary=True).exists():
        Condition.objects.filter(id=left[0].id).update(primary=True)
    _record(events.DiagnosisRemoved, encounter, actor=actor, now=now, condition_id=condition_id)


def _registered(appointment_id: UUID | None, ticket_id: UUID | None, parent_id: UUID | None) -> UUID | None:
    live = Encounter.objects.exclude(status=EncounterStatus.CANCELLED)
    if ticket_id is not None:
        found = live.filter(ticket_id=ticket_id).values_list("id", flat=True).first()
        if found is not None:
            return found
    if appointment_id is not None and parent_id is None:
        return live.filter(appointment_id=appointment_id, parent=None).values_list("id", flat=True).first()
    return None


def _move(encounter: Encounter, act: EncounterAct, by: Party) -> None:
    status = rules.next_status(EncounterStatus(encounter.status), act, by)
    if status is None:
        raise moved(encounter, act)
    encounter.status = status


def _record(kind: type[events.EncounterEvent], encounter: Encounter, *, actor: Actor, now: datetime, **fields: Any) -> None:
    event = kind(person_id=encounter.person_id, scope_id=encounter.department_id, encounter_id=encounter.id, **fields)
    journal.record(event, actor=actor, now=now)
