"""Synthetic people: numbers only with the unassigned prefix, phones that cannot be real, everything through the doors."""

import re
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.identity import actions, queries
from jiuyi.domains.identity.models import Person
from jiuyi.domains.identity.words import Credential, IdentifierType, Relation, Sex
from jiuyi.foundation import notices
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id
from tests.factories.institutions import NOW

PREFIX = "109900"
DEVICE = "a-device"
LI_NUMBER = "109900194903071221"  # female, born on 7 March 1949
MIN_NUMBER = "10990019880808003X"  # male, born on 8 August 1988


def id_number(birth: date, *, serial: int = 12, sex: Sex = Sex.FEMALE) -> str:
    """A number that cannot be anybody's, with a right check character."""
    first = f"{PREFIX}{birth:%Y%m%d}{serial:02d}{1 if sex is Sex.MALE else 2}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


def resident(
    organization_id: UUID,
    *,
    name: str = "李秀兰",
    number: str | None = LI_NUMBER,
    sex: Sex = Sex.FEMALE,
    birth_date: date | None = None,
    phone: str | None = None,
    village: str = "",
    credential: Credential | None = None,
    now: datetime = NOW,
) -> UUID:
    """A person registered by a desk."""
    return actions.register_person(
        actor=SYSTEM,
        now=now,
        organization_id=organization_id,
        name=name,
        sex=sex,
        birth_date=birth_date,
        id_type=IdentifierType.RESIDENT_ID if number else None,
        number=number,
        phone=phone,
        village=village,
        credential=credential,
    )


def merged_into_somebody(person_id: UUID, organization_id: UUID) -> UUID:
    """The survivor into whom a person was merged (there is no door for it yet)."""
    survivor_id = resident(organization_id, number=id_number(date(1949, 3, 7), serial=77))
    Person.objects.filter(pk=person_id).update(survivor_id=survivor_id)
    return survivor_id


def sent_code(phone: str) -> str:
    """The code in the newest message to a phone."""
    text = notices.text_of_newest(address_hint=f"{phone[:3]}****{phone[-4:]}", template="identity.login_code")
    assert text is not None
    found = re.search(r"[0-9]{6}", text)
    assert found is not None
    return found.group()


def signed_in(phone: str = "12000000001", *, now: datetime = NOW, device: str = DEVICE) -> Actor:
    """An account that has signed in with a code, in a request of its own."""
    actions.request_login_code(phone=phone, device=device, now=now)
    account_id = actions.sign_in_with_code(phone=phone, code=sent_code(phone), device=device, now=now)
    return Actor(ActorKind.PATIENT, account_id, request_id=new_id())


def claim(
    actor: Actor,
    *,
    name: str = "李秀兰",
    number: str = LI_NUMBER,
    relation: Relation = Relation.SELF,
    now: datetime = NOW,
) -> UUID:
    """Let an account type a person with a resident's number."""
    return actions.claim_person(actor=actor, now=now, name=name, id_type=IdentifierType.RESIDENT_ID, number=number, relation=relation)


def verify(actor: Actor, person_id: UUID, organization_id: UUID, *, now: datetime = NOW) -> None:
    """Let a desk see the ID card and raise this account's link to the person."""
    links = [row.link_id for row in queries.links_of_person(SYSTEM, person_id) if row.account_id == actor.id]
    actions.verify_person(
        actor=SYSTEM,
        now=now,
        person_id=person_id,
        organization_id=organization_id,
        credential=Credential.ID_CARD,
        link_ids=links,
    )
