"""Who may enter the secretary's pages, for which department, and what stands around their content."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.requests import actor_of
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.words import SESSION_PUBLISH
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotAllowed
from jiuyi.kit.pieces import NavItem

Page = Callable[..., HttpResponse]
DEPARTMENT_KEY = "secretary_department_id"


def for_secretaries(page: Page) -> Page:
    """Send whoever is not signed in to the staff sign-in; refuse (``not_allowed``) who publishes no sessions anywhere.

    Passes ``actor`` and the department that the secretary looks at (``here``), which ``?department=`` changes.
    """

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor is None or actor.kind is not ActorKind.STAFF:
            back_to = request.path if request.method == "GET" else reverse("secretary:week")
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
        if not access.may_somewhere(actor, SESSION_PUBLISH):
            raise NotAllowed
        response = page(request, actor=actor, here=_department(request, actor), **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def departments_of(actor: Actor) -> list[DepartmentFacts]:
    """The departments whose timetable this account keeps."""
    return [each for each in organizations.departments() if access.may(actor, SESSION_PUBLISH, each.id)]


def _department(request: HttpRequest, actor: Actor) -> DepartmentFacts:
    possible = departments_of(actor)
    if not possible:
        raise NotAllowed
    wanted = request.GET.get("department") or request.session.get(DEPARTMENT_KEY)
    here = next((each for each in possible if str(each.id) == wanted), possible[0])
    if request.GET.get("department") == str(here.id):
        request.session[DEPARTMENT_KEY] = str(here.id)
    return here


def frame(request: HttpRequest, here: DepartmentFacts, *, current: str = "") -> dict[str, Any]:
    """Header and navigation of the secretary's pages."""
    pages = (
        ("week", gettext("一周班次")),
        ("templates", gettext("固定班次")),
        ("one_off", gettext("临时班次")),
        ("away", gettext("不出诊")),
        ("calendar", gettext("工作日")),
        ("generate", gettext("生成班次")),
        ("demand", gettext("需求预测")),
    )
    return {
        "desk_name": gettext("排班 · %(department)s") % {"department": here.name},
        "here": here,
        "home_url": reverse("secretary:week"),
        "staff_name": getattr(request.user, "display_name", ""),
        "nav": [
            *(NavItem(words, reverse(f"secretary:{name}"), current=name == current) for name, words in pages),
            NavItem(gettext("当日变更"), reverse("daily:home")),
        ],
    }


def status_of(form: forms.Form) -> int:
    """422 for a form that came back with objections."""
    return 422 if form.is_bound and form.errors else 200
