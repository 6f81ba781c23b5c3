"""My list: who waits, whom I called, and the buttons that call, call again, pass over and let in."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.doctor.frame import for_doctors, frame, posted
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import consulting
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

PLACE_KEY: Final = "doctor_place"
LONG_MINUTES: Final = 60  # a wait that the list points out


@for_doctors
def room(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts) -> HttpResponse:
    """Where I sit, whom I called, who waits."""
    return _page(request, actor=actor, doctor=doctor)


@for_doctors
def waiting(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts) -> HttpResponse:
    """The list again if something moved since ``v``; else nothing (204), and no name was read."""
    if request.GET.get("v") == _version(request, doctor=doctor):
        return HttpResponse(status=204)
    return render(request, "doctor/waiting.html", _list_of(request, actor=actor, doctor=doctor))


@posted
@for_doctors
def choose_place(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts) -> HttpResponse:  # one signature
    """Remember where the doctor sits today: one of the rooms of the doctor's own departments."""
    chosen = request.POST.get("place", "")
    if chosen in {place["value"] for place in _places(doctor)}:
        request.session[PLACE_KEY] = chosen
    return redirect("doctor:room")


@posted
@for_doctors
def call_next(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts) -> HttpResponse:
    """Call the next person to this room."""
    place = _place(request, doctor)
    if place is None:
        return redirect("doctor:room")
    try:
        called = consulting.call_next(actor=actor, now=clock.now(), queue_id=place["queue_id"], room_id=place["room_id"])
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, actor=actor, doctor=doctor, refusal=refusal)
    return _room("called") if called else _page(request, actor=actor, doctor=doctor, nobody=True)


@posted
@for_doctors
def call_again(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, ticket_id: UUID) -> HttpResponse:
    """Call the same person once more."""
    act = partial(queueing.call_again, actor=actor, now=clock.now(), ticket_id=ticket_id)
    return _act(request, actor=actor, doctor=doctor, act=act, place="called")


@posted
@for_doctors
def pass_over(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, ticket_id: UUID) -> HttpResponse:
    """Nobody came: set aside, or pass over after enough calls."""
    act = partial(queueing.pass_over, actor=actor, now=clock.now(), ticket_id=ticket_id)
    return _act(request, actor=actor, doctor=doctor, act=act, place="next")


@posted
@for_doctors
def start(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, ticket_id: UUID) -> HttpResponse:
    """Name and last four agree: the visit begins."""
    try:
        encounter_id = consulting.start(actor=actor, now=clock.now(), ticket_id=ticket_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, actor=actor, doctor=doctor, refusal=refusal)
    return redirect(reverse("doctor:visit", args=[encounter_id]) + "#id_complaint")


def _room(place: str) -> HttpResponse:
    return redirect(f"{reverse('doctor:room')}#{place}")


def _act(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, act: Callable[[], object], place: str) -> HttpResponse:
    try:
        act()
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, actor=actor, doctor=doctor, refusal=refusal)
    return _room(place)


def _page(
    request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, refusal: Refusal | None = None, nobody: bool = False
) -> HttpResponse:
    places = _places(doctor)
    now = clock.now()
    context = frame(doctor) | {"places": places, "refusal": refusal, "nobody": nobody}
    context["mine"] = visits.open_visits_of_doctor(actor, day=service_date(now), now=now)
    context["done"] = sum(visit.status is EncounterStatus.FINISHED for visit in context["mine"])
    context |= _list_of(request, actor=actor, doctor=doctor)
    return render(request, "doctor/room.html", context, status=refusal.status if refusal else 200)


def _list_of(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts) -> dict[str, Any]:
    now = clock.now()
    place = _place(request, doctor)
    mine = queues.ticket_of_practitioner(doctor.id, now=now)
    called = None
    if mine is not None:
        person = people.facts_person(mine.person_id)
        encounter = visits.facts_encounter_of_ticket(mine.ticket_id)
        called = {
            "ticket": mine,
            "person": person,
            "age": person.age_text(service_date(now)),
            "encounter": encounter,
            "in_room": mine.status is TicketStatus.IN_ROOM,
        }
    rows = queues.waiting(actor, place["queue_id"], doctor.id, now=now) if place else []
    waited = [int((now - row.ticket.checked_in_at).total_seconds() // 60) for row in rows]
    return {
        "place": place,
        "rows": [{"row": row, "minutes": minutes, "long": minutes >= LONG_MINUTES} for row, minutes in zip(rows, waited, strict=True)],
        "longest": max(waited, default=0),
        "passed": sum(row.ticket.status is TicketStatus.PASSED for row in rows),
        "called": called,
        "version": _version(request, doctor=doctor),
    }


def _version(request: HttpRequest, *, doctor: PractitionerFacts) -> str:
    """A mark that changes whenever the line or the called ticket does."""
    now = clock.now()
    place = _place(request, doctor)
    mine = queues.ticket_of_practitioner(doctor.id, now=now)
    line = queues.line(place["queue_id"], doctor.id, now=now) if place else []
    text = "".join(f"{each.ticket_id}{each.place}{each.busy}" for each in line) + (
        f"{mine.ticket_id}{mine.status}{mine.calls}" if mine else ""
    )
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def _places(doctor: PractitionerFacts) -> list[dict[str, Any]]:
    """The rooms this doctor may sit in: those of the departments where the doctor works and that have a queue."""
    found = []
    for role in organizations.roles_of_practitioner(doctor.id):
        try:
            queue = queues.queue_of_department(role.department_id)
        except NotFound:
            continue
        rooms = organizations.rooms(role.organization_id, role.department_id)
        rooms.sort(key=lambda room: room.id != role.room_id)
        department = organizations.department(role.department_id)
        found += [
            {
                "value": f"{queue.queue_id}_{each.id}",
                "label": f"{department.organization_name} {department.name} {each.name}",
                "queue_id": queue.queue_id,
                "room_id": each.id,
                "home": each.id == role.room_id,
            }
            for each in rooms
        ]
    return found


def _place(request: HttpRequest, doctor: PractitionerFacts) -> dict[str, Any] | None:
    places = _places(doctor)
    chosen = request.session.get(PLACE_KEY)
    return next(
        (each for each in places if each["value"] == chosen), next((each for each in places if each["home"]), next(iter(places), None))
    )
