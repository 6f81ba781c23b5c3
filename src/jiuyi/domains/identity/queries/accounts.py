"""Accounts, the people they look after, and how far each link reaches."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.identity import models, rules
from jiuyi.domains.identity.queries import ciphers
from jiuyi.domains.identity.queries.facts import age_in_words, same_person_ids
from jiuyi.domains.identity.words import PERSON_VERIFY, Certainty, IdentifierType, Relation, Sex
from jiuyi.foundation import access, notices, vault
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A phone that signs in."""

    id: UUID
    phone_hint: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """Somebody an account looks after. A claimed link shows only what this account typed, whoever the person may be."""

    link_id: UUID
    person_id: UUID
    typed_name: str
    relation: Relation
    level: Certainty
    age_text: str
    sex: Sex
    birth_date: date | None
    id_type: IdentifierType
    id_last_four: str

    def years(self, on: date) -> int | None:
        """周岁 on a day by what this account typed, None without a birth date."""
        return None if self.birth_date is None else rules.completed_years(self.birth_date, on)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A live link as the desk sees it when it decides which accounts may open a record."""

    link_id: UUID
    person_id: UUID
    account_id: UUID
    phone_hint: str
    typed_name: str
    relation: Relation
    level: Certainty
    started_at: datetime


def account(account_id: UUID) -> AccountFacts:
    """One account; NotFound otherwise."""
    row = _account(account_id)
    return AccountFacts(row.id, row.phone_hint, row.created_at, row.last_seen_at)


def account_people(actor: Actor, *, now: datetime) -> list[FamilyMember]:
    """Whom this account looks after, the holder first, then in order of entry; nobody for any other kind of actor."""
    if actor.kind is not ActorKind.PATIENT:
        return []
    rows = models.AccountLink.objects.select_related("person").filter(account_id=actor.id, ended_at__isnull=True)
    ordered = sorted(rows, key=lambda row: (row.relation != Relation.SELF, row.started_at, row.id))
    return [_member(row, service_date(now)) for row in ordered]


def facts_link(account_id: UUID, person_id: UUID) -> Certainty | None:
    """How far the account's live link to this person reaches, None without one. A merged id counts as its survivor."""
    levels = models.AccountLink.objects.filter(
        account_id=account_id, person_id__in=same_person_ids(person_id), ended_at__isnull=True
    ).values_list("level", flat=True)
    found = set(levels)
    if not found:
        return None
    return Certainty.VERIFIED if Certainty.VERIFIED in found else Certainty.CLAIMED


def facts_link_row(link_id: UUID) -> LinkRow:
    """One live link; NotFound otherwise."""
    row = models.AccountLink.objects.select_related("account").filter(pk=link_id, ended_at__isnull=True).first()
    if row is None:
        raise NotFound
    return _link_row(row)


def links_of_person(actor: Actor, person_id: UUID, *, organization_id: UUID | None = None) -> list[LinkRow]:
    """The live links to a person, for a desk that may verify; refuses not_allowed."""
    if organization_id is not None or not access.nodes_with(actor, PERSON_VERIFY):
        access.require(actor, PERSON_VERIFY, organization_id)
    rows = models.AccountLink.objects.select_related("account").filter(person_id__in=same_person_ids(person_id), ended_at__isnull=True)
    return [_link_row(row) for row in rows.order_by("started_at", "id")]


def facts_account_phone(account_id: UUID) -> tuple[bytes, str]:
    """The account's phone, sealed as ``notices.post`` takes it, and its masked form; NotFound without the account."""
    row = _account(account_id)
    phone = vault.decrypt(bytes(row.wrapped_key), bytes(row.phone_encrypted), purpose=ciphers.PHONE)
    return notices.seal_address(phone), rules.masked_phone(phone)


def _account(account_id: UUID) -> models.Account:
    row = models.Account.objects.filter(pk=account_id).first()
    if row is None:
        raise NotFound
    return row


def _member(row: models.AccountLink, today: date) -> FamilyMember:
    verified = row.level == Certainty.VERIFIED
    birth_date = row.person.birth_date if verified else row.typed_birth_date
    return FamilyMember(
        link_id=row.id,
        person_id=row.person_id,
        typed_name=row.person.name if verified else row.typed_name,
        relation=Relation(row.relation),
        level=Certainty(row.level),
        age_text=age_in_words(rules.age(birth_date, today)),
        sex=Sex(row.person.sex if verified else row.typed_sex),
        birth_date=birth_date,
        id_type=IdentifierType(row.typed_id_type),
        id_last_four=row.typed_last_four,
    )


def _link_row(row: models.AccountLink) -> LinkRow:
    return LinkRow(
        link_id=row.id,
        person_id=row.person_id,
        account_id=row.account_id,
        phone_hint=row.account.phone_hint,
        typed_name=row.typed_name,
        relation=Relation(row.relation),
        level=Certainty(row.level),
        started_at=row.started_at,
    )
