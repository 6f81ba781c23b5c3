"""Who may enter the pages of this desk, and what stands around their content."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.foundation import access, notices
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kernel.text import gettext_noop
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]

RULES: Final = frozenset({access.CHANGE_RULES, access.READ_AUDIT})
OUTBOX: Final = frozenset({notices.READ_OUTBOX})
ACCOUNTS: Final = frozenset({access.CREATE_STAFF, access.ASSIGN_ROLES})
AUDIT: Final = frozenset({access.READ_AUDIT})
OPERATIONS: Final = frozenset({access.CHANGE_RULES, access.ASSIGN_ROLES, access.READ_AUDIT})

# Page → its name in the navigation and the permissions of which any lets in.
PAGES: Final = {
    "rules": (gettext_noop("规则参数"), RULES),
    "outbox": (gettext_noop("消息发件箱"), OUTBOX),
    "accounts": (gettext_noop("账号与角色"), ACCOUNTS),
    "audit": (gettext_noop("审计查询"), AUDIT),
    "operations": (gettext_noop("运行情况"), OPERATIONS),
}


def for_officers(permissions: frozenset[str]) -> Callable[[Page], Page]:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who holds none of the permissions anywhere.

    What a page does is decided again by the door that does it, at the node where it is done.
    """

    def guard(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor is None or actor.kind is not ActorKind.STAFF:
                back_to = request.path if request.method == "GET" else reverse("admin:home")
                return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
            if not any(access.may_somewhere(actor, permission) for permission in permissions):
                raise NotAllowed
            response = page(request, actor=actor, **arguments)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return guard


def pages_of(actor: Actor) -> list[str]:
    """The pages of this desk that the actor may enter, in the order of the navigation."""
    return [name for name, (_, permissions) in PAGES.items() if any(access.may_somewhere(actor, each) for each in permissions)]


def frame(request: HttpRequest, actor: Actor, *, current: str = "") -> dict[str, Any]:
    """Header and navigation."""
    return {
        "desk_name": gettext("管理台"),
        "home_url": reverse("admin:home"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [NavItem(gettext(PAGES[name][0]), reverse(f"admin:{name}"), current=name == current) for name in pages_of(actor)],
    }
