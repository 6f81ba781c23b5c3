"""Writing: allergies and flags, the note, its signature and addenda, diagnoses."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from jiuyi.desks.doctor.encounter import page, substances
from jiuyi.desks.doctor.forms import AddendumForm, AllergyForm, FlagForm, NoteForm
from jiuyi.desks.doctor.frame import for_doctors
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import Allergy, Answer, FlagKind
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@require_POST
@for_doctors
def allergies(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Record what was answered about allergies."""
    form = AllergyForm(request.POST, substances=substances())
    if form.is_valid():
        typed = form.cleaned_data
        told = [Allergy(substance_code=typed["substance"], reaction=typed["reaction"])] if typed["substance"] else []
        try:
            encounters.record_allergy_status(
                actor=actor, now=clock.now(), encounter_id=encounter_id, status=Answer(typed["status"]), allergies=told
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("doctor:visit", encounter_id=encounter_id)
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, allergy_form=form)


@require_POST
@for_doctors
def flag(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, kind: str) -> HttpResponse:
    """Record what was answered about pregnancy or implants."""
    del doctor
    form = FlagForm(request.POST)
    if kind not in set(FlagKind) or not form.is_valid():
        raise NotFound
    encounters.record_flag(
        actor=actor,
        now=clock.now(),
        encounter_id=encounter_id,
        kind=FlagKind(kind),
        status=Answer(form.cleaned_data["status"]),
        detail=form.cleaned_data["detail"],
    )
    return redirect("doctor:visit", encounter_id=encounter_id)


@require_POST
@for_doctors
def note(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Keep the draft, and sign it when the button says so."""
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            note_id = encounters.save_note(actor=actor, now=clock.now(), encounter_id=encounter_id, **form.cleaned_data)
            if request.POST.get("act") == "sign":
                encounters.sign_note(actor=actor, now=clock.now(), note_id=note_id)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("doctor:visit", encounter_id=encounter_id)
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, note_form=form)


@require_POST
@for_doctors
def addendum(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Add a word to a signed note."""
    form = AddendumForm(request.POST)
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    if form.is_valid() and record.note is not None:
        try:
            encounters.add_addendum(actor=actor, now=clock.now(), note_id=record.note.note_id, text=form.cleaned_data["addendum"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("doctor:visit", encounter_id=encounter_id)
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, addendum_form=form)


@require_POST
@for_doctors
def diagnosis(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Add a diagnosis by its code."""
    try:
        encounters.add_diagnosis(actor=actor, now=clock.now(), encounter_id=encounter_id, code=request.POST.get("code", ""))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:visit", encounter_id=encounter_id)


@for_doctors
def found_diagnoses(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """What fits the typed letters, for the search that answers while typing."""
    del actor, doctor
    found = visits.search_diagnoses(request.GET.get("dx", ""))
    return render(request, "doctor/found_diagnoses.html", {"found_diagnoses": found, "encounter_id": encounter_id, "searched": request.GET})


@require_POST
@for_doctors
def remove_diagnosis(
    request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, condition_id: UUID
) -> HttpResponse:
    """Take a diagnosis back."""
    try:
        encounters.remove_diagnosis(actor=actor, now=clock.now(), condition_id=condition_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, refusal=refusal)
    return redirect("doctor:visit", encounter_id=encounter_id)
