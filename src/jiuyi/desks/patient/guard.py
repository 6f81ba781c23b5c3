"""Pages that need a signed-in patient's account."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from jiuyi.desks.requests import actor_of
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.queries import FamilyMember
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotFound

Page = Callable[..., HttpResponse]


def patient_of(request: HttpRequest) -> Actor | None:
    """The signed-in patient's account, or None."""
    actor = actor_of(request)
    return actor if actor is not None and actor.kind is ActorKind.PATIENT else None


def signed_in(page: Page) -> Page:
    """Send whoever is not signed in to the sign-in page and bring them back afterwards; passes ``actor`` to the page."""

    @wraps(page)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        actor = patient_of(request)
        if actor is None:
            query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse('patient:sign_in')}?{query}")
        response = page(request, actor=actor, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go next, if the request names a page of this site; otherwise the default."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else default


def family_member(actor: Actor, person_id: UUID, *, now: datetime) -> FamilyMember:
    """The person as this account knows them. Refuses ``not_found`` for anybody the account is not linked to."""
    for member in people.account_people(actor, now=now):
        if member.person_id == person_id:
            return member
    raise NotFound
