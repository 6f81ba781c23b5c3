"""Pages of an enrolled machine: who it is, what the person before the screen has done so far, and when it forgets that."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jiuyi.desks.requests import actor_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import enrolled_devices
from jiuyi.foundation.access import ActorKind
from jiuyi.foundation.enrolled_devices import DeviceRow

Page = Callable[..., HttpResponse]
SESSION_KEY = "kiosk"
IDLE_SECONDS = 120
RESULT_SECONDS = 60


def for_kiosks(page: Page) -> Page:
    """Pass ``actor`` (the device) and ``device`` to the page; a browser that is no kiosk learns how to become one.

    After a while without a touch the page goes back to the start by itself, so that nobody finds another's screen.
    """

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.DEVICE:
            return render(request, "kiosk/not_enrolled.html", {"demo": settings.DEMO, "home_url": reverse("kiosk:start")}, status=403)
        response = page(request, actor=actor, device=enrolled_devices.device(actor.id), **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        if request.path != reverse("kiosk:start"):
            # A header, because a timed refresh inside the page is announced by some screen readers as its content.
            response.headers.setdefault("Refresh", f"{IDLE_SECONDS}; url={reverse('kiosk:start')}")
        return response

    return guarded


def frame(device: DeviceRow) -> dict[str, Any]:
    """Header of the kiosk's pages; always with the large controls."""
    hospital = organizations.organization(device.node_id)
    return {
        "institution": hospital.short_name or hospital.name,
        "home_url": reverse("kiosk:start"),
        "mode": "elderly",
        "idle_minutes": IDLE_SECONDS // 60,
        "result_seconds": RESULT_SECONDS,
    }


def remember(request: HttpRequest, **facts: str | list[str]) -> None:
    """Keep what the person before the screen has shown; replaces what was kept."""
    request.session[SESSION_KEY] = facts


def remembered(request: HttpRequest, name: str) -> Any:
    """A kept fact, or None."""
    return (request.session.get(SESSION_KEY) or {}).get(name)


def remembered_id(request: HttpRequest, name: str) -> UUID | None:
    """A kept id, or None."""
    found = remembered(request, name)
    return UUID(found) if found else None


def forget(request: HttpRequest) -> None:
    """The next person finds nothing."""
    request.session.pop(SESSION_KEY, None)
