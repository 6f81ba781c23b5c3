"""Choosing a visit, one question per page: who, is it an emergency, which hospital, department, doctor, time."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import offers
from jiuyi.journeys.red_flags import RED_FLAGS
from jiuyi.kernel.clock import local, service_date
from jiuyi.kit.context import ELDERLY, mode_of
from jiuyi.kit.pieces import Day, Slot

SAFETY_KEY: Final = "safety_answered"
DAYS_SHOWN: Final = 14
HALVES: Final = ("morning", "afternoon")


@signed_in
def who(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Who comes? With nobody on the account yet, the answer is to add somebody."""
    members = people.account_people(actor, now=clock.now())
    if not members:
        return redirect(f"{reverse('patient:add_person')}?next={reverse('patient:book_who')}")
    return render(request, "patient/book_who.html", {"members": members})


@signed_in
def safety(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Is it an emergency? Asked before any booking (rule TR-3)."""
    member = family_member(actor, person_id)
    if request.method == "POST":
        if request.POST.get("answer") != "none":
            return redirect("patient:book_emergency", person_id=person_id)
        request.session[SAFETY_KEY] = [*request.session.get(SAFETY_KEY, [])[-7:], str(person_id)]
        return redirect("patient:book_hospital", person_id=person_id)
    return render(request, "patient/book_safety.html", {"member": member, "red_flags": RED_FLAGS})


@signed_in
def emergency(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """What to do now: 120 or the emergency department; no booking is needed there."""
    member = family_member(actor, person_id)
    return render(request, "patient/book_emergency.html", {"member": member, "places": offers.emergency_places()})


@signed_in
def hospital(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Which hospital? Only those with places in the coming days."""
    member = family_member(actor, person_id)
    if str(person_id) not in request.session.get(SAFETY_KEY, []):
        return redirect("patient:book_safety", person_id=person_id)
    open_ids = schedule.organizations_with_sessions(clock.now())
    hospitals = [each for each in organizations.organizations() if each.id in open_ids]
    return render(request, "patient/book_hospital.html", {"member": member, "hospitals": hospitals})


@signed_in
def department(request: HttpRequest, *, actor: Actor, person_id: UUID, organization_id: UUID) -> HttpResponse:
    """Which department? Only those with places in the coming days, by group."""
    member = family_member(actor, person_id)
    open_ids = {offer.department_id for offer in schedule.departments_with_sessions(organization_id, clock.now())}
    departments = [each for each in organizations.departments(organization_id) if each.id in open_ids]
    groups = {category: [each for each in departments if each.category is category] for category in dict.fromkeys(each.category for each in departments)}
    context = {"member": member, "hospital": organizations.organization(organization_id), "groups": list(groups.items())}
    return render(request, "patient/book_department.html", context)


@signed_in
def doctor(request: HttpRequest, *, actor: Actor, person_id: UUID, department_id: UUID) -> HttpResponse:
    """Which doctor? With the next day that has a free place, and the fee."""
    member = family_member(actor, person_id)
    now = clock.now()
    chosen = organizations.department(department_id)
    doctors = offers.doctors_of(department_id, now=now)
    return render(request, "patient/book_doctor.html", {"member": member, "department": chosen, "doctors": doctors})


@signed_in
def time(request: HttpRequest, *, actor: Actor, person_id: UUID, department_id: UUID, practitioner_id: UUID) -> HttpResponse:
    """When? A day and a window on one page; in elderly mode a page each for day, half-day and window."""
    member = family_member(actor, person_id)
    now = clock.now()
    offer = offers.offer_of_doctor(department_id=department_id, practitioner_id=practitioner_id, now=now, days=DAYS_SHOWN)
    here = reverse("patient:book_time", args=[person_id, department_id, practitioner_id])
    days = [Day(day=each.day, free=each.free, url=f"{here}?day={each.day.isoformat()}") for each in offer.days]
    elderly = mode_of(request) == ELDERLY
    chosen = _day_of(request.GET.get("day"), among=[each.day for each in offer.days])
    if chosen is None and not elderly:
        chosen = next((each.day for each in offer.days if each.free), None)
    windows = offers.windows_on(offer, chosen, now=now) if chosen else []
    half = request.GET.get("half") if request.GET.get("half") in HALVES else None
    slots = [Slot(start=w.start, end=w.end, free=w.free, value=slot_value(w.session_id, w.start)) for w in windows]
    question = _question(elderly=elderly, chosen=chosen, half=half, slots=slots)
    if question == "time" and elderly and half:
        slots = [each for each in slots if half_of(each.start) == half]
    context = {
        "member": member,
        "offer": offer,
        "doctor": offer.doctor,
        "department": offer.department,
        "days": days,
        "chosen": chosen,
        "chosen_iso": chosen.isoformat() if chosen else "",
        "slots": slots,
        "question": question,
        "halves": [(name, sum(each.free for each in slots if half_of(each.start) == name)) for name in HALVES],
        "here": here,
        "check_url": reverse("patient:book_check", args=[person_id]),
        "missing": "missing" in request.GET,
        "today": service_date(now),
    }
    return render(request, "patient/book_time.html", context)


def slot_value(session_id: UUID, start: datetime) -> str:
    """A window as one form value: its session and the second it starts."""
    return f"{session_id}_{int(start.timestamp())}"


def half_of(start: datetime) -> str:
    """The half-day a window begins in, by the wall clock: noon belongs to the afternoon."""
    return HALVES[local(start).hour >= 12]  # noqa: PLR2004  # noon


def _question(*, elderly: bool, chosen: date | None, half: str | None, slots: list[Slot]) -> str:
    if not elderly:
        return "all"
    if chosen is None:
        return "day"
    both = len({half_of(each.start) for each in slots if each.free}) == len(HALVES)
    return "half" if both and half is None else "time"


def _day_of(text: str | None, *, among: list[date]) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day in among else None
