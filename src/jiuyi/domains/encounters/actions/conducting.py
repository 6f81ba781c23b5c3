"""The only way to lock a visit for writing: who may write, in which state."""

from uuid import UUID

from jiuyi.domains.encounters.models import Encounter
from jiuyi.domains.encounters.words import ENCOUNTER_CONDUCT, EncounterAct, EncounterMoved, EncounterStatus, NotYourEncounter
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed, NotFound


def locked(encounter_id: UUID) -> Encounter:
    """The visit, locked until the end of the transaction; always before its notes, diagnoses and orders."""
    found = Encounter.objects.select_for_update().filter(id=encounter_id).first()
    if found is None:
        raise NotFound
    return found


def doctor_of(actor: Actor) -> UUID:
    """The practitioner who acts; an account that is no practitioner's is refused (``not_allowed``)."""
    practitioner = organizations.practitioner_of_user(actor.id) if actor.kind is ActorKind.STAFF else None
    if practitioner is None:
        raise NotAllowed
    return practitioner.id


def conducting(actor: Actor, encounter_id: UUID) -> tuple[Encounter, UUID]:
    """The locked visit that this doctor conducts at this moment, and the doctor.

    Refuses ``not_found``, ``not_allowed``, ``encounters.not_yours`` and ``encounters.encounter_moved``.
    """
    encounter = locked(encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, encounter.department_id)
    doctor = doctor_of(actor)
    if encounter.practitioner_id is not None and encounter.practitioner_id != doctor:
        raise NotYourEncounter
    if encounter.status != EncounterStatus.IN_PROGRESS:
        raise moved(encounter, EncounterAct.START)
    return encounter, doctor


def moved(encounter: Encounter, act: EncounterAct) -> EncounterMoved:
    """The refusal that names the visit's present state and what was asked."""
    return EncounterMoved(status=EncounterStatus(encounter.status).label, act=act.label)
