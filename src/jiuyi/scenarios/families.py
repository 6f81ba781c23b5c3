"""Families who signed in before: each account gets its code, types its people, and shows papers for some of them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.foundation import notices
from jiuyi.foundation.access import Actor, ActorKind, system
from jiuyi.scenarios.county.world import FamilyLink, Resident, World

ACTOR = system("scenarios.families")
LOGIN_TEMPLATE = "identity.login_code"
# Long enough ago that the limits on codes do not keep anybody from signing in right after the loading.
SIGNED_IN_BEFORE = timedelta(hours=3)


def open_accounts(world: World, *, now: datetime, progress: Callable[[str, int, int], None]) -> None:
    """Sign every family in once and link its people; verified links were confirmed at the county hospital's desk."""
    residents = {resident.id: resident for resident in world.residents}
    families: dict[str, list[FamilyLink]] = {}
    for link in world.family_links:
        families.setdefault(link.phone, []).append(link)
    then = now - SIGNED_IN_BEFORE
    for done, (phone, links) in enumerate(families.items(), start=1):
        actor = Actor(ActorKind.PATIENT, _sign_in(phone, then))
        for link in links:
            _claim(world, actor, link, residents[link.person_id], now)
        progress("家庭账号", done, len(families))


def _sign_in(phone: str, then: datetime) -> UUID:
    device = f"scenario {phone}"
    identity.request_login_code(phone=phone, device=device, now=then)
    text = notices.text_of_newest(address_hint=f"{phone[:3]}****{phone[-4:]}", template=LOGIN_TEMPLATE) or ""
    code = re.search(r"\d{6}", text)
    if code is None:
        message = f"no code reached the phone ending in {phone[-4:]}"
        raise LookupError(message)
    return identity.sign_in_with_code(phone=phone, code=code[0], device=device, now=then)


def _claim(world: World, actor: Actor, link: FamilyLink, resident: Resident, now: datetime) -> None:
    if resident.id_type is None or resident.number is None:
        return
    identity.claim_person(
        actor=actor,
        now=now - SIGNED_IN_BEFORE,
        name=resident.name,
        id_type=resident.id_type,
        number=resident.number,
        relation=link.relation,
    )
    if link.verified:
        link_ids = [row.link_id for row in people.links_of_person(ACTOR, resident.id) if row.account_id == actor.id]
        identity.verify_person(
            actor=ACTOR,
            now=now - SIGNED_IN_BEFORE,
            person_id=resident.id,
            organization_id=world.open_clinic.organization_id,
            credential=Credential.ID_CARD,
            link_ids=link_ids,
        )
