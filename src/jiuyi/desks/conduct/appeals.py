"""Appeals about missed visits: the open ones first; each is decided by a person, with an answer that the patient reads."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.conduct.frame import for_deciders, frame
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.domains.scheduling.queries import conduct as standing
from jiuyi.domains.scheduling.words import APPEAL_DECIDE, AppealState
from jiuyi.domains.scheduling.words.conduct import AppealAct
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

PER_PAGE = 25


class DecisionForm(forms.Form):
    """Accepted or not, why, and the state that the decision was made upon."""

    act = forms.ChoiceField(label=_("决定"), widget=forms.RadioSelect, error_messages={"required": _("请选择申诉是否成立。")})
    answer = forms.CharField(
        label=_("给患者的答复"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": conduct.ANSWER_NEEDED, "max_length": _("最多 500 字，请写得短一些。")},
    )
    seen = forms.ChoiceField(widget=forms.HiddenInput, choices=[(state.value, state.value) for state in AppealState])

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        act = self.fields["act"]
        assert isinstance(act, forms.ChoiceField)  # noqa: S101  # narrows the type
        act.choices = [(each.value, gettext(each.label)) for each in AppealAct]


@for_deciders(APPEAL_DECIDE)
def appeals(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The appeals of the institutions where the actor decides."""
    page = Paginator(standing.appeals(actor), PER_PAGE).get_page(request.GET.get("page"))
    persons = people.facts_people({each.appointment.person_id for each in page})
    context = frame(request, actor, current="appeals") | {
        "page": page,
        "lines": [{"appeal": each, "name": persons[each.appointment.person_id].masked_name} for each in page],
    }
    return render(request, "conduct/appeals.html", context)


@for_deciders(APPEAL_DECIDE)
def appeal(request: HttpRequest, *, actor: Actor, appeal_id: UUID) -> HttpResponse:
    """One appeal, with what stands about the person; decided here, for the first time or anew."""
    now = clock.now()
    found = standing.open_appeal(actor, appeal_id)
    form = DecisionForm(request.POST if request.method == "POST" else None, initial={"seen": found.state.value})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            conduct.decide_appeal(
                actor=actor,
                now=now,
                appeal_id=appeal_id,
                act=AppealAct(typed["act"]),
                answer=typed["answer"],
                seen=AppealState(typed["seen"]),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已处理，答复会告诉患者。"))
            return redirect("conduct:appeals")
    visit = found.appointment
    person = people.facts_person(visit.person_id)
    context = frame(request, actor, current="") | {
        "appeal": found,
        "form": form,
        "person": person,
        "years": person.years(visit.service_date),
        "department": organizations.department(visit.department_id),
        "doctor": organizations.practitioner(visit.practitioner_id),
        "standing": standing.facts_conduct(visit.person_id, organization_id=visit.organization_id, now=now),
        "delayed": standing.was_delayed(visit),
    }
    return render(request, "conduct/appeal.html", context, status=422 if form.errors else 200)
