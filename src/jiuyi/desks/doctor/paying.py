"""Paying in the room: a code on the screen that any phone can scan; no window, no second queue (C21)."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import paying
from jiuyi.journeys.paying import Bill
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

CODE_KEY: Final = "doctor_pay_code"


@for_doctors
def pay_here(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """The bill of this visit's institution and, once asked for, its payment code."""
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    bill = _bill(actor, record.person.id, record.encounter.organization_id)
    refusal = None
    if request.method == "POST" and bill is not None:
        try:
            started = paying.start(
                actor=actor,
                now=clock.now(),
                charge_ids=[line.charge_id for line in bill.lines],
                channel=PaymentChannel.WECHAT,
                idempotency_key=UUID(request.POST.get("key", "")),
                return_url=request.build_absolute_uri(reverse("patient:home")),
            )
        except (NotFound, NotAllowed):
            raise
        except ValueError:
            raise NotFound from None
        except Refusal as answer:
            refusal = answer
        else:
            request.session[CODE_KEY] = {"lines": _lines(bill), "url": request.build_absolute_uri(started.url)}
            return redirect(reverse("doctor:pay_here", args=[encounter_id]) + "#code")
    shown = request.session.get(CODE_KEY) or {}
    context: dict[str, Any] = frame(doctor) | {
        "record": record,
        "bill": bill,
        "here": reverse("doctor:visit", args=[encounter_id]),
        "key": request.POST.get("key") or new_id(),
        "pay_url": shown.get("url", "") if bill is not None and shown.get("lines") == _lines(bill) else "",
        "refusal": refusal,
    }
    return render(request, "doctor/pay_here.html", context, status=refusal.status if refusal else 200)


@for_doctors
def pay_state(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Only whether it was paid, for the page that waits (204 while it was not); it may ask about the doctor's own visits."""
    visit = visits.facts_encounter(encounter_id)
    if visit.practitioner_id != doctor.id:
        visits.open_encounter(actor, encounter_id, now=clock.now())  # somebody else's: opened properly, or refused
    if _bill(actor, visit.person_id, visit.organization_id) is not None:
        return HttpResponse(status=204)
    return render(request, "doctor/paid.html", {"here": reverse("doctor:visit", args=[encounter_id])})


def _bill(actor: Actor, person_id: UUID, organization_id: UUID) -> Bill | None:
    bills = paying.bills_of_person(actor=actor, person_id=person_id, now=clock.now())
    return next((bill for bill in bills if bill.organization_id == organization_id), None)


def _lines(bill: Bill) -> list[str]:
    """Which charges a code pays: when they change, the old code is not shown any more."""
    return sorted(str(line.charge_id) for line in bill.lines)
