"""改约: another time of the same doctor or of the department, then the last look, old beside new."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.patient.appointments import Shown
from jiuyi.desks.patient.forms import KeyForm, posted
from jiuyi.desks.patient.guard import signed_in
from jiuyi.desks.patient.times import DAYS_SHOWN, HALVES, half_of, slot_of, slot_value
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import PlaceGone, SessionStopped, WindowPassed
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import my_bookings, offers, rescheduling
from jiuyi.journeys.my_bookings import Booking
from jiuyi.journeys.offers import DoctorOffer
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.context import ELDERLY, mode_of
from jiuyi.kit.pieces import Day, Slot
from jiuyi.kit.tags.reading import when


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked now, and what has been answered."""

    asked: str
    day: date | None
    half: str | None


@signed_in
def choose(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """When instead? The doctor's days, and the department's other doctors; one question per page in elderly mode."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    if not record.may_move:
        return redirect("patient:appointment", appointment_id=appointment_id)
    doctors = offers.doctors_of(record.facts.department_id, now=now)
    wanted = request.GET.get("doctor", "")
    doctor_id = next((each.doctor.id for each in doctors if str(each.doctor.id) == wanted), record.facts.practitioner_id)
    offer = offers.offer_of_doctor(department_id=record.facts.department_id, practitioner_id=doctor_id, now=now, days=DAYS_SHOWN)
    here = reverse("patient:move", args=[appointment_id])
    slots, question = _slots(request, record, offer, now=now)
    context = {
        "booking": Shown(record, now=now),
        "offer": offer,
        "others": [
            (each.doctor, f"{here}?{urlencode({'doctor': each.doctor.id})}") for each in _each_once(doctors) if each.doctor.id != doctor_id
        ],
        "days": [Day(day=each.day, free=each.free, url=_url(here, doctor_id, day=each.day)) for each in offer.days],
        "chosen": question,
        "question": question.asked,
        "slots": [each for each in slots if question.asked != "time" or question.half in {None, half_of(each.start)}],
        "halves": [
            (name, free, _url(here, doctor_id, day=question.day, half=name))
            for name in HALVES
            if (free := sum(each.free or 0 for each in slots if half_of(each.start) == name))
        ],
        "selected": request.GET.get("slot", ""),
        "here": _url(here, doctor_id),
        "check_url": reverse("patient:move_check", args=[appointment_id]),
        "missing": "missing" in request.GET,
    }
    return render(request, "patient/move_time.html", context)


@signed_in
def check(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Old and new side by side, what it costs or gives back, whether it counts as late; then one button."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    here = reverse("patient:move", args=[appointment_id])
    if not request.GET.get("slot"):
        return redirect(f"{here}?missing=1")
    session_id, window_start = slot_of(request.GET["slot"])
    session = schedule.facts_session(session_id)
    form = KeyForm(posted(request), initial={"key": new_id()})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            rescheduling.reschedule(
                actor=actor,
                now=now,
                appointment_id=appointment_id,
                session_id=session_id,
                window_start=window_start,
                idempotency_key=form.cleaned_data["key"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            messages.success(request, gettext("已经改约，原来的号放掉了。凭证不变，请按新的时间来。"))
            return redirect("patient:appointment", appointment_id=appointment_id)
    gone = isinstance(refusal, PlaceGone | WindowPassed | SessionStopped)
    nearest = schedule.nearest_free(session_id, window_start, now) if gone else []
    context = {
        "booking": Shown(record, now=now),
        "when_text": when(window_start, schedule.window_end(session_id, window_start)),
        "doctor": organizations.practitioner(session.practitioner_id),
        "department": organizations.department(session.department_id),
        "cost": rescheduling.preview(actor=actor, now=now, appointment_id=appointment_id, session_id=session_id, window_start=window_start),
        "time_url": _url(here, session.practitioner_id, day=session.service_date, slot=request.GET["slot"]),
        "check_url": reverse("patient:move_check", args=[appointment_id]),
        "nearest": [
            {"slot": slot_value(each.session_id, each.start), "label": when(each.start, each.end), "free": each.free} for each in nearest
        ],
        "form": form,
        "refusal": refusal,
        "gone": gone,
    }
    return render(request, "patient/move_check.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


def _slots(request: HttpRequest, record: Booking, offer: DoctorOffer, *, now: datetime) -> tuple[list[Slot], _Question]:
    elderly = mode_of(request) == ELDERLY
    days = [each.day for each in offer.days]
    typed = request.GET.get("day", "")
    day = next((each for each in days if each.isoformat() == typed), None)
    if day is None and not elderly:
        day = next((each.day for each in offer.days if each.free), None)
    windows = offers.windows_on(offer, day, now=now) if day else []
    mine = (record.facts.session_id, record.facts.window_start)
    slots = [
        Slot(start=each.start, end=each.end, free=each.free, value=slot_value(each.session_id, each.start))
        for each in windows
        if (each.session_id, each.start) != mine
    ]
    half = request.GET.get("half")
    half = half if elderly and half in HALVES else None
    both = len({half_of(each.start) for each in slots if each.free}) == len(HALVES)
    asked = "all" if not elderly else "day" if day is None else "half" if both and half is None else "time"
    return slots, _Question(asked, day, half)


def _each_once(doctors: list[offers.DoctorOnOffer]) -> list[offers.DoctorOnOffer]:
    """A doctor who sells several classes of number is one choice."""
    return list({each.doctor.id: each for each in reversed(doctors) if each.free}.values())[::-1]


def _url(here: str, doctor_id: UUID, **parts: Any) -> str:
    known = {"doctor": doctor_id} | {name: value for name, value in parts.items() if value}
    return f"{here}?{urlencode(known)}"
