"""What was forecast, what came, what is proposed: a person decides, and every number can be followed to its rows."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jiuyi.desks.secretary.chart import Chart, chart_of
from jiuyi.desks.secretary.frame import departments_of, for_secretaries, frame
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, PractitionerFacts
from jiuyi.domains.scheduling import queries
from jiuyi.domains.scheduling.actions import demand as acts
from jiuyi.domains.scheduling.queries import demand as reading
from jiuyi.domains.scheduling.words import SESSION_PUBLISH
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

DAYS_BACK, DAYS_AHEAD = timedelta(days=42), timedelta(days=7)
ACCEPT, DECLINE = "accept", "decline"


class DecisionForm(forms.Form):
    """Take the number (perhaps another than proposed), or leave the session as it is; always with a reason."""

    number = forms.IntegerField(
        label=_("改为多少个号"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("请填写号数。"), "invalid": _("请填写整数。")},
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        error_messages={"required": _("请填写理由，例如“下周有义诊”。"), "max_length": _("理由最多 200 个字。")},
    )


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal, its doctor, and the form to decide."""

    proposal: reading.ProposalFacts
    doctor: PractitionerFacts
    form: DecisionForm


@for_secretaries
def demand(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Open proposals, forecast against outcome and last week, and what was decided lately."""
    return _page(request, actor, here)


@require_POST
@for_secretaries
def decide(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, proposal_id: UUID) -> HttpResponse:
    """Write down what was decided; what was typed comes back when it cannot be done."""
    form = DecisionForm(request.POST, prefix=None)
    if form.is_valid():
        number = None if request.POST.get("decision") == DECLINE else form.cleaned_data["number"]
        try:
            acts.decide_proposal(actor=actor, now=clock.now(), proposal_id=proposal_id, capacity=number, reason=form.cleaned_data["reason"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已记录您的决定。"))
            return redirect("secretary:demand")
    return _page(request, actor, here, bound=(proposal_id, form))


@for_secretaries
def forecast(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, forecast_id: UUID) -> HttpResponse:
    """How one forecast was computed, number by number, and what came: by session."""
    found = reading.forecast(forecast_id)
    access.require(actor, SESSION_PUBLISH, found.department_id)
    now = clock.now()
    came = [each for each in reading.demand_of_half_days([found.department_id], found.day, found.day) if each.half_day is found.half_day]
    sums = queries.sums_of_sessions(now=now, department_id=found.department_id, first_day=found.day, last_day=found.day)
    context = frame(request, here, current="demand") | {
        "forecast": found,
        "department": organizations.department(found.department_id),
        "came": came[0] if came else None,
        "sessions": sums,
        "doctors": organizations.facts_practitioners({each.practitioner_id for each in sums}),
        "proposals": reading.proposals_of_forecast(forecast_id),
    }
    return render(request, "secretary/forecast.html", context)


def _page(request: HttpRequest, actor: Actor, here: DepartmentFacts, *, bound: tuple[UUID, DecisionForm] | None = None) -> HttpResponse:
    now = clock.now()
    today = service_date(now)
    found = reading.forecasts(here.id, today - DAYS_BACK, today + DAYS_AHEAD)
    proposals = reading.open_proposals([here.id], now)
    decided = reading.decided_proposals([here.id], limit=20)
    doctors = organizations.facts_practitioners({each.practitioner_id for each in [*proposals, *decided]})
    form = bound[1] if bound else None
    context = frame(request, here, current="demand") | {
        "departments": departments_of(actor),
        "rows": [ProposalRow(each, doctors[each.practitioner_id], _form_of(each, bound)) for each in proposals],
        "decided": [(each, doctors[each.practitioner_id]) for each in decided],
        "forecasts": list(reversed(found)),
        "error": reading.forecast_error(found),
        "chart": _chart(found),
        "form": form,
    }
    return render(request, "secretary/demand.html", context, status=422 if form is not None else 200)


def _form_of(proposal: reading.ProposalFacts, bound: tuple[UUID, DecisionForm] | None) -> DecisionForm:
    if bound and bound[0] == proposal.proposal_id:
        return bound[1]
    return DecisionForm(initial={"number": proposal.proposed}, auto_id=f"id_{proposal.proposal_id}_%s")


def _chart(found: list[reading.ForecastFacts]) -> Chart | None:
    shown = found[-30:]
    lines = (
        (gettext("实际"), "actual", [each.actual for each in shown]),
        (gettext("预测"), "expected", [each.expected for each in shown]),
        (gettext("上周同日"), "last-week", [each.last_week for each in shown]),
    )
    return chart_of([each.day for each in shown], lines) if len(shown) > 1 else None
