"""An account says whom it looks after. Typing somebody's number opens nothing and tells nothing."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import events, models, rules
from jiuyi.domains.identity.actions.locks import lock_numbers
from jiuyi.domains.identity.actions.registration import Entry, enter
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.words import (
    PERSON_VERIFY,
    Certainty,
    Description,
    FamilyAccounts,
    FamilyFull,
    IdentifierType,
    ParsedNumber,
    Relation,
    RelationTaken,
    Sex,
    TooManyClaims,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound

_DAY = timedelta(hours=24)


@transaction.atomic
def claim_person(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    id_type: IdentifierType,
    number: str,
    relation: Relation,
    sex: Sex | None = None,
    birth_date: date | None = None,
) -> UUID:
    """Let the account look after a person whose number was typed; the link is claimed: it may book and sees what it did itself.

    The answer is the same whether the number was known, unknown, or known under another name: a known number with an agreeing
    name links to that person, a disagreeing one makes a separate, disputed person and a question to a human. The same words
    again give the same person.
    Refuses not_allowed (no patient account), identity.person_not_taken, identity.relation_taken, identity.family_full,
    identity.too_many_claims. Source: rules ID-14, ID-15.
    """
    account = _own_account(actor)
    description, parsed = rules.check_description(
        name=name, sex=sex, birth_date=birth_date, id_type=id_type, number=number, on=service_date(now), remote=True
    )
    if parsed is None:  # a remote description always has a number
        raise NotFound
    number_hash = ciphers.number_hash(parsed.number)
    lock_numbers({number_hash})
    live = list(models.AccountLink.objects.filter(account=account, ended_at__isnull=True))
    again = _said_before(live, description, parsed, number_hash)
    if again is not None:
        return again
    _require_room(account, live, relation, now)
    entry = Entry(description=description, parsed=parsed, number_hash=number_hash)
    person_id = enter([entry], actor=actor, now=now, scope_id=None)[0]
    if any(link.person_id == person_id for link in live):
        return person_id
    _link(account, person_id, description, parsed, relation=relation, actor=actor, now=now)
    return person_id


@transaction.atomic
def end_link(
    *,
    actor: Actor,
    now: datetime,
    link_id: UUID | None = None,
    person_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> None:
    """The account no longer looks after the person; either side may end it, or a desk that may verify. What was booked stays.

    An account names its own link by ``person_id`` or ``link_id``; the person's own account and a desk by ``link_id``.
    Refuses not_found to everybody else, and for a link that has ended.
    """
    wanted = {"pk": link_id} if link_id is not None else {"account_id": actor.id, "person_id": person_id}
    link = models.AccountLink.objects.select_for_update().filter(ended_at__isnull=True, **wanted).first()
    if link is None or not _may_end(actor, link, organization_id):
        raise NotFound
    link.ended_at = now
    link.save(update_fields=["ended_at"])
    ended = events.LinkEnded(account_id=link.account_id, link_id=link.id, person_id=link.person_id, scope_id=organization_id)
    journal.record(ended, actor=actor, now=now)


def _own_account(actor: Actor) -> models.Account:
    if actor.kind is not ActorKind.PATIENT:
        raise NotAllowed
    account = models.Account.objects.select_for_update().filter(pk=actor.id).first()
    if account is None:
        raise NotFound
    return account


def _said_before(live: list[models.AccountLink], description: Description, parsed: ParsedNumber, number_hash: bytes) -> UUID | None:
    """The person this account typed in the same words, so that a double press makes nobody twice."""
    owners = set(models.Identifier.objects.filter(type=parsed.type, number_hash=number_hash).values_list("person_id", flat=True))
    key = rules.name_key(description.name)
    return next((link.person_id for link in live if link.person_id in owners and rules.name_key(link.typed_name) == key), None)


def _require_room(account: models.Account, live: list[models.AccountLink], relation: Relation, now: datetime) -> None:
    limits = rulebook.rule(FamilyAccounts, scope_id=None, at=now).parameters
    if len(live) >= limits.family_limit:
        raise FamilyFull(limit=limits.family_limit)
    today = models.AccountLink.objects.filter(account=account, started_at__gt=now - _DAY).count()
    if today >= limits.claims_per_day:
        raise TooManyClaims
    if relation is Relation.SELF and any(link.relation == Relation.SELF for link in live):
        raise RelationTaken(fields={"relation": RelationTaken.message})


def _link(
    account: models.Account,
    person_id: UUID,
    description: Description,
    parsed: ParsedNumber,
    *,
    relation: Relation,
    actor: Actor,
    now: datetime,
) -> None:
    link = models.AccountLink.objects.create(
        account=account,
        person_id=person_id,
        relation=relation,
        level=Certainty.CLAIMED,
        typed_name=description.name,
        typed_sex=description.sex,
        typed_birth_date=description.birth_date,
        typed_id_type=parsed.type,
        typed_last_four=parsed.last_four,
        started_at=now,
    )
    claimed = events.PersonClaimed(person_id=person_id, account_id=account.id, link_id=link.id, relation=relation)
    journal.record(claimed, actor=actor, now=now)


def _may_end(actor: Actor, link: models.AccountLink, organization_id: UUID | None) -> bool:
    if actor.kind is not ActorKind.PATIENT:
        return access.may(actor, PERSON_VERIFY, organization_id)
    if link.account_id == actor.id:
        return True
    own = models.AccountLink.objects.filter(
        account_id=actor.id,
        person_id=link.person_id,
        relation=Relation.SELF,
        level=Certainty.VERIFIED,
        ended_at__isnull=True,
    )
    return own.exists()
