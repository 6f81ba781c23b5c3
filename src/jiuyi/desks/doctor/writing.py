"""Writing: allergies and flags, the note, its signature and addenda, diagnoses, the end of the visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.doctor.encounter import page, substances
from jiuyi.desks.doctor.forms import AddendumForm, AllergyForm, FlagForm, NoteForm
from jiuyi.desks.doctor.frame import for_doctors
from jiuyi.desks.doctor.typed import Said, keep_note, visit_act
from jiuyi.desks.doctor.unsent import ALLERGY_FIELDS, CARRIED
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.actions import Allergy
from jiuyi.domains.encounters.words import Answer, FlagKind, NotSignedYet
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import consulting
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@require_POST
@for_doctors
def draft(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Keep the draft while it is being typed; answers with one line that says when."""
    del doctor
    note = keep_note(request, actor=actor, encounter_id=encounter_id)
    kept = note is not None and not note.errors
    return render(request, "doctor/saved.html", {"kept_at": clock.now() if kept else None, "note": note})


@visit_act(then="id_complaint")
def save(request: HttpRequest, **_: object) -> None:
    """保存草稿: the draft was kept on the way in."""
    messages.success(request, gettext("草稿已保存。"))


@visit_act()
def leave(request: HttpRequest, *, encounter_id: UUID, **_: object) -> HttpResponse:
    """Go on to another page of this visit; what was typed is kept."""
    pages = {
        "room": reverse("doctor:room"),
        "return": reverse("doctor:book_return", args=[encounter_id]) + "#slots",
        "pay": reverse("doctor:pay_here", args=[encounter_id]) + "#show",
    }
    if request.POST.get("to") not in pages:
        raise NotFound
    return redirect(pages[request.POST["to"]])


@visit_act(then="note")
def sign(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, note: NoteForm | None, **_: object) -> None:
    """Sign the note; sections that are missing are named at their fields."""
    if note is None:
        return
    try:
        # An empty note becomes a draft too, so that the refusal can name each missing section.
        note_id = note.note_id or encounters.save_note(actor=actor, now=clock.now(), encounter_id=encounter_id, **note.cleaned_data)
        encounters.sign_note(actor=actor, now=clock.now(), note_id=note_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        add_refusal(note, refusal)
        raise Said(page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, note_form=note)) from refusal
    messages.success(request, gettext("病历已签名。以后只能补充，不能修改。"))


@visit_act(uses=("addendum",), then="addenda")
def addendum(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, **_: object) -> None:
    """Add a word to a signed note, also after the visit."""
    form = AddendumForm(request.POST)
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    if record.note is None:
        raise NotSignedYet
    if form.is_valid():
        try:
            encounters.add_addendum(actor=actor, now=clock.now(), note_id=record.note.note_id, text=form.cleaned_data["addendum"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    if form.errors:
        raise Said(page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, addendum_form=form))


@visit_act(uses=ALLERGY_FIELDS, then="safety")
def allergies(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, **_: object) -> None:
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
    if form.errors:
        raise Said(page(request, actor=actor, doctor=doctor, encounter_id=encounter_id, allergy_form=form))


@visit_act(uses=("detail",), then="safety")
def flag(request: HttpRequest, *, actor: Actor, encounter_id: UUID, kind: str, **_: object) -> None:
    """Record what was answered about pregnancy or implants."""
    form = FlagForm(
        {"status": request.POST.get("answer", ""), "detail": request.POST.get("detail", "") if kind == FlagKind.IMPLANT else ""}
    )
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


@visit_act(uses=("dx", "search"), then="id_dx")
def diagnosis(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> None:
    """Add a diagnosis by its code."""
    encounters.add_diagnosis(actor=actor, now=clock.now(), encounter_id=encounter_id, code=request.POST.get("diagnosis", ""))


@visit_act(then="id_dx")
def primary(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> None:
    """Make a diagnosis of this visit the primary one."""
    encounters.add_diagnosis(actor=actor, now=clock.now(), encounter_id=encounter_id, code=request.POST.get("diagnosis", ""), primary=True)


@visit_act(then="id_dx")
def remove_diagnosis(request: HttpRequest, *, actor: Actor, condition_id: UUID, **_: object) -> None:
    """Take a diagnosis back."""
    del request
    encounters.remove_diagnosis(actor=actor, now=clock.now(), condition_id=condition_id)


@visit_act(uses=CARRIED)
def not_this_person(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> HttpResponse:
    """不是本人: undo the start."""
    consulting.not_this_person(actor=actor, now=clock.now(), encounter_id=encounter_id)
    messages.warning(request, gettext("已撤回：草稿作废，未付医嘱已撤销，票号回到原来的次序。"))
    return redirect(reverse("doctor:room") + "#next")


@visit_act(uses=CARRIED)
def finish(request: HttpRequest, *, actor: Actor, encounter_id: UUID, **_: object) -> HttpResponse:
    """End the visit; all that is missing is named at once."""
    del request
    consulting.finish(actor=actor, now=clock.now(), encounter_id=encounter_id)
    return redirect(reverse("doctor:room") + "#next")
