"""Orders: searching, one laboratory item, one line of a prescription, taking one back (C21)."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.doctor.encounter import found, page, visit_url
from jiuyi.desks.doctor.forms import DrugForm, ReasonForm
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.desks.doctor.lines import lines_of
from jiuyi.desks.doctor.typed import Carry, Said, visit_act
from jiuyi.desks.doctor.unsent import DRUG_FIELDS, SEARCHES
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.queries import DiagnosisHit
from jiuyi.domains.encounters.words import AllergyConflict, AllergyNotAsked, DaysBeyondLimit, Frequency, Route
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import consulting
from jiuyi.journeys.consulting import Prescription
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal, refusal_text

FEW: Final = 20


@visit_act()
def find(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> Carry | str | None:
    """Enter, or a 查找 button: search what was newly typed. A diagnosis that fits alone, or exactly, is added at once.

    ``was_…`` says what the page showed, so that Enter in one search box does not repeat the search of another.
    """
    typed = {kind: request.POST.get(kind, "").strip() for kind in SEARCHES}
    asked = request.POST.get("search", "")
    fresh = [kind for kind in SEARCHES if typed[kind] and typed[kind] != request.POST.get(f"was_{kind}", "").strip()]
    kind = asked if asked in SEARCHES else next(iter(fresh), next((each for each in SEARCHES if typed[each]), ""))
    if not kind or not typed[kind]:
        return f"id_{kind}" if kind else None
    hits = found(kind, typed[kind])
    clear = _clear(typed[kind]) if kind == "dx" else None
    if clear is not None:
        encounters.add_diagnosis(actor=actor, now=clock.now(), encounter_id=encounter_id, code=clear.code)
        messages.success(request, gettext("已加诊断：%(name)s") % {"name": clear.name})
        return Carry({"dx": "", "search": ""}, "id_dx")
    return Carry({"search": kind}, f"{kind}-1" if hits else f"id_{kind}")


def _clear(text: str) -> DiagnosisHit | None:
    """The one diagnosis that can be meant: its very name or code, or the only one that fits; else None."""
    hits = visits.search_diagnoses(text, limit=FEW)
    exact = [hit for hit in hits if text.casefold() in {hit.name.casefold(), hit.code.casefold()}]
    return exact[0] if len(exact) == 1 else hits[0] if len(hits) == 1 else None


@for_doctors
def hits(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, kind: str) -> HttpResponse:
    """What fits the typed letters, for the search that answers while typing; posted, so that no address joins a visit to an illness."""
    del actor, doctor
    if kind not in SEARCHES:
        raise NotFound
    text = request.POST.get(kind, "")
    return render(
        request,
        "doctor/hits.html",
        {"kind": kind, "search": {"text": text, "hits": found(kind, text), "asked": bool(text.strip())}, "encounter_id": encounter_id},
    )


@visit_act(uses=("labs", "search"), then="id_labs")
def lab(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> None:
    """Order a laboratory item by its code."""
    consulting.order_lab(actor=actor, now=clock.now(), encounter_id=encounter_id, code=request.POST.get("lab", ""))


@visit_act(uses=("drugs", "search", *DRUG_FIELDS))
def choose_drug(request: HttpRequest, **_: object) -> Carry:
    """Open the line of a drug with what is usual for it; an empty choice closes it."""
    chosen = request.POST.get("pick", "")
    return Carry({"code": visits.orderable(chosen).code}, "id_dose") if chosen else Carry({}, "id_drugs")


@visit_act(uses=DRUG_FIELDS, then="id_drugs")
def drug(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, **_: object) -> None:
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
            _explain(form, refusal)
    if form.errors:
        chosen = visits.orderable(request.POST.get("code", ""))
        raise Said(page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, drug=chosen, drug_form=form))


def _explain(form: DrugForm, refusal: Refusal) -> None:
    """Put a doubt where its reason can be written; anything else at the top of the line."""
    for kinds, field in (((AllergyConflict, AllergyNotAsked), "override_reason"), ((DaysBeyondLimit,), "long_reason")):
        if isinstance(refusal, kinds):
            form.add_error(field, refusal_text(refusal))
            return
    add_refusal(form, refusal)


@visit_act()
def ask_revoke(request: HttpRequest, *, encounter_id: UUID, order_id: UUID, **_: object) -> HttpResponse:
    """Go to the page that asks why an order is taken back."""
    del request
    return redirect(reverse("doctor:revoke", args=[encounter_id, order_id]) + "#id_reason")


@for_doctors
def revoke(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, order_id: UUID) -> HttpResponse:
    """Take an order back, with a reason; what was paid goes back the way it came."""
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    line = next((each for each in lines_of(record.orders) if each["order"].order_id == order_id), None)
    if line is None:
        raise NotFound
    form = ReasonForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            consulting.revoke_order(actor=actor, now=clock.now(), order_id=order_id, reason=form.cleaned_data["reason"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            messages.success(request, gettext("已撤销：%(name)s") % {"name": line["order"].name})
            return redirect(visit_url(encounter_id, "orders"))
    context = frame(doctor) | {
        "record": record,
        "line": line,
        "paid": line["charge"] is not None and line["charge"].status is ChargeStatus.PAID,
        "form": form,
        "refusal": refusal,
        "here": reverse("doctor:visit", args=[encounter_id]),
    }
    return render(request, "doctor/revoke.html", context, status=refusal.status if refusal else 422 if form.errors else 200)
