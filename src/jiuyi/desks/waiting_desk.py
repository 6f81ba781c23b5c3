"""The waiting list (候补) of a department as its staff see it: who waits, since when, what is offered, and the answer by telephone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext

from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import OfferOver
from jiuyi.foundation.access import Actor
from jiuyi.journeys import waiting
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound
from jiuyi.kit.formats import day_text

ACCEPT, DECLINE, LEAVE = "accept", "decline", "leave"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list; names masked."""

    entry_id: UUID
    place: int
    masked_name: str
    age: str
    last_four: str
    wish: str
    reach: str
    joined_at: datetime
    state: str
    offer_id: UUID | None
    offer_text: str
    offered_until: datetime | None
    is_offered: bool
    in_family: bool


def page(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, now: datetime) -> dict[str, Any]:
    """What the page shows: the departments in which somebody waits, and the list of the chosen one."""
    departments = organizations.departments(here.id)
    counts = entries.count_waiting([each.id for each in departments])
    waited_for = [(each, counts[each.id]) for each in departments if each.id in counts]
    wanted = request.GET.get("department", "")
    chosen = next((each for each, _ in waited_for if str(each.id) == wanted), waited_for[0][0] if waited_for else None)
    lines = _lines(actor, chosen.id, now=now) if chosen else []
    return {"waited_for": waited_for, "chosen": chosen, "lines": lines, "hours_open": waiting.is_open_now(here.id, now=now)}


def answer(request: HttpRequest, *, actor: Actor, entry_id: UUID, now: datetime) -> str:
    """Do what the person on the telephone said; a sentence that confirms it. Refuses as the journey does."""
    act = request.POST.get("act", "")
    if act not in {ACCEPT, DECLINE, LEAVE}:
        raise NotFound
    offer_id = waiting.entry_of(actor, entry_id, now=now).facts.offer_id
    if act == LEAVE:
        waiting.leave(actor=actor, now=now, entry_id=entry_id)
        return gettext("已退出候补。")
    if offer_id is None or str(offer_id) != request.POST.get("offer"):  # another one than was read to the person on the telephone
        raise OfferOver
    if act == DECLINE:
        waiting.decline(actor=actor, now=now, offer_id=offer_id)
        return gettext("这个号让给下一位，本人继续候补。")
    waiting.accept(actor=actor, now=now, offer_id=offer_id)
    return gettext("已约上，到院后先付费再签到。")


def _lines(actor: Actor, department_id: UUID, *, now: datetime) -> list[Line]:
    found = waiting.of_department(actor, department_id, now=now)
    facts = people.facts_people({each.facts.person_id for each in found})
    return [_line(each, facts[each.facts.person_id], place=place, actor=actor, now=now) for place, each in enumerate(found, start=1)]


def _line(each: waiting.Waiting, person: people.PersonFacts, *, place: int, actor: Actor, now: datetime) -> Line:
    offer = waiting.offer_of(actor, each.facts.offer_id, now=now) if each.facts.offer_id else None
    return Line(
        entry_id=each.facts.entry_id,
        place=place,
        masked_name=person.masked_name,
        age=person.age_text(service_date(now)),
        last_four=person.id_last_four or "",
        wish=_wish_text(each),
        reach=gettext(each.facts.reach.label),
        joined_at=each.facts.joined_at,
        state=gettext(each.facts.state.label),
        offer_id=each.facts.offer_id,
        offer_text=f"{day_text(offer.appointment.window_start)} {offer.doctor.name}" if offer else "",
        offered_until=each.facts.offered_until,
        is_offered=offer is not None,
        in_family=each.facts.family_group is not None,
    )


def _wish_text(each: waiting.Waiting) -> str:
    facts = each.facts
    doctor = each.doctor.name if each.doctor else gettext("任何一位医生")
    halves = gettext("、").join(gettext(half.label) for half in facts.half_days) or gettext("全天都行")
    return f"{day_text(facts.first_day)}–{day_text(facts.last_day)} {halves} {doctor}"
