"""The release of a session as one person sees it: wait for it, be drawn, choose what is left through the gate."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from jiuyi.desks.gate.answers import REFUSALS
from jiuyi.desks.patient.forms import posted
from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.desks.patient.safety import asked_first
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.words import BookingChannel, DrawOutcome, PlaceGone
from jiuyi.foundation import clock, devices
from jiuyi.foundation.access import Actor
from jiuyi.journeys import releases
from jiuyi.journeys.releases import Room
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.context import ELDERLY, mode_of
from jiuyi.kit.pieces import Slot

ONLINE, AT_HOSPITAL = "online", "at_hospital"
_SAID = {refusal.code: refusal for refusal in REFUSALS.values()}


class DrawForm(forms.Form):
    """What to draw for: a window, whether another one will do, and how it is paid."""

    window = forms.CharField(required=False, max_length=40)
    any_window = forms.TypedChoiceField(
        label=_("想要的时间没有了怎么办"),
        choices=[("yes", _("换最近的时间也可以")), ("no", _("只要选的时间，没有就算了"))],
        initial="yes",
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。")},
    )
    how = forms.ChoiceField(
        label=_("怎样付费"),
        choices=[(ONLINE, _("抽中后在手机上付")), (AT_HOSPITAL, _("到医院再付（窗口可付现金）"))],
        initial=ONLINE,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择怎样付费。")},
    )

    def __init__(self, *arguments: Any, windows: list[datetime], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._windows = windows

    def clean_window(self) -> datetime | None:
        """The wished window; None for any. Refuses one that the session does not have."""
        text = self.cleaned_data["window"]
        found = next((start for start in self._windows if start.isoformat() == text), None)
        if text and found is None:
            raise forms.ValidationError(_("这个班次没有这个时段，请重新选择。"), code="unknown")
        return found


@signed_in
@asked_first
def release(request: HttpRequest, *, actor: Actor, session_id: UUID, person_id: UUID) -> HttpResponse:
    """One page for every hour of a release; without scripts it renews itself while the draw runs."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    room = releases.room(actor=actor, now=now, person_id=person_id, session_id=session_id)
    form = DrawForm(posted(request), windows=[each.start for each in room.windows])
    here = reverse("patient:release", args=[session_id, person_id])
    refusal: Refusal | None = None
    if request.method == "POST":
        if request.POST.get("act") == "leave":
            releases.leave(actor=actor, now=now, person_id=person_id, session_id=session_id)
            return redirect(here)
        if form.is_valid():
            try:
                _enter(request, form, actor=actor, now=now, session_id=session_id, person_id=person_id)
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                return redirect(here)
    status = 422 if form.errors or refusal is not None else 200
    context = {
        "member": member,
        "room": room,
        "form": form,
        "refusal": refusal,
        "left_out": _why_left_out(room),
        "from_gate": None if refusal else _SAID.get(request.GET.get("said", "")),
        "now": now,
        "here": here,
        "slots": [Slot(start=each.start, end=each.end, free=each.total, value=each.start.isoformat()) for each in room.windows],
        "chosen_window": form.data.get("window", "") if form.is_bound else "",
        "department": organizations.department(room.session.department_id),
        "doctor": organizations.practitioner(room.session.practitioner_id),
        "organization": organizations.organization(room.session.organization_id),
        "state": _state(room, now),
        **_live(request, room, actor=actor, now=now, person_id=person_id),
    }
    response = render(request, "patient/release.html", context, status=status)
    if context["state"] == "drawing":
        response["Refresh"] = "2"
    return response


@csrf_exempt  # the sealed pass is the proof: nobody else can have it
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """The gate's own address, served the ordinary way while the gate is down: the same pass, the same answer."""
    now = clock.now()
    sealed, wanted = request.POST.get("pass", ""), request.POST.get("window_start", "")
    try:
        window_start = datetime.fromisoformat(wanted)
    except ValueError:
        raise NotFound from None
    appointment_id = releases.claim_with_pass(now=now, sealed=sealed, window_start=window_start)
    return redirect(reverse("patient:appointment", args=[appointment_id]))


def _enter(request: HttpRequest, form: DrawForm, *, actor: Actor, now: datetime, session_id: UUID, person_id: UUID) -> None:
    window = form.cleaned_data["window"]
    releases.enter(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        wishes=[window] if window else [],
        any_window=form.cleaned_data["any_window"] or window is None,
        pay_at_arrival=form.cleaned_data["how"] == AT_HOSPITAL,
        channel=BookingChannel.WEB,
        device_hash=devices.device_hash(request),
    )


def _state(room: Room, now: datetime) -> str:
    """Which of its hours the release is in: early, enter, waiting, drawing, won, open."""
    entry = room.entry
    if room.has_won:
        return "won"
    if room.is_released(now):
        return "open"
    if room.release.opens_at <= now:
        return "drawing"
    if entry is not None and entry.outcome is DrawOutcome.WAITING:
        return "waiting"
    return "enter" if room.may_enter(now) else "early"


def _why_left_out(room: Room) -> Refusal | None:
    """What kept somebody who was drawn from a place, unless there simply was none left."""
    found = REFUSALS.get(room.entry.refusal) if room.entry else None
    return None if found is None or found is PlaceGone else found()


def _live(request: HttpRequest, room: Room, *, actor: Actor, now: datetime, person_id: UUID) -> dict[str, Any]:
    """After the release: the windows as they are, and a pass for the gate; what stands against a booking is said before."""
    if _state(room, now) != "open" or not any(each.free and not each.passed for each in room.windows):
        return {"live": []}
    how = AT_HOSPITAL if request.GET.get("how") == AT_HOSPITAL else ONLINE
    try:
        sealed = releases.issue(
            actor=actor,
            now=now,
            person_id=person_id,
            session_id=room.session.session_id,
            channel=BookingChannel.WEB,
            pay_at_arrival=how == AT_HOSPITAL,
            elderly=mode_of(request) == ELDERLY,
            device_hash=devices.device_hash(request),
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return {"live": [], "against": refusal}
    live = [Slot(start=each.start, end=each.end, free=each.free, value=each.start.isoformat()) for each in room.windows if not each.passed]
    return {"live": live, "sealed": sealed, "how": how}
