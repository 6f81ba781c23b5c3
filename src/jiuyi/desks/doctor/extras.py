"""加号 from the doctor's room: who, why, whether urgent; and the list of what was given today."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.doctor.elsewhere import tabs_of
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries.extras import facts_extras
from jiuyi.domains.scheduling.words import BookingMode, SessionStatus
from jiuyi.domains.scheduling.words.extras import ExtraReason
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import rooms
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import day_text, window_text
from jiuyi.kit.refusals import add_refusal

DAYS_AHEAD = 14


class ExtraForm(forms.Form):
    """Which clinic, why, and whether it cannot wait."""

    session = forms.ChoiceField(label=_("加在哪个班次"), error_messages={"required": _("请选择班次。")})
    reason = forms.ChoiceField(label=_("为什么加号"), error_messages={"required": _("请选择加号原因。")})
    urgent = forms.BooleanField(label=_("病情急，现在这个时段就看"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, sessions: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        reasons = [("", gettext("请选择")), *((each.value, gettext(each.label)) for each in ExtraReason)]
        for name, choices in (("session", sessions), ("reason", reasons)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
            field.choices = choices


@for_doctors
def extra(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """Give the patient of this visit a place beyond the capacity of one of the doctor's clinics."""
    now = clock.now()
    record = visits.open_encounter(actor, encounter_id, now=now)
    ahead = schedule.sessions_ahead(record.encounter.department_id, doctor.id, service_date(now), DAYS_AHEAD, now)
    sessions = [
        (str(each.session_id), f"{day_text(each.starts_at)} {window_text(each.starts_at, each.ends_at)}")
        for each in ahead
        if each.status is SessionStatus.OPEN
    ]
    posted = request.POST if request.method == "POST" else None
    form = ExtraForm(posted, sessions=sessions, initial={"key": new_id()})
    if posted is not None and form.is_valid():
        try:
            given = rooms.give_extra(
                actor=actor,
                now=now,
                session_id=UUID(form.cleaned_data["session"]),
                person_id=record.person.id,
                reason=ExtraReason(form.cleaned_data["reason"]),
                urgent=form.cleaned_data["urgent"],
                idempotency_key=form.cleaned_data["key"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            when = f"{day_text(given.window_start)} {window_text(given.window_start, given.window_end)}"
            messages.success(request, gettext("已加号：%(when)s。患者付费后凭证签到。") % {"when": when})
            return redirect("doctor:extra", encounter_id=encounter_id)
    context = frame(doctor) | {
        "record": record,
        "form": form,
        "given": [_session_row(UUID(value), words) for value, words in sessions],
        "may": bool(sessions),
        "tabs": tabs_of(encounter_id),
        "mode": BookingMode.EXTRA,
        "visit_url": reverse("doctor:visit", args=[encounter_id]),
    }
    return render(request, "doctor/extra.html", context, status=422 if form.errors else 200)


def _session_row(session_id: UUID, words: str) -> dict[str, Any]:
    found = facts_extras(session_id, now=clock.now())
    rows = [{"row": each, "name": people.facts_person(each.appointment.person_id).name} for each in found.rows]
    return {"words": words, "found": found, "rows": rows}
