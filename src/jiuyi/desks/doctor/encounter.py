"""One visit on one screen: who it is, what must not be overlooked, the note, diagnoses, orders and their money."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiuyi.desks.doctor.forms import AddendumForm, AllergyForm, DrugForm, NoteForm
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.queries import EncounterRecord, OrderableFacts
from jiuyi.domains.encounters.words import EncounterStatus, NoteStatus, OrderKind, OrderStatus
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import consulting
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

HISTORY_SHOWN = 8


@for_doctors
def visit(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """The visit; ``?dx=``, ``?labs=`` and ``?drugs=`` search without scripts, ``?drug=`` opens the line of one drug."""
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id)


@require_POST
@for_doctors
def not_this_person(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """不是本人: undo the start."""
    try:
        consulting.not_this_person(actor=actor, now=clock.now(), encounter_id=encounter_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:room")


@require_POST
@for_doctors
def finish(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """End the visit; all that is missing is named at once."""
    try:
        consulting.finish(actor=actor, now=clock.now(), encounter_id=encounter_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:room")


def page(
    request: HttpRequest,
    *,
    actor: Actor,
    doctor: PractitionerFacts,
    encounter_id: UUID,
    refusal: Refusal | None = None,
    **typed: Any,
) -> HttpResponse:
    """The visit's page again, with a refusal and the forms as they were typed (``note_form``, ``drug_form`` …)."""
    now = clock.now()
    record = visits.open_encounter(actor, encounter_id, now=now)
    context = frame(doctor) | {
        "record": record,
        "visit": record.encounter,
        "refusal": refusal,
        "here": reverse("doctor:visit", args=[encounter_id]),
        "running": record.encounter.status is EncounterStatus.IN_PROGRESS and record.encounter.practitioner_id == doctor.id,
        "signed": record.note is not None and record.note.status is NoteStatus.SIGNED,
        "history": [each for each in visits.timeline(actor, record.person.id, now=now) if each.encounter_id != encounter_id][:HISTORY_SHOWN],
        "note_form": _note_form(record),
        "addendum_form": AddendumForm(),
        "allergy_form": AllergyForm(substances=substances()),
        "lines": _lines(record),
        "searched": request.GET,
        "found_diagnoses": visits.search_diagnoses(request.GET.get("dx", "")),
        "found_labs": visits.search_orderables(request.GET["labs"], OrderKind.LAB) if "labs" in request.GET else [],
        "found_drugs": visits.search_orderables(request.GET["drugs"], OrderKind.DRUG) if "drugs" in request.GET else [],
    }
    context["owed_fen"] = sum(line["owed_fen"] for line in context["lines"])
    if request.GET.get("drug"):
        context |= _drug_line(visits.orderable(request.GET["drug"]))
    context |= typed
    status = refusal.status if refusal else 422 if any(getattr(form, "errors", None) for form in typed.values()) else 200
    return render(request, "doctor/visit.html", context, status=status)


def substances() -> list[tuple[str, str]]:
    """All allergens for a list to choose from."""
    return [(each.code, each.name) for each in visits.search_substances("", limit=200)]


def _note_form(record: EncounterRecord) -> NoteForm:
    note = record.note
    names = ("complaint", "history", "exam", "plan")
    return NoteForm(initial={name: getattr(note, name) for name in names} if note else {})


def _drug_line(drug: OrderableFacts) -> dict[str, Any]:
    usual = {"code": drug.code, "dose": drug.usual_dose, "route": drug.usual_route, "frequency": drug.usual_frequency, "days": 3, "quantity": 1}
    return {"drug": drug, "drug_form": DrugForm(initial=usual)}


def _lines(record: EncounterRecord) -> list[dict[str, Any]]:
    ids = [order.order_id for order in record.orders]
    charges = {
        charge.source_id: charge
        for kind in (SERVICE_REQUEST, MEDICATION_REQUEST)
        for charge in bills.facts_charges(source_kind=kind, source_ids=ids)
    }
    lines = []
    for order in record.orders:
        charge = charges.get(order.order_id)
        live = order.status in {OrderStatus.ACTIVE, OrderStatus.RELEASED}
        lines.append(
            {
                "order": order,
                "charge": charge,
                "owed_fen": charge.amount_fen if charge and charge.status is ChargeStatus.UNPAID else 0,
                "may_revoke": live,
            }
        )
    return lines
