"""A changed appointment: what happened, and the patient's choice (停诊、替诊、延诊、换诊室)."""

from datetime import UTC, datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.changes import ShownChange, doctor_names, shown_change, window_words
from jiuyi.desks.patient.forms import posted
from jiuyi.desks.patient.guard import signed_in
from jiuyi.domains.scheduling.words import ChangeChoice
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import changing, my_bookings
from jiuyi.journeys.changing import Alternative
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import money_text
from jiuyi.kit.refusals import add_refusal


class ChoiceForm(forms.Form):
    """One of the choices that this change offers."""

    choice = forms.ChoiceField(label=_("您想怎么办？"), widget=forms.RadioSelect, error_messages={"required": _("请选一个办法。")})

    def __init__(self, *args: object, choices: tuple[tuple[str, str], ...], **extra: object) -> None:
        super().__init__(*args, **extra)  # type: ignore[arg-type]
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """One of the free windows."""

    slot = forms.ChoiceField(label=_("改到什么时候？"), widget=forms.RadioSelect, error_messages={"required": _("请选一个时间。")})

    def __init__(self, *args: object, windows: list[Alternative], **extra: object) -> None:
        super().__init__(*args, **extra)  # type: ignore[arg-type]
        names = doctor_names({each.practitioner_id for each in windows})
        words = gettext("%(when)s %(doctor)s医生")
        self.fields["slot"].choices = [  # type: ignore[attr-defined]
            (_slot(each), words % {"when": window_words(each.start, each.end), "doctor": names[each.practitioner_id]}) for each in windows
        ]


@signed_in
def change(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """What happened to the visit, and the choices; whoever opens this is known to know."""
    now = clock.now()
    shown = _shown(actor, appointment_id, now=now)
    form = ChoiceForm(posted(request), choices=shown.choices)
    if request.method == "POST" and form.is_valid():
        choice = ChangeChoice(form.cleaned_data["choice"])
        if choice is ChangeChoice.MOVE:
            return redirect("patient:change_move", appointment_id=appointment_id)
        try:
            chosen = changing.choose(actor=actor, now=now, notice_id=shown.notice.notice_id, choice=choice)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, done_words(chosen))
            return redirect("patient:appointment", appointment_id=appointment_id)
    context = {"shown": shown, "form": form, "booking": my_bookings.one(actor, appointment_id, now=now)}
    return render(request, "patient/change.html", context, status=422 if form.errors else 200)


@signed_in
def move(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """When instead: free windows of the same department and class, the soonest first."""
    now = clock.now()
    shown = _shown(actor, appointment_id, now=now)
    if ChangeChoice.MOVE.value not in dict(shown.choices):
        return redirect("patient:change", appointment_id=appointment_id)
    windows = changing.alternatives(shown.notice, now=now)
    form = MoveForm(posted(request), windows=windows)
    if request.method == "POST" and form.is_valid():
        session_id, start = _parsed(form.cleaned_data["slot"])
        try:
            chosen = changing.choose(
                actor=actor,
                now=now,
                notice_id=shown.notice.notice_id,
                choice=ChangeChoice.MOVE,
                session_id=session_id,
                window_start=start,
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, done_words(chosen))
            return redirect("patient:appointment", appointment_id=appointment_id)
    context = {"shown": shown, "form": form, "windows": windows, "appointment_id": appointment_id}
    return render(request, "patient/change_move.html", context, status=422 if form.errors else 200)


def done_words(chosen: changing.Chosen) -> str:
    """What a choice did, in one sentence."""
    if chosen.choice is ChangeChoice.REFUND:
        if chosen.refunded_fen:
            return gettext("已退号，%(amount)s 会退回原来的支付方式，不算退号次数。") % {"amount": money_text(chosen.refunded_fen)}
        return gettext("已退号，没有扣款，不算退号次数。")
    if chosen.choice is ChangeChoice.KEEP:
        return gettext("好的，照常就诊。")
    return gettext("已改约，请看新的时间和医生。")


def _shown(actor: Actor, appointment_id: UUID, *, now: datetime) -> ShownChange:
    notice = changing.notice_of_appointment(actor=actor, now=now, appointment_id=appointment_id)
    if notice is None:
        raise NotFound
    return shown_change(notice)


def _slot(window: Alternative) -> str:
    return f"{window.session_id}_{int(window.start.timestamp())}"


def _parsed(slot: str) -> tuple[UUID, datetime]:
    session_text, _sep, second = slot.partition("_")
    return UUID(session_text), datetime.fromtimestamp(int(second), tz=UTC)
