"""What happened to people's identities: ids and codes only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.identity.words import CareBasis, Certainty, Credential, Relation, ReviewReason
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PersonRegistered(Event):
    """Somebody is known for the first time, by a desk or by an account."""

    name: ClassVar[str] = "identity.PersonRegistered"
    certainty: Certainty


@dataclass(frozen=True, kw_only=True)
class PersonClaimed(Event):
    """An account typed a person; the link opens no record."""

    name: ClassVar[str] = "identity.PersonClaimed"
    account_id: UUID
    link_id: UUID
    relation: Relation


@dataclass(frozen=True, kw_only=True)
class PersonVerified(Event):
    """A desk compared a paper with the person who stands there."""

    name: ClassVar[str] = "identity.PersonVerified"
    credential: Credential


@dataclass(frozen=True, kw_only=True)
class LinkRaised(Event):
    """A desk let an account open a person's record."""

    name: ClassVar[str] = "identity.LinkRaised"
    account_id: UUID
    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class LinkLowered(Event):
    """The phone lay idle too long: it may have a new owner, so the link opens nothing until a desk raises it again."""

    name: ClassVar[str] = "identity.LinkLowered"
    account_id: UUID
    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class LinkEnded(Event):
    """An account no longer looks after a person."""

    name: ClassVar[str] = "identity.LinkEnded"
    account_id: UUID
    link_id: UUID


@dataclass(frozen=True, kw_only=True)
class MatchQuestioned(Event):
    """Two people may be one, or one number may belong to two; a human is asked."""

    name: ClassVar[str] = "identity.MatchQuestioned"
    other_id: UUID
    why: ReviewReason


@dataclass(frozen=True, kw_only=True)
class NumberTaken(Event):
    """A verified paper took a number from somebody who had only claimed it."""

    name: ClassVar[str] = "identity.NumberTaken"
    from_person_id: UUID


@dataclass(frozen=True, kw_only=True)
class ContactAdded(Event):
    """A phone number was added to a person."""

    name: ClassVar[str] = "identity.ContactAdded"
    contact_id: UUID


@dataclass(frozen=True, kw_only=True)
class CareRelationAdded(Event):
    """A unit or practitioner may open a record for a period."""

    name: ClassVar[str] = "identity.CareRelationAdded"
    relation_id: UUID
    basis: CareBasis
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """A phone signed in for the first time."""

    name: ClassVar[str] = "identity.AccountOpened"
    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountSignedIn(Event):
    """An account signed in by a code."""

    name: ClassVar[str] = "identity.AccountSignedIn"
    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class LoginWasLocked(Event):
    """Too many wrong codes for one phone."""

    name: ClassVar[str] = "identity.LoginWasLocked"
    until: datetime


@dataclass(frozen=True, kw_only=True)
class CareRelationEnded(Event):
    """A unit's or practitioner's right to open a record ended before its time."""

    name: ClassVar[str] = "identity.CareRelationEnded"
    relation_id: UUID
