"""What every page of a village's trips shows around its content, and for which village it plans."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.domains.scheduling.words import TRIP_PLAN
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]
GRASS_ROOTS = (OrganizationKind.VILLAGE_CLINIC, OrganizationKind.TOWNSHIP_CENTRE)


def for_village_doctors(page: Page) -> Page:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who plans no trips. Passes the ``villages``."""

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.STAFF:
            back_to = request.path if request.method == "GET" else reverse("village:home")
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
        villages = _villages_of(actor)
        if not villages:
            raise NotAllowed
        response = page(request, actor=actor, villages=villages, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def frame(request: HttpRequest, village: OrganizationFacts) -> dict[str, Any]:
    """Header of the village's pages."""
    home = reverse("village:home")
    return {
        "desk_name": gettext("集中预约 · %(village)s") % {"village": village.short_name or village.name},
        "home_url": home,
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [NavItem(gettext("行程"), home, current=request.path == home)],
    }


def _villages_of(actor: Actor) -> list[OrganizationFacts]:
    if not access.nodes_with(actor, TRIP_PLAN):
        return []
    return [each for each in organizations.organizations() if each.kind in GRASS_ROOTS and access.may(actor, TRIP_PLAN, each.id)]
