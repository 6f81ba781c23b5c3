"""Orders: one laboratory item, one line of a prescription, taking one back, paying in the room (C21)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiuyi.desks.doctor.encounter import page
from jiuyi.desks.doctor.forms import DrugForm
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import Frequency, Route
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import consulting, paying
from jiuyi.journeys.consulting import Prescription
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@require_POST
@for_doctors
def lab(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Order a laboratory item by its code."""
    try:
        consulting.order_lab(actor=actor, now=clock.now(), encounter_id=encounter_id, code=request.POST.get("code", ""))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:visit", encounter_id=encounter_id)


@require_POST
@for_doctors
def drug(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Prescribe one drug; a meeting with an allergy stops here unless a reason is written."""
    form = DrugForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        line = Prescription(
            code=typed["code"],
            dose=typed["dose"],
            route=Route(typed["route"]),
            frequency=Frequency(typed["frequency"]),
            days=typed["days"],
            quantity=typed["quantity"],
            override_reason=typed["override_reason"],
            long_reason=typed["long_reason"],
        )
        try:
            consulting.order_medication(actor=actor, now=clock.now(), encounter_id=encounter_id, line=line)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("doctor:visit", encounter_id=encounter_id)
    chosen = visits.orderable(request.POST.get("code", ""))
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, drug=chosen, drug_form=form)


@require_POST
@for_doctors
def revoke(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, order_id: UUID) -> HttpResponse:
    """Take an order back, with a reason; what was paid goes back."""
    try:
        consulting.revoke_order(actor=actor, now=clock.now(), order_id=order_id, reason=request.POST.get("reason", ""))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:visit", encounter_id=encounter_id)


@for_doctors
def pay_here(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """A code on the screen that any phone can scan and pay: no window, no second queue."""
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    here = reverse("doctor:visit", args=[encounter_id])
    bill = next((b for b in paying.bills_of_person(actor=actor, person_id=record.person.id, now=clock.now()) if b.organization_id == record.encounter.organization_id), None)
    if bill is None:
        return redirect(here)
    context = frame(doctor) | {"record": record, "bill": bill, "here": here, "key": request.POST.get("key") or new_id(), "pay_url": ""}
    if request.method == "POST":
        try:
            started = paying.start(
                actor=actor,
                now=clock.now(),
                charge_ids=[line.charge_id for line in bill.lines],
                channel=PaymentChannel.WECHAT,
                idempotency_key=UUID(str(context["key"])),
                return_url=request.build_absolute_uri(reverse("patient:home")),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            context["refusal"] = refusal
        else:
            context["pay_url"] = request.build_absolute_uri(started.url)
    return render(request, "doctor/pay_here.html", context)
