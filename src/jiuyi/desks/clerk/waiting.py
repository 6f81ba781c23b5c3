"""The waiting list (候补) at the window."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from jiuyi.desks import waiting_desk
from jiuyi.desks.clerk.frame import for_clerks, frame
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import refusal_text


@for_clerks
def waiting(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """Who waits for a place, department by department."""
    context = frame(request, here, current="waiting") | waiting_desk.page(request, actor=actor, here=here, now=clock.now())
    return render(request, "staff/waiting_list.html", context | {"answer_url": "clerk:answer_waiting"})


@require_POST
@for_clerks
def answer(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, entry_id: UUID) -> HttpResponse:
    """Take or decline an offered place for somebody who was called, or take them off the list."""
    del here
    try:
        messages.success(request, waiting_desk.answer(request, actor=actor, entry_id=entry_id, now=clock.now()))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("clerk:waiting")
