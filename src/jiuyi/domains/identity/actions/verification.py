"""The desk compares a paper with the person who stands there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import events, models, rules
from jiuyi.domains.identity.words import (
    PERSON_VERIFY,
    Certainty,
    Credential,
    CredentialProvesNothing,
    IdentifierStatus,
    NumberHeldByAnother,
)
from jiuyi.foundation import access, journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def verify_person(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    organization_id: UUID,
    credential: Credential,
    link_ids: Sequence[UUID] = (),
) -> None:
    """The shown paper proves the person: person and numbers become verified, and the chosen links may open the record.

    A disputed number is taken over from somebody who only claimed it. Links that are not chosen stay as they are.
    Refuses not_allowed; not_found (person, or a link that is not a live one of this person); identity.credential_proves_nothing;
    identity.number_held_by_another. Source: rule ID-15.
    """
    access.require(actor, PERSON_VERIFY, organization_id)
    person = models.Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if not rules.proves(credential):
        raise CredentialProvesNothing
    links = list(
        models.AccountLink.objects.select_for_update().filter(pk__in=link_ids, person_id=person_id, ended_at__isnull=True).order_by("id")
    )
    if len(links) != len(set(link_ids)):
        raise NotFound
    take_numbers(person_id, actor=actor, now=now, scope_id=organization_id)
    person.certainty = Certainty.VERIFIED
    person.save(update_fields=["certainty"])
    journal.record(events.PersonVerified(person_id=person_id, scope_id=organization_id, credential=credential), actor=actor, now=now)
    for link in links:
        if link.level == Certainty.VERIFIED:
            continue
        link.level, link.raised_at = Certainty.VERIFIED, now
        link.save(update_fields=["level", "raised_at"])
        raised = events.LinkRaised(account_id=link.account_id, link_id=link.id, person_id=person_id, scope_id=organization_id)
        journal.record(raised, actor=actor, now=now)


def take_numbers(person_id: UUID, *, actor: Actor, now: datetime, scope_id: UUID | None) -> None:
    """Verify all numbers of a person inside the caller's transaction; a number only claimed by another becomes disputed there."""
    mine = list(models.Identifier.objects.select_for_update().filter(person_id=person_id).order_by("id"))
    for number in mine:
        if number.status == IdentifierStatus.VERIFIED:
            continue
        holder = (
            models.Identifier.objects.select_for_update()
            .filter(type=number.type, number_hash=number.number_hash)
            .exclude(person_id=person_id)
            .exclude(status=IdentifierStatus.DISPUTED)
            .first()
        )
        if holder is not None and holder.status == IdentifierStatus.VERIFIED:
            raise NumberHeldByAnother
        if holder is not None:
            holder.status = IdentifierStatus.DISPUTED
            holder.save(update_fields=["status"])
            taken = events.NumberTaken(person_id=person_id, from_person_id=holder.person_id, scope_id=scope_id)
            journal.record(taken, actor=actor, now=now)
        number.status = IdentifierStatus.VERIFIED
        number.save(update_fields=["status"])
