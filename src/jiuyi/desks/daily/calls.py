"""The list of calls after a change: whom to ring, the number, what to say, and what came of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jiuyi.desks.changes import doctor_names, shown_change, window_words
from jiuyi.desks.daily.forms import NO_ANSWER, TOLD, CallForm
from jiuyi.desks.daily.frame import frame, needs
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import CHANGE_CALL, ChangeChoice
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import calling, changing
from jiuyi.journeys.calling import Call
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@needs(CHANGE_CALL)
def calls(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Everybody to ring now, the nearest visit first; names masked, numbers only on the page of one call."""
    lines = calling.to_ring(actor=actor, now=clock.now())
    return render(request, "daily/calls.html", frame(request, actor, current="calls") | {"lines": lines})


@needs(CHANGE_CALL)
def call(request: HttpRequest, *, actor: Actor, change_notice_id: UUID) -> HttpResponse:
    """One call: the number in full (witnessed), what to say, and the buttons for what came of it."""
    now = clock.now()
    found = calling.open_call(actor=actor, now=now, notice_id=change_notice_id)
    offered = tuple(ChangeChoice(value) for value, _ in shown_change(found.notice).choices)
    windows = changing.alternatives(found.notice, now=now) if ChangeChoice.MOVE in offered else []
    names = doctor_names({each.practitioner_id for each in windows})
    slots = [
        (f"{each.session_id}_{int(each.start.timestamp())}", f"{window_words(each.start, each.end)} {names[each.practitioner_id]}")
        for each in windows
    ]
    form = CallForm(request.POST if request.method == "POST" else None, offered=offered, slots=slots)
    if request.method == "POST" and form.is_valid():
        try:
            _do(actor, found, form.cleaned_data, now=now)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已记录。"))
            return redirect("daily:calls")
    context = frame(request, actor, current="calls") | {
        "call": found,
        "form": form,
        "shown": shown_change(found.notice),
        "until": changes.choose_until(found.notice) if found.notice.waits_for_choice else None,
    }
    return render(request, "daily/call.html", context, status=422 if form.errors else 200)


def _do(actor: Actor, found: Call, typed: dict[str, Any], *, now: datetime) -> None:
    result, notice_id = typed["result"], found.notice.notice_id
    if result not in {TOLD, NO_ANSWER}:
        target: dict[str, Any] = {}
        if result == ChangeChoice.MOVE.value:
            session_text, _, second = typed["slot"].partition("_")
            target = {"session_id": UUID(session_text), "window_start": datetime.fromtimestamp(int(second), tz=UTC)}
        changing.choose(actor=actor, now=now, notice_id=notice_id, choice=ChangeChoice(result), **target)
    calling.note_result(actor=actor, now=now, notice_id=notice_id, answered=result != NO_ANSWER)
