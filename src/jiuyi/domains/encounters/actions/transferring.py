"""A visit that has not begun goes on at another department (分诊转科)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters.actions.conducting import locked, moved
from jiuyi.domains.encounters.actions.visits import CARE_AFTER_A_VISIT
from jiuyi.domains.encounters.events import EncounterTransferred
from jiuyi.domains.encounters.words import ENCOUNTER_CONDUCT, ENCOUNTER_REGISTER, EncounterAct, EncounterStatus
from jiuyi.domains.identity import actions as identity_actions
from jiuyi.domains.identity.words import CareBasis
from jiuyi.foundation import access, journal
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.kernel.refusals import NotAllowed


@transaction.atomic
def transfer_encounter(
    *,
    actor: Actor,
    now: datetime,
    encounter_id: UUID,
    organization_id: UUID,
    department_id: UUID,
    practitioner_id: UUID | None,
    ticket_id: UUID | None,
) -> None:
    """Let another department receive the patient; payer, papers and appointment stay what they were.

    Refuses ``encounters.encounter_moved`` once a doctor has begun, ``not_allowed`` for whoever neither registers nor treats there.
    """
    encounter = locked(encounter_id)
    if not any(access.may(actor, permission, encounter.department_id) for permission in (ENCOUNTER_REGISTER, ENCOUNTER_CONDUCT)):
        raise NotAllowed
    if encounter.status != EncounterStatus.ARRIVED:
        raise moved(encounter, EncounterAct.CANCEL)
    from_department_id = encounter.department_id
    encounter.organization_id, encounter.department_id = organization_id, department_id
    encounter.wanted_practitioner_id = encounter.practitioner_id = practitioner_id
    encounter.ticket_id = ticket_id
    encounter.save()
    identity_actions.add_care_relation(
        actor=SYSTEM,
        now=now,
        person_id=encounter.person_id,
        basis=CareBasis.OUTPATIENT_VISIT,
        node_id=department_id,
        start=now,
        end=now + CARE_AFTER_A_VISIT,
    )
    event = EncounterTransferred(
        encounter_id=encounter.id,
        from_department_id=from_department_id,
        department_id=department_id,
        person_id=encounter.person_id,
        scope_id=organization_id,
    )
    journal.record(event, actor=actor, now=now)
