"""The list of calls: who is not known to know of a change, rung by somebody at the window, at the telephone or in the village."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.queries import PhoneToRing
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import CHANGE_CALL, Reach
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.journeys import reaching
from jiuyi.kernel.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class ToRing:
    """One line of the list, without phone numbers."""

    notice: NoticeFacts
    masked_name: str
    village: str
    department: str


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody needs who rings now: whom, where, and what to say."""

    notice: NoticeFacts
    name: str
    village: str
    phones: tuple[PhoneToRing, ...]
    words: str


def to_ring(*, actor: Actor, now: datetime) -> list[ToRing]:
    """Everybody this actor should ring now, the nearest visit first: of their institutions, and people their unit looks after.

    Refuses ``not_allowed`` for an account that rings nobody.
    """
    if not access.may_somewhere(actor, CHANGE_CALL):
        raise NotAllowed
    every = [each.id for each in organizations.organizations()]
    found = [each for each in changes.notices_to_call(every, now=now) if may_ring(actor, each, now=now)]
    persons = people.facts_people({each.person_id for each in found})
    departments = organizations.facts_departments({each.change.department_id for each in found})
    return [
        ToRing(each, persons[each.person_id].masked_name, persons[each.person_id].village, departments[each.change.department_id].name)
        for each in found
    ]


def open_call(*, actor: Actor, now: datetime, notice_id: UUID) -> Call:
    """One person to ring, with the numbers in full: the only page that shows them, and each look is witnessed (rule DS-5)."""
    notice = changes.facts_notice(notice_id)
    _require_may_ring(actor, notice, now=now)
    person = people.facts_person(notice.person_id)
    phones = people.open_phones(actor, notice.person_id, notice.account_id, now=now)
    return Call(notice, person.name, person.village, tuple(phones), reaching.text_of(notice))


@transaction.atomic
def note_result(*, actor: Actor, now: datetime, notice_id: UUID, answered: bool) -> None:
    """Somebody was rung: they know now, or nobody answered and it is tried again (rule AP-7)."""
    _require_may_ring(actor, changes.facts_notice(notice_id), now=now)
    scheduling.note_call(actor=actor, now=now, notice_id=notice_id, answered=answered)


def _require_may_ring(actor: Actor, notice: NoticeFacts, *, now: datetime) -> None:
    if not may_ring(actor, notice, now=now):
        raise NotAllowed


def may_ring(actor: Actor, notice: NoticeFacts, *, now: datetime) -> bool:
    """Whether this actor rings this person: at the institution, or as the unit that looks after somebody without a phone."""
    if access.may(actor, CHANGE_CALL, notice.change.organization_id):
        return True
    if notice.reach is not Reach.VILLAGE_DOCTOR:
        return False
    units = (node_id for node_id, _ in people.family_doctors(notice.person_id, now=now) if node_id is not None)
    return any(access.may(actor, CHANGE_CALL, node_id) for node_id in units)
