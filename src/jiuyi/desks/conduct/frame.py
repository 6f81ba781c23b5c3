"""Who may enter the desk of fairness, and what stands around its pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.scheduling.words import APPEAL_DECIDE, REVIEW_DECIDE
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]


def for_deciders(permission: str) -> Callable[[Page], Page]:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who may decide nowhere; passes ``actor``."""

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor is None or actor.kind is not ActorKind.STAFF:
                back_to = request.path if request.method == "GET" else reverse("conduct:appeals")
                return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
            if not access.may_somewhere(actor, permission):
                raise NotAllowed
            response = page(request, actor=actor, **arguments)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return guard


def frame(request: HttpRequest, actor: Actor, *, current: str) -> dict[str, Any]:
    """Header and navigation."""
    pages = (("appeals", gettext("爽约申诉"), APPEAL_DECIDE), ("cases", gettext("异常预约"), REVIEW_DECIDE))
    return {
        "desk_name": gettext("申诉与核查"),
        "home_url": reverse("conduct:appeals"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [
            NavItem(words, reverse(f"conduct:{name}"), current=name == current)
            for name, words, permission in pages
            if access.may_somewhere(actor, permission)
        ],
    }
