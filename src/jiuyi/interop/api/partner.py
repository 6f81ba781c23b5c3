"""Partners' door, ``/api/partner/v1/``: hold → confirm → cancel, and every day the house's list so that both books agree.

Each call is signed (``foundation.machine_keys``). The key in the address is the partner's own; whoever gets no answer sends the
same call again, newly signed.
"""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja.security.base import AuthBase

from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import clock, machine_keys
from jiuyi.foundation.access import Actor
from jiuyi.foundation.machine_keys import BadSignature
from jiuyi.interop.api import shapes
from jiuyi.interop.api.house import REFUSALS, House, actor_of, answer_refusals, request_id_of
from jiuyi.journeys import partnering
from jiuyi.journeys.partnering import PartnerBooking, Traveller

UNFIRM = frozenset({AppointmentStatus.HELD, AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED})


class SignedCall(AuthBase):
    """``Authorization: JIUYI-HMAC-SHA256 key=…, at=…, nonce=…, signature=…``."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Authorization"

    def __call__(self, request: HttpRequest) -> Actor:
        """The machine; refuses ``bad_signature``, ``replayed``, ``too_many_calls``."""
        header = request.headers.get("Authorization", "")
        if not header:
            raise BadSignature
        now: datetime = clock.now()
        return machine_keys.caller(
            header=header,
            method=request.method or "",
            path=request.get_full_path(),
            body=request.body,
            request_id=request_id_of(request),
            now=now,
        )


api = House(
    title="就医：合作平台接口",
    version="1",
    description="合作平台占号、确认、退号与每日对账。签名方法见 docs/interop/programmes.md。",
    urls_namespace="partner",
    docs_url="docs/",
    openapi_url="openapi.json",
    auth=SignedCall(),
)
answer_refusals(api)


@api.put("bookings/{uuid:key}/", url_name="hold", response={200: shapes.PartnerShown, **REFUSALS})
def hold(request: HttpRequest, key: UUID, body: shapes.PartnerWish) -> shapes.PartnerShown:
    """Hold a place until ``pay_by``; the same key holds the same place."""
    person = Traveller(name=body.name, id_number=body.id_number, phone=body.phone)
    made = partnering.hold(
        actor=actor_of(request), now=clock.now(), key=key, session_id=body.session_id, window_start=body.window_start, person=person
    )
    return _shown(made)


@api.get("bookings/{uuid:key}/", url_name="booking", response={200: shapes.PartnerShown, **REFUSALS})
def one(request: HttpRequest, key: UUID) -> shapes.PartnerShown:
    """What became of a key; another partner's is not found."""
    return _shown(partnering.one(actor=actor_of(request), now=clock.now(), key=key))


@api.post("bookings/{uuid:key}/confirm/", url_name="confirm", response={200: shapes.PartnerShown, **REFUSALS})
def confirm(request: HttpRequest, key: UUID) -> shapes.PartnerShown:
    """Make the held place firm; the fee is paid at the hospital."""
    return _shown(partnering.confirm(actor=actor_of(request), now=clock.now(), key=key))


@api.post("bookings/{uuid:key}/cancel/", url_name="cancel", response={200: shapes.PartnerShown, **REFUSALS})
def cancel(request: HttpRequest, key: UUID) -> shapes.PartnerShown:
    """Give the place back."""
    return _shown(partnering.cancel(actor=actor_of(request), now=clock.now(), key=key))


@api.get("reconciliation/", url_name="reconcile", response={200: list[shapes.PartnerShown], **REFUSALS})
def reconcile(request: HttpRequest, day: date) -> list[shapes.PartnerShown]:
    """All the house has of this partner for a day of visits; ``key`` is the partner's key in the house's form (UUIDv5 of both)."""
    found = partnering.reconcile(actor=actor_of(request), day=day)
    return [shapes.partner_shown(key, facts, firm=facts.status not in UNFIRM) for key, facts in found]


def _shown(made: PartnerBooking) -> shapes.PartnerShown:
    return shapes.partner_shown(str(made.key), made.facts, firm=made.facts.status not in UNFIRM)
