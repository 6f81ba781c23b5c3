"""走错科了: the called patient belongs to another department; two clicks from the list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import CALL
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import transferring
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal


@for_doctors
def send_on(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, ticket_id: UUID) -> HttpResponse:
    """The departments that see patients today; a press sends the patient there with fee and a new ticket."""
    now = clock.now()
    ticket = queues.facts_ticket(ticket_id)
    if ticket.appointment_id is None:
        raise NotFound
    facts = schedule.facts_appointment(ticket.appointment_id)
    access.require(actor, CALL, facts.department_id)
    refusal = None
    if request.method == "POST":
        try:
            done = transferring.transfer(
                actor=actor,
                now=now,
                appointment_id=facts.appointment_id,
                department_id=UUID(request.POST.get("department", "")),
                idempotency_key=UUID(request.POST.get("key", "")),
            )
        except ValueError:
            raise NotFound from None
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            messages.success(request, gettext("已转科，新票号 %(label)s。") % {"label": done.ticket_label})
            return redirect("doctor:room")
    context = frame(doctor) | {
        "ticket": ticket,
        "person": people.facts_person(ticket.person_id),
        "departments": transferring.departments_today(facts.organization_id, but=facts.department_id, now=now),
        "key": request.POST.get("key") or new_id(),
        "refusal": refusal,
        "room_url": reverse("doctor:room"),
    }
    return render(request, "doctor/send_on.html", context, status=refusal.status if refusal else 200)
