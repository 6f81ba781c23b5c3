"""From the timetable to sessions: first what would be made and what stands against it, then the word to do it."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jiuyi.desks.secretary.forms import UntilForm
from jiuyi.desks.secretary.frame import for_secretaries, frame, status_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.actions import generating
from jiuyi.domains.scheduling.words.planning import PlanOutcome
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date

USUAL_DAYS, MOST_DAYS = 28, 120


@for_secretaries
def generate(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Show every row with all its conflicts; POST makes the good ones and shows what became of each."""
    now = clock.now()
    today = service_date(now)
    usual = today + timedelta(days=USUAL_DAYS)
    asked = request.POST if request.method == "POST" else request.GET if "until" in request.GET else None
    form = UntilForm(asked, initial={"until": usual})
    until = usual
    if form.is_bound and form.is_valid():
        until = min(form.cleaned_data["until"], today + timedelta(days=MOST_DAYS))
        if request.method == "POST":
            return _do(request, actor, here, until)
    found = generating.preview_sessions(actor=actor, now=now, department_id=here.id, until=until)
    doctors = organizations.facts_practitioners({row.practitioner_id for row in found.rows})
    shown = [row for row in found.rows if row.outcome is not PlanOutcome.EXISTS]
    context = frame(request, here, current="generate") | {
        "form": form,
        "until": until,
        "rows": [(row, doctors[row.practitioner_id]) for row in shown],
        "new_count": len(found.of(PlanOutcome.NEW)),
        "conflict_count": len(found.of(PlanOutcome.CONFLICT)),
        "exists_count": len(found.of(PlanOutcome.EXISTS)),
    }
    return render(request, "secretary/generate.html", context, status=status_of(form))


def _do(request: HttpRequest, actor: Actor, here: DepartmentFacts, until: date) -> HttpResponse:
    made = generating.generate_sessions(actor=actor, now=clock.now(), department_id=here.id, until=until)
    done, refused = len(made.of(PlanOutcome.PUBLISHED)), len(made.of(PlanOutcome.CONFLICT))
    messages.success(request, gettext("已生成 %(count)s 个班次。") % {"count": done})
    if refused:
        messages.warning(request, gettext("%(count)s 个班次有冲突，没有生成，列在下面。") % {"count": refused})
        return redirect("secretary:generate")
    return redirect("secretary:week")
