"""What every page of the telephone desk shows around its content, and for which institution it answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.domains.scheduling.words import PHONE_DESK
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]
CALL_KEY = "operator_call"  # the people found by the number of this call


def for_operators(page: Page) -> Page:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who answers no telephone. Passes ``here``."""

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.STAFF:
            back_to = request.path if request.method == "GET" else reverse("operator:home")
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
        response = page(request, actor=actor, here=_institution_of(actor), **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def frame(request: HttpRequest, here: OrganizationFacts) -> dict[str, Any]:
    """Header of the telephone's pages."""
    return {
        "desk_name": gettext("电话预约 · %(institution)s") % {"institution": here.short_name or here.name},
        "here": here,
        "home_url": reverse("operator:home"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [
            NavItem(gettext("接电话"), reverse("operator:home"), current=request.path == reverse("operator:home")),
            NavItem(gettext("登记新患者"), reverse("operator:register"), current=request.path == reverse("operator:register")),
            NavItem(gettext("候补名单"), reverse("operator:waiting"), current=request.path == reverse("operator:waiting")),
            NavItem(gettext("待打电话"), reverse("daily:calls")),
        ],
    }


def remember_call(request: HttpRequest, person_ids: list[UUID]) -> None:
    """Keep who was found, so that the whole family of one call stays on the screen."""
    request.session[CALL_KEY] = [str(each) for each in person_ids[:8]]


def people_of_call(request: HttpRequest) -> list[UUID]:
    """The people found for this call."""
    return [UUID(each) for each in request.session.get(CALL_KEY, [])]


def _institution_of(actor: Actor) -> OrganizationFacts:
    if not access.nodes_with(actor, PHONE_DESK):
        raise NotAllowed
    possible = [
        each
        for each in organizations.organizations()
        if each.kind is not OrganizationKind.CONSORTIUM and access.may(actor, PHONE_DESK, each.id)
    ]
    if not possible:
        raise NotAllowed
    return possible[0]
