"""The words by which somebody says that a missed visit should not count."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.patient.absence import absence_of
from jiuyi.desks.patient.appointments import Shown
from jiuyi.desks.patient.forms import posted
from jiuyi.desks.patient.guard import signed_in
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import my_bookings
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


class AppealForm(forms.Form):
    """What happened that day."""

    words = forms.CharField(
        label=_("请写明当天的情况"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": conduct.WORDS_NEEDED, "max_length": _("最多 500 字，请写得短一些。")},
    )


@signed_in
def appeal(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Ask what happened, and pass it on to somebody who decides."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    form = AppealForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            conduct.submit_appeal(actor=actor, now=now, appointment_id=appointment_id, words=form.cleaned_data["words"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("申诉已收到，工作人员处理后会告诉您。不用再做别的。"))
            return redirect("patient:appointment", appointment_id=appointment_id)
    context = {"form": form, "booking": Shown(record, now=now), "absence": absence_of(record.facts, now=now)}
    return render(request, "patient/appeal.html", context, status=422 if form.errors else 200)
