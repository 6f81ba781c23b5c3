"""One visit on one screen: who it is, what must not be overlooked, the note, diagnoses, orders and their money."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jiuyi.desks.doctor.forms import AddendumForm, AllergyForm, DrugForm, NoteForm
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.desks.doctor.lines import lines_of, owed_fen, version_of
from jiuyi.desks.doctor.unsent import ALLERGY_FIELDS, DRUG_FIELDS, SEARCHES, recalled
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.queries import EncounterRecord, FlagFacts
from jiuyi.domains.encounters.words import Answer, EncounterStatus, FlagKind, NoteStatus, OrderKind
from jiuyi.domains.identity.queries import PersonRecord
from jiuyi.domains.identity.words import Sex
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import Refusal

HISTORY_SHOWN: Final = 6
PREGNANCY_YEARS: Final = range(10, 61)
FOUND_SHOWN: Final = 8


@for_doctors
def visit(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """The visit; also a finished one, for reading and for a later word."""
    return page(request, actor=actor, doctor=doctor, encounter_id=encounter_id)


def page(
    request: HttpRequest,
    *,
    actor: Actor,
    doctor: PractitionerFacts,
    encounter_id: UUID,
    refusal: Refusal | None = None,
    **typed: Any,
) -> HttpResponse:
    """The visit's page with everything that was typed; a refusal or a form with errors (``note_form``, ``drug_form`` …) is shown."""
    now = clock.now()
    record = visits.open_encounter(actor, encounter_id, now=now)
    unsent = recalled(request, encounter_id)
    signed = record.note is not None and record.note.status is NoteStatus.SIGNED
    lines = lines_of(record.orders)
    context = frame(doctor) | {
        "record": record,
        "visit": record.encounter,
        "refusal": refusal,
        "running": record.encounter.status is EncounterStatus.IN_PROGRESS and record.encounter.practitioner_id == doctor.id,
        "signed": signed,
        "written": _written(record) if signed else [],
        "today": service_date(now),
        "flags": [flag for flag in record.flags if _concerns(flag, record.person, service_date(now))],
        "history": [each for each in visits.timeline(actor, record.person.id, now=now) if each.encounter_id != encounter_id][
            :HISTORY_SHOWN
        ],
        "note_form": _note_form(request, record, signed=signed),
        "addendum_form": AddendumForm(initial={"addendum": unsent.get("addendum", "")}),
        "allergy_form": AllergyForm(substances=substances(), initial={name: unsent.get(name, "") for name in ALLERGY_FIELDS}),
        "flag_detail": unsent.get("detail", ""),
        "lines": lines,
        "version": version_of(lines),
        "owed_fen": owed_fen(lines),
    }
    context["unasked"] = record.allergies.status is Answer.NOT_ASKED or any(flag.status is Answer.NOT_ASKED for flag in context["flags"])
    context |= {
        kind: {
            "text": unsent.get(kind, ""),
            "hits": found(kind, unsent.get(kind, "")) if unsent.get("search") == kind else [],
            "asked": unsent.get("search") == kind,
        }
        for kind in SEARCHES
    }
    if unsent.get("code"):
        context |= drug_line(unsent)
    context |= typed
    context["form"] = next((form for form in typed.values() if getattr(form, "errors", None)), None)
    status = refusal.status if refusal else 422 if context["form"] else 200
    return render(request, "doctor/visit.html", context, status=status)


def found(kind: str, text: str) -> list[Any]:
    """What fits a search text: ``dx``, ``labs`` or ``drugs``; nothing for no text."""
    if not text.strip():
        return []
    if kind == "dx":
        return list(visits.search_diagnoses(text, limit=FOUND_SHOWN))
    return list(visits.search_orderables(text, OrderKind.LAB if kind == "labs" else OrderKind.DRUG, limit=FOUND_SHOWN))


def drug_line(unsent: dict[str, str]) -> dict[str, Any]:
    """The form of one drug: what is usual for it, and over that what was typed."""
    drug = visits.orderable(unsent["code"])
    usual = {
        "code": drug.code,
        "dose": drug.usual_dose,
        "route": drug.usual_route,
        "frequency": drug.usual_frequency,
        "days": 3,
        "quantity": 1,
    }
    return {"drug": drug, "drug_form": DrugForm(initial=usual | {name: unsent[name] for name in DRUG_FIELDS if name in unsent})}


def substances() -> list[tuple[str, str]]:
    """All allergens for a list to choose from."""
    return [(each.code, each.name) for each in visits.search_substances("", limit=200)]


def visit_url(encounter_id: UUID, place: str = "") -> str:
    """The address of a visit, at an id of its page."""
    return reverse("doctor:visit", args=[encounter_id]) + (f"#{place}" if place else "")


def _note_form(request: HttpRequest, record: EncounterRecord, *, signed: bool) -> NoteForm:
    names = ("complaint", "history", "exam", "plan")
    if request.method == "POST" and "note_sent" in request.POST:
        return NoteForm(initial={name: request.POST.get(name, "") for name in names})
    note = record.note
    return NoteForm(initial={name: getattr(note, name) for name in names} if note and not signed else {})


def _written(record: EncounterRecord) -> list[tuple[str, str]]:
    """The signed sections that have a text, under their names."""
    return [(str(field.label), text) for name, field in NoteForm().fields.items() if (text := getattr(record.note, name, ""))]


def _concerns(flag: FlagFacts, person: PersonRecord, today: date) -> bool:
    """Pregnancy is asked of women from 10 to 60 and of whoever's sex or age nobody knows; a *yes* on record is always shown."""
    if flag.kind is not FlagKind.PREGNANCY or flag.status is Answer.PRESENT:
        return True
    if person.sex is Sex.MALE:
        return False
    born = person.birth_date
    return born is None or today.year - born.year - ((today.month, today.day) < (born.month, born.day)) in PREGNANCY_YEARS
