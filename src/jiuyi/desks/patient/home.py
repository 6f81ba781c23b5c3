"""The first screen: at each moment the next step, where, when, what it costs, how many are ahead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiuyi.desks.patient.guard import patient_of
from jiuyi.desks.steps import shown
from jiuyi.domains.identity import queries as people
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import worklist
from jiuyi.journeys.worklist_rules import StepKind


def home(request: HttpRequest) -> HttpResponse:
    """For a stranger: what can be done here. For a signed-in account: the next steps of its people."""
    actor = patient_of(request)
    if actor is None:
        return render(request, "patient/welcome.html")
    response = render(request, "patient/home.html", _steps_of(actor))
    response.headers["Cache-Control"] = "no-store"
    return response


def steps(request: HttpRequest) -> HttpResponse:
    """Only the steps, for the page that refreshes itself; once the sign-in has run out, the whole page comes anew."""
    actor = patient_of(request)
    if actor is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})
    response = render(request, "patient/steps.html", _steps_of(actor))
    response.headers["Cache-Control"] = "no-store"
    return response


def _steps_of(actor: Actor) -> dict[str, Any]:
    now = clock.now()
    members = people.account_people(actor, now=now)
    lists = []
    for member in members:
        found = worklist.steps_of(actor=actor, person_id=member.person_id, now=now)
        lists.append((member, [shown(step, person_id=member.person_id) for step in found]))
    # An offer from the waiting list does not wait long: whoever it is for stands first.
    lists.sort(key=lambda each: all(step.kind is not StepKind.OFFER for step in each[1]))
    return {"lists": [each for each in lists if each[1]], "members": members, "now": now}
