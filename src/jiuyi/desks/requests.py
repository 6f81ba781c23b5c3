"""What every desk knows of a request: who acts, under which request id, and what happens when the answer is "no"."""

from collections.abc import Callable
from uuid import UUID

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from jiuyi.foundation import access, audit, clock, enrolled_devices, second_factor
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Invalid, NotAllowed, Refusal

PATIENT_SESSION_KEY = "patient_account_id"
KIOSK_PATH = "/kiosk/"
KIOSK_ENROLMENT_PATH = "/kiosk/enrol/"  # here a person acts, not the machine
KIOSK_COOKIE = "jiuyi_kiosk"


def actor_of(request: HttpRequest) -> Actor | None:
    """Who acts in this request: a signed-in member of staff, a patient account, or nobody."""
    return request.actor or None  # type: ignore[attr-defined]


def staff_actor(request: HttpRequest) -> Actor:
    """The signed-in member of staff. Refuses ``not_allowed`` for anybody else."""
    actor = actor_of(request)
    if actor is None or actor.kind is not ActorKind.STAFF:
        raise NotAllowed
    return actor


class ActorMiddleware:
    """Puts ``request.request_id`` and the lazy ``request.actor`` (an ``Actor`` or ``None``) on each request.

    What depends on who is signed in is kept by no browser: the next person at a shared desk presses "back".
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach, then answer."""
        request.request_id = new_id()  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: _find_actor(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.session.accessed:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RefusalMiddleware:
    """Turns a refusal that no page caught into a readable page, and audits it after everything was rolled back.

    Pages catch business refusals that they can show beside the form. They never catch ``NotFound`` and
    ``NotAllowed``: those arrive here, so that no attempt on somebody else's record goes unseen.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; refusals come through ``process_exception``."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Refuse what no keyboard types and no table stores: a NUL character in an address's query, a form or JSON."""
        if request.content_type == "application/json" and b"\\u0000" in request.body:
            said = {"code": Invalid.code, "message": gettext(Invalid.message), "conflicts": [], "fields": {}, "nearest": []}
            return JsonResponse(said, status=Invalid.status)
        typed = (text for sent in (request.GET, request.POST) for texts in sent.lists() for text in (texts[0], *texts[1]))
        if not any("\0" in str(text) for text in typed):
            return None
        return render(request, "desks/refusal.html", {"refusal": Invalid()}, status=Invalid.status)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render a refusal; leave every other exception alone."""
        if not isinstance(exception, Refusal):
            return None
        match = request.resolver_match
        audit.refused(
            actor_of(request),
            act=match.view_name if match else "unknown",
            object_id=_object_id(match.kwargs if match else {}),
            code=exception.code,
            now=clock.now(),
        )
        return render(request, "desks/refusal.html", {"refusal": exception}, status=exception.status)


def _object_id(arguments: dict[str, object]) -> UUID | None:
    return next((value for value in reversed(list(arguments.values())) if isinstance(value, UUID)), None)


def _find_actor(request: HttpRequest) -> Actor | None:
    request_id: UUID = request.request_id  # type: ignore[attr-defined]
    if request.path.startswith(KIOSK_PATH) and not request.path.startswith(KIOSK_ENROLMENT_PATH):
        return _find_kiosk(request, request_id)
    if request.user.is_authenticated and second_factor.is_proved(request):
        return access.actor_of_user(request.user, request_id)
    account_id = request.session.get(PATIENT_SESSION_KEY)
    if account_id:
        return Actor(kind=ActorKind.PATIENT, id=UUID(account_id), request_id=request_id)
    return None


def _find_kiosk(request: HttpRequest, request_id: UUID) -> Actor | None:
    """The machine that this browser was enrolled as: under the kiosk's addresses nobody else acts, whoever is signed in."""
    try:
        device_id = UUID(request.get_signed_cookie(KIOSK_COOKIE))
    except (KeyError, BadSignature, ValueError):
        return None
    return enrolled_devices.actor_of_device(device_id, request_id)
