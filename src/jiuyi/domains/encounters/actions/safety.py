"""Asking about allergies, pregnancy and implants: every answer is kept, the newest counts."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters import events
from jiuyi.domains.encounters.actions.conducting import locked
from jiuyi.domains.encounters.models import AllergyAssessment, AllergyIntolerance, Encounter, PersonFlag, Substance
from jiuyi.domains.encounters.words import (
    ENCOUNTER_CONDUCT,
    Allergy,
    AllergyExists,
    AllergyMissing,
    Answer,
    EncounterAct,
    EncounterMoved,
    EncounterStatus,
    FlagKind,
    ReasonNeeded,
    SubstanceUnknown,
)
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import access, journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def record_allergy_status(*, actor: Actor, now: datetime, encounter_id: UUID, status: Answer, allergies: Sequence[Allergy] = ()) -> None:
    """Record what was answered about allergies in this visit.

    Refuses ``encounters.allergy_missing`` (present, but to nothing), ``encounters.allergy_exists`` (none, while allergies are on
    record) and ``encounters.substance_unknown``. Source: §21 "not asked differs from none".
    """
    encounter = _open_for_asking(actor, encounter_id)
    known = set(AllergyIntolerance.objects.filter(person_id=encounter.person_id, refuted_at=None).values_list("substance_code", flat=True))
    if status is Answer.NONE and (known or allergies):
        raise AllergyExists
    if status is Answer.PRESENT and not known and not allergies:
        raise AllergyMissing
    names = dict(Substance.objects.filter(code__in=[a.substance_code for a in allergies]).values_list("code", "name"))
    for allergy in allergies:
        if allergy.substance_code not in names:
            raise SubstanceUnknown(substance=allergy.substance_code)
    doctor = _practitioner(actor)
    AllergyIntolerance.objects.bulk_create(
        AllergyIntolerance(
            person_id=encounter.person_id,
            encounter=encounter,
            substance_code=a.substance_code,
            substance_name=names[a.substance_code],
            reaction=a.reaction.strip(),
            recorded_by_id=doctor,
            recorded_at=now,
        )
        for a in {a.substance_code: a for a in allergies}.values()
        if a.substance_code not in known
    )
    AllergyAssessment.objects.create(
        person_id=encounter.person_id, encounter=encounter, status=status, recorded_by_id=doctor, recorded_at=now
    )
    event = events.AllergiesAsked(person_id=encounter.person_id, scope_id=encounter.department_id, encounter_id=encounter.id, status=status)
    journal.record(event, actor=actor, now=now)


@transaction.atomic
def refute_allergy(*, actor: Actor, now: datetime, encounter_id: UUID, allergy_id: UUID, reason: str) -> None:
    """An allergy on record turned out to be none; it stays on record, refuted, with the reason."""
    encounter = _open_for_asking(actor, encounter_id)
    if not reason.strip():
        raise ReasonNeeded
    found = AllergyIntolerance.objects.filter(id=allergy_id, person_id=encounter.person_id, refuted_at=None)
    if not found.update(refuted_at=now, refute_reason=reason.strip()):
        raise NotFound


@transaction.atomic
def record_flag(
    *,
    actor: Actor,
    now: datetime,
    encounter_id: UUID,
    kind: FlagKind,
    status: Answer,
    detail: str = "",
    expires_on: date | None = None,
) -> None:
    """Record what was answered about pregnancy or implants; ``expires_on`` is the last day on which the answer counts."""
    encounter = _open_for_asking(actor, encounter_id)
    PersonFlag.objects.create(
        person_id=encounter.person_id,
        encounter=encounter,
        kind=kind,
        status=status,
        detail=detail.strip(),
        recorded_by_id=_practitioner(actor),
        recorded_at=now,
        expires_on=expires_on,
    )
    event = events.FlagAsked(
        person_id=encounter.person_id, scope_id=encounter.department_id, encounter_id=encounter.id, kind=kind, status=status
    )
    journal.record(event, actor=actor, now=now)


def _open_for_asking(actor: Actor, encounter_id: UUID) -> Encounter:
    encounter = locked(encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, encounter.department_id)
    if encounter.status == EncounterStatus.CANCELLED:
        raise EncounterMoved(status=EncounterStatus.CANCELLED.label, act=EncounterAct.START.label)
    return encounter


def _practitioner(actor: Actor) -> UUID | None:
    practitioner = organizations.practitioner_of_user(actor.id)
    return practitioner.id if practitioner else None
