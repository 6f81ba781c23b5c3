"""Booking patterns that look like resale: counts and ids, looked at and judged by a person; a machine blocks nobody."""

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
from jiuyi.domains.scheduling.actions import reviewing
from jiuyi.domains.scheduling.queries import conduct as standing
from jiuyi.domains.scheduling.words import REVIEW_DECIDE, ReviewState
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kit.refusals import add_refusal

PER_PAGE = 25
SUBJECTS = {"account": gettext_noop("账号"), "device": gettext_noop("手机或电脑")}
EVIDENCE = {
    "patients": gettext_noop("就诊人数"),
    "days": gettext_noop("最近天数"),
    "times": gettext_noop("次数"),
    "accounts": gettext_noop("账号"),
    "appointments": gettext_noop("预约"),
    "pairs": gettext_noop("退号与再约"),
}


class JudgementForm(forms.Form):
    """What the pattern was, and why."""

    state = forms.ChoiceField(label=_("核查结果"), widget=forms.RadioSelect, error_messages={"required": _("请选择核查结果。")})
    reason = forms.CharField(
        label=_("依据"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": reviewing.REASON_NEEDED, "max_length": _("最多 200 字，请写得短一些。")},
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)  # noqa: S101  # narrows the type
        state.choices = [(each.value, gettext(each.label)) for each in (ReviewState.CLEARED, ReviewState.CONFIRMED)]


@for_deciders(REVIEW_DECIDE)
def cases(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The patterns, the open ones first."""
    page = Paginator(standing.review_cases(actor), PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"case": each, "subject": _subject(each), "evidence": _evidence(each)} for each in page]
    return render(request, "conduct/cases.html", frame(request, actor, current="cases") | {"page": page, "lines": lines})


@for_deciders(REVIEW_DECIDE)
def case(request: HttpRequest, *, actor: Actor, case_id: UUID) -> HttpResponse:
    """One pattern with its evidence, and what somebody found out."""
    found = standing.review_case(actor, case_id)
    form = JudgementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        state = ReviewState(form.cleaned_data["state"])
        try:
            reviewing.judge_case(actor=actor, now=clock.now(), case_id=case_id, state=state, reason=form.cleaned_data["reason"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已记下核查结果。"))
            return redirect("conduct:cases")
    context = frame(request, actor, current="") | {
        "case": found,
        "subject": _subject(found),
        "evidence": _evidence(found),
        "form": form,
    }
    return render(request, "conduct/case.html", context, status=422 if form.errors else 200)


def _subject(found: standing.CaseFacts) -> str:
    """The kind and the last characters of the id: enough to tell two apart, no number to copy."""
    return f"{gettext(SUBJECTS[found.subject_kind])} …{found.subject_id[-8:]}"


def _evidence(found: standing.CaseFacts) -> list[tuple[str, str]]:
    return [
        (gettext(EVIDENCE[name]), gettext("、").join(f"…{each[-8:]}" for each in value) if isinstance(value, list) else str(value))
        for name, value in found.evidence.items()
        if name in EVIDENCE
    ]
