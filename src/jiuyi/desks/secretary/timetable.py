"""The standing clinics of a department: list, add, change from a day on, end."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from jiuyi.desks.secretary.forms import WEEKDAYS, TemplateForm, day_or, minute_of, time_of
from jiuyi.desks.secretary.frame import for_secretaries, frame, status_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.actions import timetable
from jiuyi.domains.scheduling.actions.timetable import Cleared, NewTemplate
from jiuyi.domains.scheduling.queries import timetable as reading
from jiuyi.domains.scheduling.queries.timetable import TemplateFacts
from jiuyi.domains.scheduling.words import SESSION_PUBLISH
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

_A_DAY = timedelta(days=1)


@for_secretaries
def templates(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:  # every page of the desk takes both
    """The standing clinics by weekday."""
    rows = reading.templates(here.id, on=service_date(clock.now()))
    doctors = organizations.facts_practitioners({row.practitioner_id for row in rows})
    rooms = organizations.facts_rooms({row.room_id for row in rows if row.room_id})
    shown = [
        (WEEKDAYS[row.weekday], row, doctors[row.practitioner_id], rooms.get(row.room_id) if row.room_id else None, *_hours(row))
        for row in rows
    ]
    return render(request, "secretary/templates.html", frame(request, here, current="templates") | {"rows": shown})


@for_secretaries
def add(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Enter a standing clinic; everything against it is shown at once."""
    now = clock.now()
    initial = {"valid_from": service_date(now), "rhythm": "every", "number_class": "ordinary", "per_window": 3}
    form = TemplateForm(request.POST if request.method == "POST" else None, here=here, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            timetable.add_template(actor=actor, now=now, template=_typed(form, here))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("固定班次已加上。请到“生成班次”里生成。"))
            return redirect("secretary:templates")
    context = frame(request, here, current="templates") | {"form": form, "template": None}
    return render(request, "secretary/template.html", context, status=status_of(form))


@for_secretaries
def change(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, template_id: UUID) -> HttpResponse:
    """Let a standing clinic be another one from a day on."""
    now = clock.now()
    row = reading.template(template_id)
    access.require(actor, SESSION_PUBLISH, row.department_id)
    here = organizations.department(row.department_id)
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        here=here,
        initial=_initial(row, max(row.valid_from, service_date(now) + _A_DAY)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = timetable.change_template(
                actor=actor, now=now, template_id=template_id, from_day=form.cleaned_data["valid_from"], template=_typed(form, here)
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            tell_cleared(request, changed)
            return redirect("secretary:templates")
    context = frame(request, here, current="templates") | {"form": form, "template": row}
    return render(request, "secretary/template.html", context, status=status_of(form))


@require_POST
@for_secretaries
def end(
    request: HttpRequest, *, actor: Actor, here: DepartmentFacts, template_id: UUID
) -> HttpResponse:  # the template says where it stands
    """End a standing clinic after a day, today unless another is typed."""
    now = clock.now()
    last_day = day_or(request.POST.get("last_day", ""), service_date(now))
    tell_cleared(request, timetable.end_template(actor=actor, now=now, template_id=template_id, last_day=last_day))
    return redirect("secretary:templates")


def tell_cleared(request: HttpRequest, cleared: Cleared) -> None:
    """Say what became of the sessions: gone where nobody had booked, and how many wait for a decision."""
    done = gettext("已保存，撤下没有人约的班次 %(count)s 个。") % {"count": len(cleared.withdrawn)}
    messages.success(request, done)
    if cleared.still_booked:
        count = len(cleared.still_booked)
        text = ngettext(
            "还有 %(count)s 个班次已有人约，没有动。请在“一周班次”里逐个停诊、替诊或改约。",
            "还有 %(count)s 个班次已有人约，没有动。请在“一周班次”里逐个停诊、替诊或改约。",
            count,
        )
        messages.warning(request, text % {"count": count})


def _typed(form: TemplateForm, here: DepartmentFacts) -> NewTemplate:
    given = form.cleaned_data
    return NewTemplate(
        practitioner_id=given["practitioner_id"],
        department_id=here.id,
        room_id=given["room_id"],
        weekday=given["weekday"],
        rhythm=given["rhythm"],
        start_minute=minute_of(given["start_minute"]),
        end_minute=minute_of(given["end_minute"]),
        number_class=given["number_class"],
        per_window=given["per_window"],
        slot_minutes=given["slot_minutes"],
        valid_from=given["valid_from"],
        valid_until=given["last_day"] + _A_DAY if given["last_day"] else None,
    )


def _initial(row: TemplateFacts, from_day: object) -> dict[str, object]:
    start, end_at = _hours(row)
    return {
        "practitioner_id": row.practitioner_id,
        "weekday": row.weekday,
        "rhythm": row.rhythm.value,
        "start_minute": start,
        "end_minute": end_at,
        "room_id": row.room_id or "",
        "number_class": row.number_class.value,
        "per_window": row.per_window,
        "slot_minutes": row.slot_minutes,
        "valid_from": from_day,
        "last_day": row.last_day,
    }


def _hours(row: TemplateFacts) -> tuple[object, object]:
    return time_of(row.start_minute), time_of(row.end_minute)
