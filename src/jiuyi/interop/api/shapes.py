"""What the mini-programme sends and gets. Instants carry their zone; money is whole fen; words come with their code."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext
from ninja import Schema
from pydantic import AwareDatetime, Field

from jiuyi.domains.scheduling.queries import AppointmentFacts
from jiuyi.journeys.my_bookings import Booking

Short = Annotated[str, Field(min_length=1, max_length=80)]


class Phone(Schema):
    """A phone, and the installation that asks: limits count by phone and installation, never by address."""

    phone: Short
    device: Annotated[str, Field(min_length=8, max_length=80)]


class PhoneAndCode(Phone):
    """The code that came to the phone."""

    code: Annotated[str, Field(min_length=1, max_length=12)]


class Token(Schema):
    """The token to send as ``Authorization: Bearer …``; shown this once."""

    token: str
    expires_at: AwareDatetime
    account_id: UUID


class Hospital(Schema):
    """An institution that has places to give."""

    id: UUID
    name: str
    short_name: str
    address: str
    phone: str


class DepartmentOnOffer(Schema):
    """A department; ``next_day`` is the first with a free place, null when all is full."""

    id: UUID
    name: str
    intro: str
    location: str
    min_age: int | None
    max_age: int | None
    next_day: date | None


class DoctorOnOffer(Schema):
    """A doctor of a department and one class of number."""

    id: UUID
    name: str
    title: str
    specialty: str
    number_class: str
    number_class_text: str
    fee_fen: int
    next_day: date | None
    free: int


class SessionOnDay(Schema):
    """One clinic of a doctor."""

    id: UUID
    day: date
    half_day: str
    number_class: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    free: int
    capacity: int


class WindowOfSession(Schema):
    """One arrival window."""

    start: AwareDatetime
    end: AwareDatetime
    free: int
    passed: bool


class Terms(Schema):
    """What a window costs and on what terms, with the rule that decides."""

    fee_fen: int
    rule: str
    rule_version: int
    source: str
    cancel_until: AwareDatetime
    pay_minutes: int


class Member(Schema):
    """Somebody this account books for."""

    person_id: UUID
    name: str
    relation: str
    verified: bool
    age_text: str


class Wish(Schema):
    """A booking. ``no_red_flags``: the question of emergency was shown and answered with "none of them"."""

    person_id: UUID
    session_id: UUID
    window_start: AwareDatetime
    pay_at_hospital: bool = False
    no_red_flags: bool


class BookingMade(Schema):
    """The answer to a booking: held until ``pay_by``, or booked at once."""

    id: UUID
    held: bool
    pay_by: AwareDatetime | None


class BookingShown(Schema):
    """One booking; ``voucher`` only while it is of use."""

    id: UUID
    person_id: UUID
    person_name: str
    status: str
    status_text: str
    channel: str
    hospital: str
    department: str
    doctor: str
    place: str
    directions: str
    window_start: AwareDatetime
    window_end: AwareDatetime
    owed_fen: int
    pay_by: AwareDatetime | None
    voucher: str | None
    may_cancel: bool
    cancel_until: AwareDatetime | None


class WhyCancelled(Schema):
    """Why a place is given back (a code of ``CancelReason``)."""

    reason: Annotated[str, Field(max_length=40)] = "plan_changed"


class GivenBack(Schema):
    """What a cancellation did."""

    refunded_fen: int
    late: bool


class NewWindow(Schema):
    """Another window for the same booking."""

    session_id: UUID
    window_start: AwareDatetime


class Moved(GivenBack):
    """What a move did to the money: what goes back, and what is owed now."""

    owed_fen: int


class WayToPay(Schema):
    """``wechat``, ``alipay`` or ``unionpay``, and where the cashier sends the payer afterwards."""

    channel: Annotated[str, Field(max_length=20)] = "wechat"
    return_url: Annotated[str, Field(min_length=1, max_length=300)]


class PaymentBegun(Schema):
    """The cashier's address."""

    payment_id: UUID
    url: str


class PartnerWish(Schema):
    """A place for somebody, by real name."""

    session_id: UUID
    window_start: AwareDatetime
    name: Annotated[str, Field(min_length=1, max_length=60)]
    id_number: Annotated[str, Field(min_length=15, max_length=18)]
    phone: Annotated[str, Field(max_length=20)] = ""


class PartnerShown(Schema):
    """A booking as its partner sees it: no person, no diagnosis, no other channel's bookings."""

    key: str
    id: UUID
    status: str
    session_id: UUID
    window_start: AwareDatetime
    window_end: AwareDatetime
    fee_fen: int
    pay_by: AwareDatetime | None
    voucher: str | None


def booking_shown(each: Booking) -> BookingShown:
    """A booking of the account."""
    facts = each.facts
    return BookingShown(
        id=facts.appointment_id,
        person_id=facts.person_id,
        person_name=each.person_name,
        status=facts.status.value,
        status_text=gettext(facts.status.label),
        channel=facts.channel.value,
        hospital=each.organization.name,
        department=each.department.name,
        doctor=each.doctor.name,
        place=each.place_name,
        directions=each.directions,
        window_start=facts.window_start,
        window_end=facts.window_end,
        owed_fen=each.owed_fen,
        pay_by=facts.held_until,
        voucher=facts.voucher if each.has_voucher else None,
        may_cancel=each.may_cancel,
        cancel_until=each.cancel_until,
    )


def partner_shown(key: str, facts: AppointmentFacts, *, firm: bool) -> PartnerShown:
    """A booking of the partner; the voucher once it is firm."""
    return PartnerShown(
        key=key,
        id=facts.appointment_id,
        status=facts.status.value,
        session_id=facts.session_id,
        window_start=facts.window_start,
        window_end=facts.window_end,
        fee_fen=facts.fee_fen,
        pay_by=facts.held_until,
        voucher=facts.voucher if firm else None,
    )
