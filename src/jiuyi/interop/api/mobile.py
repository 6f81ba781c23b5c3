"""The mini-programme's door, ``/api/v1/``: everything a patient's page can do, by the same journeys, with a bearer token."""

from datetime import date
from uuid import UUID, uuid5

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Header, Query, Status
from ninja.security import HttpBearer
from pydantic import AwareDatetime

from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer
from jiuyi.domains.scheduling.words import BookingChannel, CancelReason
from jiuyi.foundation import clock, tokens
from jiuyi.foundation.access import Actor
from jiuyi.interop.api import shapes
from jiuyi.interop.api.house import NO_CONTENT, REFUSALS, House, actor_of, answer_refusals, request_id_of
from jiuyi.interop.api.words import EmergencyFirst, InvalidRequest
from jiuyi.journeys import booking, my_bookings, offers, paying, rescheduling
from jiuyi.journeys.red_flags import RED_FLAGS
from jiuyi.journeys.words import NothingToPay

DAYS_AHEAD = 28
ONLINE = (PaymentChannel.WECHAT, PaymentChannel.ALIPAY, PaymentChannel.UNIONPAY)


class AccountBearer(HttpBearer):
    """``Authorization: Bearer <token>`` of a signed-in account."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The account; refuses ``sign_in_again``."""
        found = tokens.bearer(token, request_id=request_id_of(request), now=clock.now())
        request.token_id, request.device_hash = found.token_id, found.device_hash  # type: ignore[attr-defined]
        return found.actor


api = House(
    title="就医：小程序接口",
    version="1",
    description="患者小程序使用的接口：登录、选号、预约、支付、退号。所有渠道共用一个号源池。",
    urls_namespace="api",
    docs_url="docs/",
    openapi_url="openapi.json",
)
answer_refusals(api)
signed_in = AccountBearer()


@api.post("sign-in/code/", url_name="request_code", response={204: None, **REFUSALS})
def request_code(request: HttpRequest, body: shapes.Phone) -> Status[None]:
    """Send a code to the phone; the same answer whether or not the phone is known."""
    del request
    identity.request_login_code(phone=body.phone, device=body.device, now=clock.now())
    return Status(NO_CONTENT, None)


@api.post("sign-in/", url_name="sign_in", response={200: shapes.Token, **REFUSALS})
def sign_in(request: HttpRequest, body: shapes.PhoneAndCode) -> shapes.Token:
    """A token for the code. Five wrong codes close the door for a quarter of an hour."""
    del request
    now = clock.now()
    account_id = identity.sign_in_with_code(phone=body.phone, code=body.code, device=body.device, now=now)
    issued = tokens.issue(account_id=account_id, device=body.device, now=now)
    return shapes.Token(token=issued.token, expires_at=issued.expires_at, account_id=account_id)


@api.post("sign-out/", url_name="sign_out", auth=signed_in, response={204: None, **REFUSALS})
def sign_out(request: HttpRequest, everywhere: bool = False) -> Status[None]:  # noqa: FBT001, FBT002  # the framework's way
    """End this token, or every token of the account."""
    now = clock.now()
    if everywhere:
        tokens.revoke_all(account_id=actor_of(request).id, now=now)
    tokens.revoke(token_id=request.token_id, now=now)  # type: ignore[attr-defined]
    return Status(NO_CONTENT, None)


@api.get("red-flags/", url_name="red_flags", response=list[str])
def red_flags(request: HttpRequest) -> list[str]:
    """What must be asked before any booking: whoever has one of these needs 120, not a clinic."""
    del request
    return [gettext(each) for each in RED_FLAGS]


@api.get("hospitals/", url_name="hospitals", response=list[shapes.Hospital])
def hospitals(request: HttpRequest) -> list[shapes.Hospital]:
    """Institutions with places ahead."""
    del request
    offering = schedule.organizations_with_sessions(clock.now())
    return [
        shapes.Hospital(id=each.id, name=each.name, short_name=each.short_name, address=each.address, phone=each.phone)
        for each in organizations.organizations()
        if each.id in offering
    ]


@api.get(
    "hospitals/{uuid:organization_id}/departments/", url_name="departments", response={200: list[shapes.DepartmentOnOffer], **REFUSALS}
)
def departments(request: HttpRequest, organization_id: UUID) -> list[shapes.DepartmentOnOffer]:
    """Departments of an institution that have places ahead."""
    del request
    organizations.organization(organization_id)
    next_days = {each.department_id: each.next_day for each in schedule.departments_with_sessions(organization_id, clock.now())}
    return [
        shapes.DepartmentOnOffer(
            id=each.id,
            name=each.patient_name,
            intro=each.intro,
            location=each.location,
            min_age=each.min_age,
            max_age=each.max_age,
            next_day=next_days[each.id],
        )
        for each in organizations.departments(organization_id)
        if each.id in next_days
    ]


@api.get("departments/{uuid:department_id}/doctors/", url_name="doctors", response={200: list[shapes.DoctorOnOffer], **REFUSALS})
def doctors(request: HttpRequest, department_id: UUID) -> list[shapes.DoctorOnOffer]:
    """Doctors of a department with places ahead, the nearest first, each with the fee of the class."""
    del request
    return [
        shapes.DoctorOnOffer(
            id=each.doctor.id,
            name=each.doctor.name,
            title=gettext(each.doctor.title.label),
            specialty=each.doctor.specialty,
            number_class=each.number_class.value,
            number_class_text=gettext(each.number_class.label),
            fee_fen=each.fee_fen,
            next_day=each.next_day,
            free=each.free,
        )
        for each in offers.doctors_of(department_id, now=clock.now())
    ]


@api.get(
    "departments/{uuid:department_id}/doctors/{uuid:practitioner_id}/sessions/",
    url_name="sessions",
    response={200: list[shapes.SessionOnDay], **REFUSALS},
)
def sessions(request: HttpRequest, department_id: UUID, practitioner_id: UUID, day: date | None = None) -> list[shapes.SessionOnDay]:
    """A doctor's clinics of the coming four weeks, or of one day."""
    del request
    offer = offers.offer_of_doctor(department_id=department_id, practitioner_id=practitioner_id, now=clock.now(), days=DAYS_AHEAD)
    return [_session(each) for each in offer.sessions if day is None or each.service_date == day]


@api.get("sessions/{uuid:session_id}/windows/", url_name="windows", response={200: list[shapes.WindowOfSession], **REFUSALS})
def windows(request: HttpRequest, session_id: UUID) -> list[shapes.WindowOfSession]:
    """The arrival windows of a clinic; nothing is free before the release."""
    del request
    found = schedule.session_windows(session_id, clock.now())
    return [shapes.WindowOfSession(start=each.start, end=each.end, free=each.free, passed=each.passed) for each in found]


@api.get("sessions/{uuid:session_id}/quote/", url_name="quote", response={200: shapes.Terms, **REFUSALS})
def quote(request: HttpRequest, session_id: UUID, window_start: Query[AwareDatetime]) -> shapes.Terms:
    """Price and terms of a window before anybody commits to it."""
    del request
    terms = booking.quote(session_id=session_id, window_start=window_start, now=clock.now())
    return shapes.Terms(
        fee_fen=terms.fee_fen,
        rule=terms.rule.rule_id,
        rule_version=terms.rule.version,
        source=gettext(terms.rule_source),
        cancel_until=terms.cancel_until,
        pay_minutes=terms.pay_minutes,
    )


@api.get("people/", url_name="people", auth=signed_in, response={200: list[shapes.Member], **REFUSALS})
def family(request: HttpRequest) -> list[shapes.Member]:
    """Whom this account books for."""
    return [
        shapes.Member(
            person_id=each.person_id,
            name=each.typed_name,
            relation=each.relation.value,
            verified=each.level is Certainty.VERIFIED,
            age_text=each.age_text,
        )
        for each in people.account_people(actor_of(request), now=clock.now())
    ]


@api.post("bookings/", url_name="book", auth=signed_in, response={200: shapes.BookingMade, **REFUSALS})
def book(request: HttpRequest, body: shapes.Wish, idempotency_key: Header[UUID]) -> shapes.BookingMade:
    """Take a place. The same ``Idempotency-Key`` gets the same answer, however often it is sent."""
    if not body.no_red_flags:
        raise EmergencyFirst
    actor = actor_of(request)
    made = booking.book(
        actor=actor,
        now=clock.now(),
        person_id=body.person_id,
        session_id=body.session_id,
        window_start=body.window_start,
        channel=BookingChannel.MINI_PROGRAMME,
        pay_at_arrival=body.pay_at_hospital,
        idempotency_key=uuid5(actor.id, str(idempotency_key)),
        device_hash=request.device_hash,  # type: ignore[attr-defined]
    )
    return shapes.BookingMade(id=made.appointment_id, held=made.held, pay_by=made.pay_by)


@api.get("bookings/", url_name="bookings", auth=signed_in, response={200: list[shapes.BookingShown], **REFUSALS})
def bookings(request: HttpRequest) -> list[shapes.BookingShown]:
    """The account's bookings: those to come first, then the past, newest first."""
    coming, past = my_bookings.of_account(actor_of(request), now=clock.now())
    return [shapes.booking_shown(each) for each in (*coming, *past)]


@api.get("bookings/{uuid:appointment_id}/", url_name="booking", auth=signed_in, response={200: shapes.BookingShown, **REFUSALS})
def one(request: HttpRequest, appointment_id: UUID) -> shapes.BookingShown:
    """One booking; somebody else's is not found."""
    return shapes.booking_shown(my_bookings.one(actor_of(request), appointment_id, now=clock.now()))


@api.post("bookings/{uuid:appointment_id}/cancel/", url_name="cancel", auth=signed_in, response={200: shapes.GivenBack, **REFUSALS})
def cancel(request: HttpRequest, appointment_id: UUID, body: shapes.WhyCancelled) -> shapes.GivenBack:
    """Give the place back, and the money with it."""
    if body.reason not in set(CancelReason):
        raise InvalidRequest(fields={"reason": ", ".join(CancelReason)})
    done = booking.cancel(actor=actor_of(request), now=clock.now(), appointment_id=appointment_id, reason=CancelReason(body.reason))
    return shapes.GivenBack(refunded_fen=done.refunded_fen, late=done.late)


@api.post("bookings/{uuid:appointment_id}/reschedule/", url_name="reschedule", auth=signed_in, response={200: shapes.Moved, **REFUSALS})
def reschedule(request: HttpRequest, appointment_id: UUID, body: shapes.NewWindow, idempotency_key: Header[UUID]) -> shapes.Moved:
    """Move the booking to another window; it keeps its number and its voucher."""
    actor = actor_of(request)
    moved = rescheduling.reschedule(
        actor=actor,
        now=clock.now(),
        appointment_id=appointment_id,
        session_id=body.session_id,
        window_start=body.window_start,
        idempotency_key=uuid5(actor.id, str(idempotency_key)),
    )
    return shapes.Moved(refunded_fen=moved.refunded_fen, owed_fen=moved.owed_fen, late=moved.late)


@api.post("bookings/{uuid:appointment_id}/payment/", url_name="pay", auth=signed_in, response={200: shapes.PaymentBegun, **REFUSALS})
def pay(request: HttpRequest, appointment_id: UUID, body: shapes.WayToPay, idempotency_key: Header[UUID]) -> shapes.PaymentBegun:
    """Begin the payment of the fee; the cashier stands at ``url``."""
    if body.channel not in ONLINE:
        raise InvalidRequest(fields={"channel": ", ".join(ONLINE)})
    actor, now = actor_of(request), clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    if record.charge_id is None or not record.owed_fen:
        raise NothingToPay
    started = paying.start(
        actor=actor,
        now=now,
        charge_ids=[record.charge_id],
        channel=PaymentChannel(body.channel),
        idempotency_key=uuid5(actor.id, str(idempotency_key)),
        return_url=body.return_url,
    )
    return shapes.PaymentBegun(payment_id=started.payment_id, url=started.url)


def _session(each: SessionOffer) -> shapes.SessionOnDay:
    return shapes.SessionOnDay(
        id=each.session_id,
        day=each.service_date,
        half_day=each.half_day.value,
        number_class=each.number_class.value,
        starts_at=each.starts_at,
        ends_at=each.ends_at,
        free=each.free,
        capacity=each.capacity,
    )
