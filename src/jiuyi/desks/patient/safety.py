"""Is it an emergency? Asked before any booking, for each person, and asked again after half a day (rule TR-3)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.patient.guard import family_member, safe_next, signed_in
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import offers
from jiuyi.journeys.red_flags import RED_FLAGS

SAFETY_KEY: Final = "safety_answered"
VALID_FOR: Final = timedelta(hours=12)
NONE_OF_THEM: Final = "none"
SOME_OF_THEM: Final = "some"

Page = Callable[..., HttpResponse]


@signed_in
def safety(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """The question; "none of them" leads on, "one of them" leads to 120."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    answer = request.POST.get("answer")
    if answer == SOME_OF_THEM:
        return redirect("patient:book_emergency", person_id=person_id)
    if answer == NONE_OF_THEM:
        remembered = _remembered(request)
        request.session[SAFETY_KEY] = {key: remembered[key] for key in list(remembered)[-7:]} | {str(person_id): now.isoformat()}
        return redirect(safe_next(request, reverse("patient:book_hospital", args=[person_id])))
    context = {"member": member, "red_flags": RED_FLAGS, "next": safe_next(request, ""), "missing": request.method == "POST"}
    return render(request, "patient/book_safety.html", context, status=422 if request.method == "POST" else 200)


@signed_in
def emergency(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """What to do now: 120 or the emergency department; no booking is needed there."""
    member = family_member(actor, person_id, now=clock.now())
    return render(request, "patient/book_emergency.html", {"member": member, "places": offers.emergency_places()})


def asked_first(page: Page) -> Page:
    """Put the question of emergency before the page, and come back to the page afterwards."""

    @wraps(page)
    def guarded(request: HttpRequest, *, actor: Actor, person_id: UUID, **arguments: Any) -> HttpResponse:
        if not _answered(request, person_id, now=clock.now()):
            way_back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('patient:book_safety', args=[person_id])}?{way_back}")
        return page(request, actor=actor, person_id=person_id, **arguments)

    return guarded


def _answered(request: HttpRequest, person_id: UUID, *, now: datetime) -> bool:
    at = _remembered(request).get(str(person_id))
    return at is not None and datetime.fromisoformat(at) > now - VALID_FOR


def _remembered(request: HttpRequest) -> dict[str, str]:
    stored = request.session.get(SAFETY_KEY)
    return stored if isinstance(stored, dict) else {}
