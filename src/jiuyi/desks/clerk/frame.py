"""What every page of the window shows around its content, and at which institution it stands."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.identity.words import PERSON_VERIFY
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]
INSTITUTION_KEY = "clerk_institution_id"


def for_clerks(page: Page) -> Page:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who compares no papers anywhere.

    Passes ``actor`` and the institution at whose window the clerk works (``here``).
    """

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.STAFF:
            back_to = request.path if request.method == "GET" else reverse("clerk:home")
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
        response = page(request, actor=actor, here=institution_of(request, actor), **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def institutions_of(actor: Actor) -> list[OrganizationFacts]:
    """The institutions at whose windows this account may compare papers and register people."""
    if not access.nodes_with(actor, PERSON_VERIFY):
        return []
    every = [each for each in organizations.organizations() if each.kind is not OrganizationKind.CONSORTIUM]
    return [each for each in every if access.may(actor, PERSON_VERIFY, each.id)]


def institution_of(request: HttpRequest, actor: Actor) -> OrganizationFacts:
    """The institution chosen in this session, else the first. Refuses ``not_allowed`` for an account that has none."""
    possible = institutions_of(actor)
    if not possible:
        raise NotAllowed
    chosen = request.session.get(INSTITUTION_KEY)
    return next((each for each in possible if str(each.id) == chosen), possible[0])


def frame(request: HttpRequest, here: OrganizationFacts, *, current: str = "") -> dict[str, Any]:
    """Header and navigation of the window's pages."""
    pages = (
        ("home", gettext("找人办理")),
        ("register", gettext("登记新患者")),
        ("today", gettext("今日名单")),
        ("waiting", gettext("候补名单")),
    )
    return {
        "desk_name": gettext("挂号收费窗口 · %(institution)s") % {"institution": here.short_name or here.name},
        "here": here,
        "home_url": reverse("clerk:home"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [
            *(NavItem(words, reverse(f"clerk:{name}"), current=name == current) for name, words in pages),
            NavItem(gettext("待打电话"), reverse("daily:calls")),
            NavItem(gettext("退款异常"), reverse("daily:refunds")),
        ],
    }


def key_of(text: str) -> UUID | None:
    """The hidden key of a form, or None for anything that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
