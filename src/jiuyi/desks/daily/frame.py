"""What the pages of the changes of the day show around their content, and who may enter each."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.billing.words import PAYMENT_REFUND
from jiuyi.domains.identity.words import PERSON_VERIFY
from jiuyi.domains.scheduling.words import CHANGE_CALL, PHONE_DESK, SESSION_PUBLISH
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]
_PAGES = (("home", SESSION_PUBLISH), ("calls", CHANGE_CALL), ("refunds", PAYMENT_REFUND))


def needs(permission: str) -> Callable[[Page], Page]:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who has the permission nowhere. Passes ``actor``."""

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor is None or actor.kind is not ActorKind.STAFF:
                back_to = request.path if request.method == "GET" else reverse("daily:home")
                return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
            if not access.may_somewhere(actor, permission):
                raise NotAllowed
            response = page(request, actor=actor, **arguments)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return guard


def frame(request: HttpRequest, actor: Actor, *, current: str = "") -> dict[str, Any]:
    """Header and navigation; only the pages that this account may open."""
    from_desks = (
        ("clerk:home", gettext("窗口"), PERSON_VERIFY),
        ("operator:home", gettext("电话台"), PHONE_DESK),
        ("secretary:week", gettext("科室排班"), SESSION_PUBLISH),
    )
    titles = {"home": gettext("班次变更"), "calls": gettext("待打电话"), "refunds": gettext("退款异常")}
    pages = [name for name, permission in _PAGES if access.may_somewhere(actor, permission)]
    return {
        "desk_name": gettext("当日变更"),
        "home_url": reverse(f"daily:{pages[0]}") if pages else reverse("account_login"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [
            *(NavItem(words, reverse(desk)) for desk, words, permission in from_desks if access.may_somewhere(actor, permission)),
            *(NavItem(titles[name], reverse(f"daily:{name}"), current=name == current) for name in pages),
        ],
    }
