"""Opening visits: the doctor's room, the patient's summary, the timeline. Every opening is audited, so is every refusal."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.encounters.models import ClinicalNote, Condition, Encounter
from jiuyi.domains.encounters.queries.facts import EncounterFacts, OrderFacts, encounter_facts, orders_of
from jiuyi.domains.encounters.queries.safety import AllergyFacts, FlagFacts, facts_allergies, facts_flags
from jiuyi.domains.encounters.words import (
    ENCOUNTER_OPEN,
    DiagnosisCertainty,
    EncounterStatus,
    NoteStatus,
    OrderStatus,
)
from jiuyi.domains.identity import queries as identity
from jiuyi.domains.identity.queries import PersonRecord
from jiuyi.domains.identity.words import Sex
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import access, audit
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound

ENCOUNTER_RECORD = "encounters.encounter"
SUMMARY_RECORD = "encounters.summary"
TIMELINE_RECORD = "encounters.timeline"
DOCTOR_DAY_RECORD = "encounters.doctor_day"


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    """One diagnosis of a visit."""

    condition_id: UUID
    code: str
    name: str
    primary: bool
    certainty: DiagnosisCertainty


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note or addendum of a visit; ``addendum_to`` is None for the note itself."""

    note_id: UUID
    author_id: UUID
    author_name: str
    addendum_to: UUID | None
    complaint: str
    history: str
    exam: str
    plan: str
    addendum: str
    status: NoteStatus
    written_at: datetime
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """Everything the doctor's room shows of a visit."""

    encounter: EncounterFacts
    person: PersonRecord
    organization_name: str
    department_name: str
    practitioner_name: str
    allergies: AllergyFacts
    flags: tuple[FlagFacts, ...]
    note: NoteRow | None
    addenda: tuple[NoteRow, ...]
    diagnoses: tuple[DiagnosisRow, ...]
    orders: tuple[OrderFacts, ...]


@dataclass(frozen=True, slots=True)
class PatientSummary:
    """A visit as its patient reads it: only what was signed, and every order that stands."""

    encounter_id: UUID
    day: date
    organization_name: str
    department_name: str
    practitioner_name: str
    status: EncounterStatus
    complaint: str
    plan: str
    addenda: tuple[str, ...]
    diagnoses: tuple[str, ...]
    orders: tuple[OrderFacts, ...]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DoctorVisit:
    """One visit of a doctor's day, by full name."""

    encounter_id: UUID
    person_name: str
    person_sex: Sex
    age_text: str
    status: EncounterStatus
    diagnosis: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One visit in a person's history."""

    encounter_id: UUID
    day: date
    organization_name: str
    department_name: str
    practitioner_name: str
    status: EncounterStatus
    diagnoses: tuple[str, ...]
    orders: tuple[str, ...]


def open_encounter(actor: Actor, encounter_id: UUID, *, now: datetime) -> EncounterRecord:
    """A visit in full, for staff with ``encounter.open`` in its department or above and a care relation to the person.

    Refuses ``not_found`` and ``not_allowed``; every refusal stays in the audit. Source: rule DS-5.
    """
    encounter = Encounter.objects.filter(id=encounter_id).first()
    if encounter is None or actor.kind in {ActorKind.PATIENT, ActorKind.DEVICE}:
        audit.refused(actor, act=ENCOUNTER_RECORD, object_id=encounter_id, code=NotFound.code, now=now)
        raise NotFound
    if not access.may(actor, ENCOUNTER_OPEN, encounter.department_id):
        audit.refused(actor, act=ENCOUNTER_RECORD, object_id=encounter_id, person_id=encounter.person_id, code=NotAllowed.code, now=now)
        raise NotAllowed
    identity.open_record(actor, encounter.person_id, record=ENCOUNTER_RECORD, object_id=encounter_id, now=now)
    notes = _notes(encounter_id)
    return EncounterRecord(
        encounter=encounter_facts(encounter),
        person=identity.open_person(actor, encounter.person_id, now=now),
        organization_name=organizations.organization(encounter.organization_id).name,
        department_name=organizations.department(encounter.department_id).name,
        practitioner_name=_practitioner_name(encounter.practitioner_id),
        allergies=facts_allergies(encounter.person_id),
        flags=facts_flags(encounter.person_id, today=service_date(now)),
        note=next((n for n in notes if n.addendum_to is None), None),
        addenda=tuple(n for n in notes if n.addendum_to is not None),
        diagnoses=tuple(_diagnoses(encounter_id)),
        orders=tuple(orders_of(encounter_id=encounter_id)),
    )


def open_visits_of_doctor(actor: Actor, *, day: date, now: datetime) -> list[DoctorVisit]:
    """The visits that this doctor conducts or has finished on a day, the last begun first; one access row per opening.

    Refuses ``not_allowed`` for an account that is no practitioner's.
    """
    doctor = organizations.practitioner_of_user(actor.id) if actor.kind is ActorKind.STAFF else None
    if doctor is None:
        raise NotAllowed
    mine = Encounter.objects.filter(
        practitioner_id=doctor.id, service_date=day, status__in=[EncounterStatus.IN_PROGRESS, EncounterStatus.FINISHED]
    )
    shown = [e for e in mine.order_by("-started_at", "-id") if access.may(actor, ENCOUNTER_OPEN, e.department_id)]
    if not shown:
        return []
    audit.opened(actor, record=DOCTOR_DAY_RECORD, person_id=None, object_id=doctor.id, now=now)
    people = identity.facts_people([e.person_id for e in shown])
    primary = dict(
        Condition.objects.filter(encounter_id__in=[e.id for e in shown], removed_at=None, primary=True).values_list("encounter_id", "name")
    )
    return [
        DoctorVisit(
            encounter_id=e.id,
            person_name=people[e.person_id].name,
            person_sex=people[e.person_id].sex,
            age_text=people[e.person_id].age_text(day),
            status=EncounterStatus(e.status),
            diagnosis=primary.get(e.id, ""),
            started_at=e.started_at,
            finished_at=e.finished_at,
        )
        for e in shown
    ]


def summary_for_patient(actor: Actor, encounter_id: UUID, *, now: datetime) -> PatientSummary:
    """A visit in readable form, for an account with a verified link (or staff in a care relation); NotFound otherwise."""
    encounter = Encounter.objects.filter(id=encounter_id).first()
    if encounter is None:
        audit.refused(actor, act=SUMMARY_RECORD, object_id=encounter_id, code=NotFound.code, now=now)
        raise NotFound
    identity.open_record(actor, encounter.person_id, record=SUMMARY_RECORD, object_id=encounter_id, now=now)
    signed = [n for n in _notes(encounter_id) if n.status is NoteStatus.SIGNED]
    note = next((n for n in signed if n.addendum_to is None), None)
    return PatientSummary(
        encounter_id=encounter_id,
        day=encounter.service_date,
        organization_name=organizations.organization(encounter.organization_id).name,
        department_name=organizations.department(encounter.department_id).patient_name,
        practitioner_name=_practitioner_name(encounter.practitioner_id),
        status=EncounterStatus(encounter.status),
        complaint=note.complaint if note else "",
        plan=note.plan if note else "",
        addenda=tuple(n.addendum for n in signed if n.addendum_to is not None),
        diagnoses=tuple(d.name for d in _diagnoses(encounter_id)) if note else (),
        orders=tuple(o for o in orders_of(encounter_id=encounter_id) if o.status not in {OrderStatus.DRAFT, OrderStatus.REVOKED}),
        finished_at=encounter.finished_at,
    )


def timeline(actor: Actor, person_id: UUID, *, now: datetime, limit: int = 50) -> list[TimelineEntry]:
    """A person's visits, newest first, for a verified account or staff in a care relation; NotFound otherwise."""
    identity.open_record(actor, person_id, record=TIMELINE_RECORD, now=now)
    ids = list(identity.same_person_ids(person_id))
    visits = Encounter.objects.filter(person_id__in=ids).exclude(status=EncounterStatus.CANCELLED).order_by("-registered_at", "-id")[:limit]
    shown = list(visits)
    visit_ids = [v.id for v in shown]
    diagnoses: dict[UUID, list[str]] = {}
    for visit_id, name in (
        Condition.objects.filter(encounter_id__in=visit_ids, removed_at=None)
        .order_by("-primary", "recorded_at", "id")
        .values_list("encounter_id", "name")
    ):
        diagnoses.setdefault(visit_id, []).append(name)
    orders: dict[UUID, list[str]] = {}
    for order in orders_of(encounter_id__in=visit_ids):
        if order.status not in {OrderStatus.DRAFT, OrderStatus.REVOKED}:
            orders.setdefault(order.encounter_id, []).append(order.name)
    return [
        TimelineEntry(
            encounter_id=v.id,
            day=v.service_date,
            organization_name=organizations.organization(v.organization_id).name,
            department_name=organizations.department(v.department_id).patient_name,
            practitioner_name=_practitioner_name(v.practitioner_id),
            status=EncounterStatus(v.status),
            diagnoses=tuple(diagnoses.get(v.id, ())),
            orders=tuple(orders.get(v.id, ())),
        )
        for v in shown
    ]


def _practitioner_name(practitioner_id: UUID | None) -> str:
    return organizations.practitioner(practitioner_id).name if practitioner_id else ""


def _diagnoses(encounter_id: UUID) -> list[DiagnosisRow]:
    found = Condition.objects.filter(encounter_id=encounter_id, removed_at=None).order_by("-primary", "recorded_at", "id")
    return [
        DiagnosisRow(condition_id=c.id, code=c.code, name=c.name, primary=c.primary, certainty=DiagnosisCertainty(c.certainty))
        for c in found
    ]


def _notes(encounter_id: UUID) -> list[NoteRow]:
    found = (
        ClinicalNote.objects.select_related("author")
        .filter(encounter_id=encounter_id)
        .exclude(status=NoteStatus.VOID)
        .order_by("written_at", "id")
    )
    return [
        NoteRow(
            note_id=n.id,
            author_id=n.author_id,
            author_name=n.author.name,
            addendum_to=n.addendum_to_id,
            complaint=n.complaint,
            history=n.history,
            exam=n.exam,
            plan=n.plan,
            addendum=n.addendum,
            status=NoteStatus(n.status),
            written_at=n.written_at,
            signed_at=n.signed_at,
        )
        for n in found
    ]
