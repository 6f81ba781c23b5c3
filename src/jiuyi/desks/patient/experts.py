"""The bulletin: which visiting experts come this week, where, whom to ask, how to book (C14)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.patient.guard import signed_in
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.queries import timetable
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

DAYS = 8  # today and the week that follows: the bulletin of a Thursday reaches the next Thursday


def experts(request: HttpRequest) -> HttpResponse:
    """Everybody may read it, in order of time; what is not on sale yet says from when."""
    now = clock.now()
    sessions = timetable.visiting_sessions(service_date(now), DAYS, now=now)
    doctors = organizations.facts_practitioners({each.practitioner_id for each in sessions})
    departments = organizations.facts_departments({each.department_id for each in sessions})
    rooms = organizations.facts_rooms({each.room_id for each in sessions})
    houses = {each.id: each for each in organizations.organizations()}
    rows = [
        {
            "session": each,
            "doctor": doctors[each.practitioner_id],
            "department": departments[each.department_id],
            "room": rooms[each.room_id],
            "house": houses[each.organization_id],
            "open": each.visible_at <= now,
        }
        for each in sessions
    ]
    days = dict.fromkeys(service_date(each.starts_at) for each in sessions)
    grouped = [(day, [row for row, each in zip(rows, sessions, strict=True) if service_date(each.starts_at) == day]) for day in days]
    return render(request, "patient/experts.html", {"days": grouped})


@signed_in
def book(request: HttpRequest, *, actor: Actor, session_id: UUID) -> HttpResponse:
    """Who comes to the expert? The only person of an account goes on at once. NotFound where nobody visits."""
    now = clock.now()
    found = next((each for each in timetable.visiting_sessions(service_date(now), DAYS, now=now) if each.session_id == session_id), None)
    if found is None:
        raise NotFound
    members = people.account_people(actor, now=now)
    if not members:
        return redirect(f"{reverse('patient:add_person')}?next={request.path}")
    query = f"?class={found.number_class.value}&day={service_date(found.starts_at).isoformat()}"
    place = {"department_id": found.department_id, "practitioner_id": found.practitioner_id}
    ways = [(each, reverse("patient:book_time", kwargs={"person_id": each.person_id, **place}) + query) for each in members]
    if len(ways) == 1:
        return redirect(ways[0][1])
    return render(request, "patient/expert_who.html", {"ways": ways, "doctor": organizations.practitioner(found.practitioner_id)})
