"""Days without the standing timetable, and days that are worked or not by decision."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.secretary.forms import AwayForm, DayForm
from jiuyi.desks.secretary.frame import for_secretaries, frame, status_of
from jiuyi.desks.secretary.timetable import tell_cleared
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.actions import timetable
from jiuyi.domains.scheduling.queries import timetable as reading
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

CALENDAR_DAYS = 42


@for_secretaries
def away(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Who is away when, and a form for more; what nobody had booked comes off the schedule at once."""
    now = clock.now()
    form = AwayForm(request.POST if request.method == "POST" else None, here=here, initial={"kind": "leave"})
    if request.method == "POST" and form.is_valid():
        try:
            cleared = timetable.add_exception(actor=actor, now=now, department_id=here.id, **form.cleaned_data)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            tell_cleared(request, cleared)
            return redirect("secretary:away")
    doctors = {each.id: each for each in organizations.practitioners(here.id)}
    rows = [
        (row, doctors.get(row.practitioner_id) if row.practitioner_id else None)
        for row in reading.exceptions(here.id, list(doctors), from_=service_date(now))
    ]
    context = frame(request, here, current="away") | {"form": form, "rows": rows}
    return render(request, "secretary/away.html", context, status=status_of(form))


@require_POST
@for_secretaries
def end(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, exception_id: UUID) -> HttpResponse:
    """Let the standing timetable apply again."""
    timetable.remove_exception(actor=actor, now=clock.now(), exception_id=exception_id, department_id=here.id)
    messages.success(request, gettext("已取消。撤下的班次请到“生成班次”里重新生成。"))
    return redirect("secretary:away")


@for_secretaries
def calendar(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Six weeks of worked days, weekends and holidays, and a form to decide otherwise."""
    now = clock.now()
    today = service_date(now)
    form = DayForm(request.POST if request.method == "POST" else None, initial={"day": today})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        timetable.decide_day(actor=actor, now=now, day=given["day"], working=form.working(), note=given["note"])
        messages.success(request, gettext("已保存。新的安排在下次生成班次时生效。"))
        return redirect("secretary:calendar")
    monday = today - timedelta(days=today.weekday())
    days = reading.calendar_days(monday, CALENDAR_DAYS)
    weeks = [days[start : start + 7] for start in range(0, CALENDAR_DAYS, 7)]
    context = frame(request, here, current="calendar") | {"form": form, "weeks": weeks, "today": today}
    return render(request, "secretary/calendar.html", context, status=status_of(form))
