"""Who may open whose record for how long: written by the departments that begin care."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import events, models
from jiuyi.domains.identity.words import CareBasis, PeriodReversed
from jiuyi.foundation import journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def add_care_relation(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    basis: CareBasis,
    node_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    start: datetime,
    end: datetime | None,
) -> UUID:
    """A unit (a node and those with a role there or above it), a practitioner, or both may open the record in ``[start, end)``.

    Called inside the act that begins care (check-in, admission, signing a family doctor), which decides whether the actor may.
    Refuses not_found, identity.period_reversed. Source: rule DS-5.
    """
    if node_id is None and practitioner_id is None:
        message = "care is given by a unit or by somebody"
        raise ValueError(message)
    if not models.Person.objects.filter(pk=person_id).exists():
        raise NotFound
    if end is not None and end <= start:
        raise PeriodReversed(fields={"end": PeriodReversed.message})
    row = models.CareRelation.objects.create(
        person_id=person_id,
        node_id=node_id,
        practitioner_id=practitioner_id,
        basis=basis,
        starts_at=start,
        ends_at=end,
    )
    added = events.CareRelationAdded(
        person_id=person_id, scope_id=node_id, relation_id=row.id, basis=CareBasis(basis), starts_at=start, ends_at=end
    )
    journal.record(added, actor=actor, now=now)
    return row.id


@transaction.atomic
def end_care_relation(*, actor: Actor, now: datetime, relation_id: UUID) -> None:
    """Care is over earlier than planned; a relation that has ended stays as it was. Refuses not_found."""
    row = models.CareRelation.objects.select_for_update().filter(pk=relation_id).first()
    if row is None:
        raise NotFound
    if row.ends_at is not None and row.ends_at <= now:
        return
    if row.starts_at >= now:
        raise PeriodReversed
    row.ends_at = now
    row.save(update_fields=["ends_at"])
    ended = events.CareRelationEnded(person_id=row.person_id, scope_id=row.node_id, relation_id=row.id)
    journal.record(ended, actor=actor, now=now)
