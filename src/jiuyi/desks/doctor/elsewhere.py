"""Booking from the visit beside the return visit (C7): own clinic, team, other departments, other institutions; three clicks at most."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks import places
from jiuyi.desks.doctor.encounter import visit_url
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.queries import EncounterFacts
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, PractitionerFacts
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer
from jiuyi.domains.scheduling.words import BookingMode
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import rooms
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import day_text, window_text
from jiuyi.kit.pieces import Day

DAYS_AHEAD: Final = 14
QUICK: Final = 3  # windows of each department that are one click away
OFFERED: Final = (BookingMode.ROOM, BookingMode.TEAM, BookingMode.CROSS_DEPARTMENT, BookingMode.CONSORTIUM)
OWN_DEPARTMENT: Final = (BookingMode.ROOM, BookingMode.TEAM)


@for_doctors
def book_elsewhere(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID, mode: str) -> HttpResponse:
    """The nearest free windows of every clinic that the mode reaches; a press books, and the mode is written down."""
    chosen = next((each for each in OFFERED if each.value == mode), None)
    if chosen is None:
        raise NotFound
    now = clock.now()
    record = visits.open_encounter(actor, encounter_id, now=now)
    refusal = None
    if request.method == "POST":
        slot = places.slot_of(request.POST.get("slot", ""))
        if slot is None:
            raise NotFound
        try:
            booked = rooms.book_from_room(
                actor=actor,
                now=now,
                encounter_id=encounter_id,
                session_id=slot[0],
                window_start=slot[1],
                mode=chosen,
                idempotency_key=_key(request),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            when = f"{day_text(booked.window_start)} {window_text(booked.window_start, booked.window_end)}"
            messages.success(request, gettext("%(mode)s已约：%(when)s。到院签到时缴费。") % {"mode": gettext(chosen.label), "when": when})
            return redirect(visit_url(encounter_id, "main"))
    context = frame(doctor) | {
        "record": record,
        "mode": chosen,
        "tabs": tabs_of(encounter_id),
        "rows": _rows(request, record.encounter, chosen, doctor_id=doctor.id, now=now),
        "key": request.POST.get("key") or new_id(),
        "visit_url": reverse("doctor:visit", args=[encounter_id]),
        "refusal": refusal,
        "gone": places.nearest_of(refusal),
    }
    return render(request, "doctor/book_elsewhere.html", context, status=refusal.status if refusal else 200)


def tabs_of(encounter_id: UUID) -> list[tuple[str, str, str]]:
    """The modes of booking with their pages: (mode, words, address); the return visit first, the extra place last."""
    others = [(each.value, gettext(each.label), reverse("doctor:book_elsewhere", args=[encounter_id, each.value])) for each in OFFERED]
    first = (BookingMode.RETURN.value, gettext(BookingMode.RETURN.label), reverse("doctor:book_return", args=[encounter_id]))
    last = (BookingMode.EXTRA.value, gettext(BookingMode.EXTRA.label), reverse("doctor:extra", args=[encounter_id]))
    return [first, *others, last]


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise NotFound from None


def _rows(request: HttpRequest, visit: EncounterFacts, mode: BookingMode, *, doctor_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Each department with its nearest windows; of the one that was opened (or the only one) a whole day."""
    departments = _departments(visit, mode, now=now)
    opened = request.GET.get("department") or (str(departments[0].id) if len(departments) == 1 else "")
    rows = []
    for department in departments:
        days = schedule.available_days(department.id, service_date(now), DAYS_AHEAD, now)
        is_open = str(department.id) == opened
        day, sessions = _nearest_day(
            department, days, mode, doctor_id=doctor_id, wished=request.GET.get("day") if is_open else None, now=now
        )
        here = f"{request.path}?department={department.id}"
        rows.append(
            {
                "department": department,
                "is_open": is_open,
                "day": day,
                "days": [Day(each.day, each.free if each.sessions else None, url=f"{here}&day={each.day.isoformat()}") for each in days],
                "windows": _windows(sessions, now=now, limit=None if is_open else QUICK),
                "url": here,
            }
        )
    return [each for each in rows if each["day"]]


def _nearest_day(
    department: DepartmentFacts, days: Sequence[schedule.Day], mode: BookingMode, *, doctor_id: UUID, wished: str | None, now: datetime
) -> tuple[date | None, list[SessionOffer]]:
    """The wished day, else the first with a free place of the mode; in the own department today is this visit, so it comes last."""
    free = [each.day for each in days if each.free]
    if mode in OWN_DEPARTMENT:
        free.sort(key=lambda each: (each == service_date(now), each))
    for day in sorted(free, key=lambda each: each.isoformat() != wished):
        fitting = [each for each in schedule.sessions_on(department.id, day, now) if each.free and _fits(each, mode, doctor_id)]
        if fitting:
            return day, fitting
    return None, []


def _departments(visit: EncounterFacts, mode: BookingMode, *, now: datetime) -> list[DepartmentFacts]:
    if mode in OWN_DEPARTMENT:
        return [organizations.department(visit.department_id)]
    if mode is BookingMode.CROSS_DEPARTMENT:
        institutions = [visit.organization_id]
    else:
        every = organizations.organizations()
        institutions = [each.id for each in every if each.kind is not OrganizationKind.CONSORTIUM and each.id != visit.organization_id]
    ids = [each.department_id for institution in institutions for each in schedule.departments_with_sessions(institution, now)]
    found = organizations.facts_departments(set(ids))
    return [found[each] for each in ids if each != visit.department_id]


def _fits(session: SessionOffer, mode: BookingMode, doctor_id: UUID) -> bool:
    if mode is BookingMode.ROOM:
        return session.practitioner_id == doctor_id
    return mode is not BookingMode.TEAM or session.practitioner_id != doctor_id


def _windows(sessions: Sequence[SessionOffer], *, now: datetime, limit: int | None) -> list[dict[str, Any]]:
    doctors = organizations.facts_practitioners({each.practitioner_id for each in sessions})
    found = [
        {
            "start": window.start.astimezone(UTC),
            "end": window.end,
            "value": places.slot_value(session.session_id, window.start),
            "doctor": doctors[session.practitioner_id].name,
            "free": window.free,
        }
        for session in sessions
        for window in schedule.session_windows(session.session_id, now)
        if window.free and not window.passed
    ]
    return sorted(found, key=lambda each: (each["start"], each["doctor"]))[:limit]
