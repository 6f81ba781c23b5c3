"""More or fewer places in one session: what is free, what is booked, and what the change would have to leave alone."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.secretary.frame import for_secretaries, frame, status_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling import queries
from jiuyi.domains.scheduling.actions import capacity as acts
from jiuyi.domains.scheduling.queries import timetable as reading
from jiuyi.domains.scheduling.words import SESSION_PUBLISH
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

TOTAL, EACH = "total", "each"


class CapacityForm(forms.Form):
    """A new total, or so many more in each window."""

    change = forms.ChoiceField(
        label=_("怎样改"),
        choices=((TOTAL, _("班次的总号数改为")), (EACH, _("还没过的每个时段各加"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择怎样改。"), "invalid_choice": _("请选择怎样改。")},
    )
    number = forms.IntegerField(
        label=_("多少个"),
        min_value=0,
        max_value=acts.MOST_PLACES,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("请填写号数。"),
            "invalid": _("请填写整数。"),
            "min_value": _("请填写 0 或更大的整数。"),
            "max_value": _("一个班次最多 500 个号。"),
        },
    )


@for_secretaries
def capacity(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, session_id: UUID) -> HttpResponse:
    """Show each window, and raise or lower; a refusal says how many can go and what needs another place first."""
    now = clock.now()
    cell = reading.session_cell(session_id, now=now)
    access.require(actor, SESSION_PUBLISH, cell.department_id)
    form = CapacityForm(request.POST or None, initial={"change": TOTAL, "number": cell.sums.capacity})
    if request.method == "POST":
        form = CapacityForm(request.POST)
        if form.is_valid():
            try:
                changed = _change(actor, session_id, form.cleaned_data["change"], form.cleaned_data["number"])
            except (NotFound, NotAllowed):
                raise
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(
                    request, gettext("号数由 %(before)s 改为 %(after)s。") % {"before": changed.before, "after": changed.after}
                )
                return redirect("secretary:capacity", session_id=session_id)
    context = frame(request, here) | {
        "cell": cell,
        "doctor": organizations.practitioner(cell.practitioner_id),
        "taken": cell.sums.held + cell.sums.booked + cell.sums.used,
        "windows": queries.windows_of_session(session_id, now),
        "form": form,
    }
    return render(request, "secretary/capacity.html", context, status=status_of(form))


def _change(actor: Actor, session_id: UUID, change: str, number: int) -> acts.CapacityChange:
    if change == EACH:
        return acts.raise_session(actor=actor, now=clock.now(), session_id=session_id, per_window=number)
    return acts.set_capacity(actor=actor, now=clock.now(), session_id=session_id, to_capacity=number)
