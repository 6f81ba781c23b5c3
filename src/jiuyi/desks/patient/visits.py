"""After the visit: a summary one can read, and everything in the order in which it happened."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.domains.encounters import queries as encounters
from jiuyi.domains.encounters.queries import OrderFacts
from jiuyi.domains.encounters.words import EncounterStatus, Frequency, OrderKind, OrderStatus, Route
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as its patient reads it: what it is, how it is done or taken, where it stands."""

    name: str
    how: str
    note: str
    state: str
    unpaid: bool


@signed_in
def visit(request: HttpRequest, *, actor: Actor, encounter_id: UUID) -> HttpResponse:
    """The summary of one visit, for whoever may open the record (a verified link)."""
    now = clock.now()
    summary = encounters.summary_for_patient(actor, encounter_id, now=now)
    same = people.same_person_ids(encounters.facts_encounter(encounter_id).person_id)
    member = next((each for each in people.account_people(actor, now=now) if each.person_id in same), None)
    drugs = [_drug(each) for each in summary.orders if each.kind is OrderKind.DRUG]
    tests = [_test(each) for each in summary.orders if each.kind is OrderKind.LAB]
    context = {
        "visit": summary,
        "member": member,
        "drugs": drugs,
        "tests": tests,
        "unpaid": any(each.unpaid for each in (*drugs, *tests)),
        "finished": summary.status is EncounterStatus.FINISHED,
    }
    return render(request, "patient/visit.html", context)


@signed_in
def timeline(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Everything that happened, newest first; a claimed link is told how to open it instead."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    locked = member.level is not Certainty.VERIFIED
    entries = [] if locked else encounters.timeline(actor, person_id, now=now)
    return render(request, "patient/timeline.html", {"member": member, "entries": entries, "locked": locked})


def _drug(order: OrderFacts) -> OrderLine:
    parts = {
        "route": gettext(Route(order.route).label),
        "dose": order.dose,
        "often": gettext(Frequency(order.frequency).label),
        "days": order.days,
        "amount": f"{order.quantity}{order.unit}",
    }
    how = gettext("%(route)s，每次 %(dose)s，%(often)s，用 %(days)s 天，共 %(amount)s") % parts
    states = {
        OrderStatus.ACTIVE: gettext("还没有付费"),
        OrderStatus.RELEASED: gettext("已付费，可以取药"),
        OrderStatus.COMPLETED: gettext("已取药"),
    }
    name = f"{order.name} {order.specification}".strip()
    return OrderLine(name, how, order.note, states[order.status], unpaid=order.status is OrderStatus.ACTIVE)


def _test(order: OrderFacts) -> OrderLine:
    states = {
        OrderStatus.ACTIVE: gettext("还没有付费"),
        OrderStatus.RELEASED: gettext("已付费，可以去做"),
        OrderStatus.COMPLETED: gettext("已完成"),
    }
    return OrderLine(order.name, order.preparation, order.note, states[order.status], unpaid=order.status is OrderStatus.ACTIVE)
