"""Department, doctor and window on one screen, same day first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.clerk.frame import for_clerks, frame, key_of
from jiuyi.domains.billing import queries as prices
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer
from jiuyi.domains.scheduling.words import BookingChannel, PlaceGone
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import day_text, money_text, window_text
from jiuyi.kit.pieces import Day, Slot

DAYS_SHOWN = 8
DEPARTMENT_KEY = "clerk_department_id"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One clinic of the chosen day with its windows."""

    offer: SessionOffer
    doctor: str
    title: str
    fee_fen: int
    url: str
    chosen: bool


@for_clerks
def book(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """Choose by links, take a place by one button; the fee is paid on the next page."""
    now = clock.now()
    record = people.open_person(actor, person_id, now=now)
    refusal = None
    if request.method == "POST":
        slot = _slot_of(request.POST.get("slot", ""))
        key = key_of(request.POST.get("key", ""))
        if slot is None or key is None:
            messages.error(request, gettext("请先选一个时段，再点“确认挂号”。"))
        else:
            try:
                booked = booking.book(
                    actor=actor,
                    now=now,
                    person_id=person_id,
                    session_id=slot[0],
                    window_start=slot[1],
                    channel=BookingChannel.WINDOW,
                    pay_at_arrival=True,
                    idempotency_key=key,
                )
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                return redirect("clerk:appointment", appointment_id=booked.appointment_id)
    context = frame(request, here) | {"record": record, "refusal": refusal, "key": new_id()} | _choices(request, here, person_id, now)
    context["gone"] = _nearest_of(refusal)
    status = refusal.status if refusal else 422 if request.method == "POST" else 200
    return render(request, "clerk/book.html", context, status=status)


def _choices(request: HttpRequest, here: OrganizationFacts, person_id: UUID, now: datetime) -> dict[str, Any]:
    """Departments, days, clinics and windows as chosen so far; what was not chosen is the nearest."""
    names = {each.id: each for each in organizations.departments(here.id)}
    offered = {each.department_id for each in schedule.departments_with_sessions(here.id, now)}
    departments = [each for each in names.values() if each.id in offered]
    remembered = request.GET.get("department") or request.POST.get("department") or request.session.get(DEPARTMENT_KEY)
    department = next((each for each in departments if str(each.id) == remembered), departments[0] if departments else None)
    if department is None:
        return {"departments": [], "department": None}
    request.session[DEPARTMENT_KEY] = str(department.id)
    pools = schedule.pools_of_channel(BookingChannel.WINDOW)
    days = schedule.available_days(department.id, service_date(now), DAYS_SHOWN, now, pools=pools)
    wanted = request.GET.get("day") or request.POST.get("day")
    with_clinics = [each for each in days if each.sessions]
    first = next((each.day for each in with_clinics if each.free), with_clinics[0].day if with_clinics else service_date(now))
    day = next((each.day for each in with_clinics if each.day.isoformat() == wanted), first)
    here_url = f"{reverse('clerk:book', args=[person_id])}?department={department.id}"
    sessions = schedule.sessions_on(department.id, day, now, pools=pools)
    windows = {each.session_id: _open_windows(each, now) for each in sessions}
    wanted_session = request.GET.get("session") or request.POST.get("session")
    first_free = next((each for each in sessions if each.free), None)
    chosen = next((each for each in sessions if str(each.session_id) == wanted_session), first_free)
    rows = _rows(sessions, chosen, now=now, url=f"{here_url}&day={day.isoformat()}")
    return {
        "departments": departments,
        "department": department,
        "days": [Day(each.day, each.free if each.sessions else None, url=f"{here_url}&day={each.day.isoformat()}") for each in days],
        "day": day,
        "rows": rows,
        "chosen": chosen,
        "slots": windows[chosen.session_id] if chosen else [],
        "nearest": _nearest(rows, windows, day) if day == service_date(now) else None,
    }


def _rows(sessions: list[SessionOffer], chosen: SessionOffer | None, *, now: datetime, url: str) -> list[SessionRow]:
    doctors = organizations.facts_practitioners({each.practitioner_id for each in sessions})
    fees = {
        each.number_class: prices.visit_fee(number_class=each.number_class, organization_id=each.organization_id, at=now).amount_fen
        for each in sessions
    }
    return [
        SessionRow(
            offer=each,
            doctor=doctors[each.practitioner_id].name,
            title=gettext(doctors[each.practitioner_id].title.label),
            fee_fen=fees[each.number_class],
            url=f"{url}&session={each.session_id}",
            chosen=chosen is not None and each.session_id == chosen.session_id,
        )
        for each in sessions
    ]


def _open_windows(session: SessionOffer, now: datetime) -> list[Slot]:
    windows = schedule.session_windows(session.session_id, now, pools=schedule.pools_of_channel(BookingChannel.WINDOW))
    return [Slot(each.start, each.end, each.free, value=_slot_value(session.session_id, each.start)) for each in windows if not each.passed]


def _nearest(rows: list[SessionRow], windows: dict[UUID, list[Slot]], day: date) -> dict[str, Any] | None:
    """The first free window of the day's clinics: the button for somebody who walks in."""
    free = [(slot.start, row, slot) for row in rows for slot in windows[row.offer.session_id] if slot.free]
    if not free:
        return None
    _, row, slot = min(free, key=lambda each: each[0])
    words = {"time": window_text(slot.start, slot.end), "doctor": row.doctor, "fee": money_text(row.fee_fen)}
    return {
        "value": slot.value,
        "day": day,
        "text": gettext("挂最近的号：%(time)s %(doctor)s %(fee)s") % words,
    }


def _nearest_of(refusal: Refusal | None) -> list[dict[str, str]]:
    if not isinstance(refusal, PlaceGone):
        return []
    doctors = organizations.facts_practitioners({each.practitioner_id for each in refusal.data["nearest"]})
    return [
        {
            "value": _slot_value(each.session_id, each.start),
            "text": f"{day_text(each.start)} {window_text(each.start, each.end)} {doctors[each.practitioner_id].name}",
        }
        for each in refusal.data["nearest"]
    ]


def _slot_value(session_id: UUID, start: datetime) -> str:
    return f"{session_id}_{int(start.timestamp())}"


def _slot_of(text: str) -> tuple[UUID, datetime] | None:
    session_text, _, second_text = text.partition("_")
    try:
        return UUID(session_text), datetime.fromtimestamp(int(second_text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
