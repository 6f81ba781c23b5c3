"""What all doors for programmes have in common: refusals in one shape, nothing kept on the way, every refusal audited."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import AwareDatetime

from jiuyi.domains.scheduling.queries import NearWindow
from jiuyi.foundation import audit, clock
from jiuyi.foundation.access import Actor
from jiuyi.foundation.tokens import SignInAgain
from jiuyi.interop.api.words import InvalidRequest
from jiuyi.kernel.refusals import Refusal
from jiuyi.kit.refusals import refusal_field_texts, refusal_text

NO_CONTENT = 204


class FreeWindow(Schema):
    """A free window offered instead of one that is gone."""

    session_id: UUID
    practitioner_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    free: int


class Refused(Schema):
    """A "no": ``code`` for programmes, ``message`` for people, every conflict at once, and the nearest free windows."""

    code: str
    message: str
    conflicts: list[str] = []
    fields: dict[str, str] = {}
    nearest: list[FreeWindow] = []


REFUSALS: dict[Any, Any] = {401: Refused, 403: Refused, 404: Refused, 422: Refused, 429: Refused, 503: Refused}


class House(NinjaAPI):
    """One door. Answers carry ``Cache-Control: no-store``: what was read depends on who asked."""

    def create_response(self, request: HttpRequest, data: Any, **details: Any) -> HttpResponse:
        """As the framework does, and kept by nobody."""
        response = super().create_response(request, data, **details)
        response.headers["Cache-Control"] = "no-store"
        return response


def actor_of(request: HttpRequest) -> Actor:
    """Who signed the request; the door's authentication has put it there."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def request_id_of(request: HttpRequest) -> UUID | None:
    """The id under which this request stands in the audit."""
    return getattr(request, "request_id", None)


def answer_refusals(api: House) -> None:
    """Let every "no" of the departments, of the framework and of authentication come out in one shape."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return _answer(api, request, refusal)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
        return _answer(api, request, SignInAgain())

    @api.exception_handler(ValidationError)
    def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = {".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]): str(each["msg"]) for each in error.errors}
        return _answer(api, request, InvalidRequest(fields=fields))

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return _answer(api, request, InvalidRequest(fields={"body": str(error)}))


def _answer(api: House, request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if not isinstance(refusal, InvalidRequest):
        _audit(request, refusal)
    near = [each for each in refusal.data.get("nearest", ()) if isinstance(each, NearWindow)]
    body = Refused(
        code=refusal.code,
        message=refusal_text(refusal),
        conflicts=[str(each) for each in refusal.data.get("conflicts", ())],
        fields=refusal_field_texts(refusal),
        nearest=[
            FreeWindow(session_id=each.session_id, practitioner_id=each.practitioner_id, start=each.start, end=each.end, free=each.free)
            for each in near
        ],
    )
    return api.create_response(request, body.model_dump(mode="json"), status=refusal.status)


def _audit(request: HttpRequest, refusal: Refusal) -> None:
    match = request.resolver_match
    named = list(match.kwargs.values()) if match else []
    actor = getattr(request, "auth", None)
    audit.refused(
        actor if isinstance(actor, Actor) else None,
        act=match.view_name if match else "unknown",
        object_id=str(named[-1]) if named else None,
        code=refusal.code,
        now=clock.now(),
    )
