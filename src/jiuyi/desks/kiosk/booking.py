"""A place for today, for whoever stands in the hall without a booking: card, department, time, check, paper (C8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks import places
from jiuyi.desks.kiosk.finding import guess
from jiuyi.desks.kiosk.forms import CardForm
from jiuyi.desks.kiosk.guard import RESULT_SECONDS, for_kiosks, frame, remember, remembered, remembered_id
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import IdentifierType
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import RoomKind
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.foundation.enrolled_devices import DeviceLocked, DeviceRow
from jiuyi.journeys import booking
from jiuyi.journeys.words import NoSuchVoucher
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import window_text

WINDOWS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class DoctorToday:
    """One clinic of today with its next free windows."""

    doctor: str
    title: str
    fee_fen: int
    windows: list[tuple[str, str]]


@for_kiosks
def card(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Who wants a place: the card on the reader. Whoever was never registered goes to the window once."""
    form = CardForm(request.POST or None)
    refusal: DeviceLocked | None = None
    if form.is_valid():
        try:
            person_id = guess(actor, lambda: _person(form.cleaned_data["number"]))
        except NoSuchVoucher:
            form.add_error("number", gettext("没有找到这个号码。请核对；第一次来本院请先到挂号窗口登记。"))
        except DeviceLocked as answer:
            refusal = answer
        else:
            remember(request, walker=str(person_id))
            return redirect("kiosk:book_department")
    context = frame(device) | {"form": form, "refusal": refusal}
    return render(request, "kiosk/book_card.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


@for_kiosks
def department(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Departments that still have a place today."""
    del actor
    person_id = remembered_id(request, "walker")
    if person_id is None:
        return redirect("kiosk:start")
    now = clock.now()
    found = [
        (each, sum(session.free for session in _sessions(each.id, now)))
        for each in organizations.departments(device.node_id)
        if each.id in {offer.department_id for offer in schedule.departments_with_sessions(device.node_id, now)}
    ]
    context = frame(device) | {
        "name": people.facts_person(person_id).masked_name,
        "departments": [(each, free, reverse("kiosk:book_time", args=[each.id])) for each, free in found if free],
    }
    return render(request, "kiosk/book_department.html", context)


@for_kiosks
def time(request: HttpRequest, *, actor: Actor, device: DeviceRow, department_id: UUID) -> HttpResponse:
    """The next windows of each doctor of today."""
    del actor
    wanted = organizations.department(department_id)
    if wanted.organization_id != device.node_id:
        raise NotFound
    if remembered_id(request, "walker") is None:
        return redirect("kiosk:start")
    slot = places.slot_of(request.POST.get("slot", ""))
    if slot is not None:
        walker = remembered(request, "walker")
        remember(request, walker=walker, slot=request.POST["slot"], key=str(new_id()))
        return redirect("kiosk:book_check")
    context = frame(device) | {"department": wanted, "doctors": _doctors(department_id, clock.now())}
    return render(request, "kiosk/book_time.html", context, status=422 if request.method == "POST" else 200)


@for_kiosks
def check(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Everything once more, then the place; a second touch books once."""
    person_id, slot, key = (
        remembered_id(request, "walker"),
        places.slot_of(remembered(request, "slot") or ""),
        remembered_id(request, "key"),
    )
    if person_id is None or slot is None or key is None:
        return redirect("kiosk:start")
    now, refusal = clock.now(), None
    session = schedule.facts_session(slot[0], now)
    if session.organization_id != device.node_id or session.service_date != service_date(now):
        raise NotFound
    if request.method == "POST":
        try:
            booked = booking.book(
                actor=actor,
                now=now,
                person_id=person_id,
                session_id=slot[0],
                window_start=slot[1],
                channel=BookingChannel.KIOSK,
                pay_at_arrival=True,
                idempotency_key=key,
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            remember(request, booked=str(booked.appointment_id))
            return redirect("kiosk:booked")
    terms = booking.quote(session_id=slot[0], window_start=slot[1], now=now)
    context = frame(device) | {
        "name": people.facts_person(person_id).masked_name,
        "department": organizations.department(session.department_id),
        "doctor": organizations.practitioner(session.practitioner_id),
        "start": slot[1],
        "end": schedule.window_end(*slot),
        "fee_fen": terms.fee_fen,
        "refusal": refusal,
        "back_url": reverse("kiosk:book_time", args=[session.department_id]),
    }
    return render(request, "kiosk/book_check.html", context, status=refusal.status if refusal else 200)


@for_kiosks
def booked(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The place with its code, and where to pay; goes back to the start by itself."""
    return _result(request, actor, device, "kiosk/booked.html")


@for_kiosks
def booked_slip(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The same on paper."""
    return _result(request, actor, device, "kiosk/booked_slip.html")


def _result(request: HttpRequest, actor: Actor, device: DeviceRow, template: str) -> HttpResponse:
    appointment_id = remembered_id(request, "booked")
    if appointment_id is None:
        return redirect("kiosk:start")
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    room = organizations.room(facts.room_id) if facts.room_id else None
    where = organizations.department(facts.department_id)
    charges = bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[appointment_id])
    context: dict[str, Any] = frame(device) | {
        "appointment": facts,
        "person": people.facts_person(facts.person_id),
        "department": where,
        "doctor": organizations.practitioner(facts.practitioner_id),
        "organization": organizations.organization(facts.organization_id),
        "place": room.place_text if room else where.location,
        "directions": (room.directions if room else "") or where.directions,
        "owed_fen": sum(each.amount_fen for each in charges if each.status is ChargeStatus.UNPAID),
        "pay_desks": [each for each in organizations.rooms(facts.organization_id) if each.kind is RoomKind.DESK],
        "now": now,
    }
    response = render(request, template, context)
    response.headers["Refresh"] = f"{RESULT_SECONDS}; url={reverse('kiosk:start')}"
    return response


def _person(number: str) -> UUID:
    person_id = people.find_by_identifier(IdentifierType.RESIDENT_ID, number)
    if person_id is None:
        raise NoSuchVoucher
    return person_id


def _sessions(department_id: UUID, now: datetime) -> list[SessionOffer]:
    pools = schedule.pools_of_channel(BookingChannel.KIOSK)
    return schedule.sessions_on(department_id, service_date(now), now, pools=pools)


def _doctors(department_id: UUID, now: datetime) -> list[DoctorToday]:
    sessions = [each for each in _sessions(department_id, now) if each.free]
    doctors = organizations.facts_practitioners({each.practitioner_id for each in sessions})
    pools = schedule.pools_of_channel(BookingChannel.KIOSK)
    found = []
    for session in sessions:
        free = [each for each in schedule.session_windows(session.session_id, now, pools=pools) if each.free and not each.passed]
        if not free:
            continue
        fee = booking.quote(session_id=session.session_id, window_start=free[0].start, now=now).fee_fen
        doctor = doctors[session.practitioner_id]
        windows = [(places.slot_value(session.session_id, each.start), window_text(each.start, each.end)) for each in free[:WINDOWS_SHOWN]]
        found.append(DoctorToday(doctor.name, gettext(doctor.title.label), fee, windows))
    return found
