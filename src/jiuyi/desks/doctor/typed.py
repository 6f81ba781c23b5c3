"""Nothing typed is lost: every button of the visit's page sends the whole page, and every act first keeps what came with it.

The note goes into its draft. What no department keeps yet (a half-written line of a prescription, a search text) waits in
the doctor's session until it is used or the visit ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from jiuyi.desks.doctor.encounter import page
from jiuyi.desks.doctor.forms import NoteForm
from jiuyi.desks.doctor.frame import for_doctors
from jiuyi.desks.doctor.unsent import CARRIED, remember
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

NOTE_SENT: Final = "note_sent"  # the page had a note to write
DRAFT_KEPT: Final = "draft_kept"  # the page knew of a draft, so an emptied note is meant


class Said(Exception):  # noqa: N818  # an answer, not an error
    """The act answers with this response; what was typed stays as it came."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


@dataclass(frozen=True, slots=True)
class Carry:
    """The act's answer when it fills or empties fields of the page that follows, and where to stand there."""

    fields: dict[str, str]
    place: str


def visit_act(*, uses: tuple[str, ...] = (), then: str = "") -> Callable[[Callable[..., Any]], Callable[..., HttpResponse]]:
    """A button of the visit's page: keep the draft, then act, then the page again at ``then`` (an id on the page).

    ``uses`` are the fields that a successful act has used up; all others are typed in the page that follows. The act returns
    None, another id to stand at, fields to carry, or a response. A refusal shows the page as it was typed;
    ``not_found`` and ``not_allowed`` go on to the audit.
    """

    def decorate(act: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @for_doctors
        @wraps(act)
        def acting(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, **arguments: Any) -> HttpResponse:
            if request.method != "POST":  # the address of a refused form, opened again
                return redirect("doctor:visit", encounter_id=encounter_id)
            shown: dict[str, Any] = {"actor": actor, "doctor": doctor, "encounter_id": encounter_id}
            note = keep_note(request, actor=actor, encounter_id=encounter_id)
            if note is not None and note.errors:
                return page(request, **shown, note_form=note)
            try:
                answer = act(request, actor=actor, doctor=doctor, encounter_id=encounter_id, note=note, **arguments)
            except (NotFound, NotAllowed):
                raise
            except Said as said:
                return said.response
            except Refusal as refusal:
                return page(request, **shown, refusal=refusal)
            kept = {name: request.POST[name] for name in CARRIED if name in request.POST and name not in uses}
            if isinstance(answer, Carry):
                kept, answer = kept | answer.fields, answer.place
            remember(request, encounter_id, kept)
            if isinstance(answer, HttpResponse):
                return answer
            place = answer or then
            return redirect(reverse("doctor:visit", args=[encounter_id]) + (f"#{place}" if place else ""))

        return acting

    return decorate


def keep_note(request: HttpRequest, *, actor: Actor, encounter_id: UUID) -> NoteForm | None:
    """Save the draft that came with a form. Returns the form if it came (with errors if it could not be kept), else None."""
    if NOTE_SENT not in request.POST:
        return None
    form = NoteForm(request.POST)
    if not form.is_valid():
        return form
    if any(text.strip() for text in form.cleaned_data.values()) or request.POST.get(DRAFT_KEPT):
        try:
            form.note_id = encounters.save_note(actor=actor, now=clock.now(), encounter_id=encounter_id, **form.cleaned_data)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    return form
