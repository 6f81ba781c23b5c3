"""What every page of the doctor's room shows around its content."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation.access import ActorKind
from jiuyi.journeys.consulting import doctor_of
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]


def for_doctors(page: Page) -> Page:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) an account that is no practitioner."""

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.STAFF:
            return HttpResponseRedirect(
                f"{reverse('account_login')}?next={request.path if request.method == 'GET' else reverse('doctor:room')}"
            )
        response = page(request, actor=actor, doctor=doctor_of(actor), **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def posted(page: Page) -> Page:
    """An act: the address of a refused one, opened again, leads back to the list."""

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        return page(request, **arguments) if request.method == "POST" else HttpResponseRedirect(reverse("doctor:room"))

    return guarded


def frame(doctor: PractitionerFacts, *, current: str = "room") -> dict[str, Any]:
    """Header and navigation of the doctor's pages."""
    return {
        "desk_name": gettext("医生诊室"),
        "home_url": reverse("doctor:room"),
        "staff_name": doctor.name,
        "staff_role": gettext(doctor.title.label),
        "nav": [NavItem(gettext("候诊与接诊"), reverse("doctor:room"), current=current == "room")],
    }
