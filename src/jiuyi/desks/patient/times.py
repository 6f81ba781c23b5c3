"""When? A day and a window on one page; in elderly mode a page each for day, half-day and window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.desks.patient.safety import asked_first
from jiuyi.domains.identity.queries import FamilyMember
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import offers, releases
from jiuyi.journeys.offers import ClassOnOffer, DoctorOffer
from jiuyi.kernel.clock import local, service_date
from jiuyi.kernel.refusals import NotFound
from jiuyi.kit.context import ELDERLY, mode_of
from jiuyi.kit.pieces import Day, Slot

DAYS_SHOWN: Final = 14
HALVES: Final = ("morning", "afternoon")
NOON: Final = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address says has been chosen so far; each part may be missing."""

    number_class: NumberClass | None
    day: date | None
    half: str | None
    slot: str


@signed_in
@asked_first
def time(request: HttpRequest, *, actor: Actor, person_id: UUID, department_id: UUID, practitioner_id: UUID) -> HttpResponse:
    """The question of time, with the fee of the chosen class of number and a warning if the department is for another age."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    here = reverse("patient:book_time", args=[person_id, department_id, practitioner_id])
    offer = offers.offer_of_doctor(
        department_id=department_id, practitioner_id=practitioner_id, now=now, days=DAYS_SHOWN, one_class=True, wished=_class_of(request)
    )
    elderly = mode_of(request) == ELDERLY
    chosen = _chosen(request, offer, elderly=elderly)
    windows = offers.windows_on(offer, chosen.day, now=now) if chosen.day else []
    slots = [Slot(start=w.start, end=w.end, free=w.free, value=slot_value(w.session_id, w.start)) for w in windows]
    question = _question(elderly=elderly, chosen=chosen, slots=slots)
    free_by_half = [(name, sum(each.free for each in slots if half_of(each.start) == name)) for name in HALVES]
    if question == "time" and chosen.half:
        slots = [each for each in slots if half_of(each.start) == chosen.half]
    context = {
        "member": member,
        "offer": offer,
        "doctor": offer.doctor,
        "department": offer.department,
        "days": [Day(day=each.day, free=each.free, url=_address(here, offer, day=each.day)) for each in offer.days],
        "chosen": chosen,
        "slots": slots,
        "question": question,
        "halves": [(name, free, _address(here, offer, day=chosen.day, half=name)) for name, free in free_by_half if free],
        "other_classes": [(each, _address(here, None, number_class=each.number_class)) for each in offer.other_classes],
        "here": _address(here, offer),
        "check_url": reverse("patient:book_check", args=[person_id]),
        "coming": releases.coming(department_id=department_id, practitioner_id=practitioner_id, now=now),
        "missing": "missing" in request.GET,
        "age_refused": age_refused(member, department_id, on=chosen.day or service_date(now)),
    }
    return render(request, "patient/book_time.html", context)


def time_page(
    *, person_id: UUID, department_id: UUID, practitioner_id: UUID, number_class: NumberClass, window_start: datetime, slot: str
) -> str:
    """The address of the question of time with everything chosen already, so that going back loses nothing."""
    here = reverse("patient:book_time", args=[person_id, department_id, practitioner_id])
    parts = {"class": number_class.value, "day": service_date(window_start).isoformat(), "half": half_of(window_start), "slot": slot}
    return f"{here}?{urlencode(parts)}"


def slot_value(session_id: UUID, start: datetime) -> str:
    """A window as one form value: its session and the second it starts."""
    return f"{session_id}_{int(start.timestamp())}"


def slot_of(text: str) -> tuple[UUID, datetime]:
    """The other way round. Refuses ``not_found`` for anything that no page of ours has written."""
    session_text, _, second_text = text.partition("_")
    try:
        return UUID(session_text), datetime.fromtimestamp(int(second_text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFound from None


def half_of(start: datetime) -> str:
    """The half-day a window begins in, by the wall clock: noon belongs to the afternoon."""
    return HALVES[local(start).hour >= NOON]


def age_refused(member: FamilyMember, department_id: UUID, *, on: date) -> bool:
    """Whether the department is meant for another age than the person will have on that day (rule ID-11)."""
    years = member.years(on)
    return years is not None and not organizations.department_accepts_age(department_id, years)


def _chosen(request: HttpRequest, offer: DoctorOffer, *, elderly: bool) -> Chosen:
    days = [each.day for each in offer.days]
    day = _day_of(request.GET.get("day"), among=days)
    if day is None and not elderly:
        day = next((each.day for each in offer.days if each.free), None)
    half = request.GET.get("half")
    return Chosen(
        number_class=offer.shown_class.number_class if offer.shown_class else None,
        day=day,
        half=half if half in HALVES and elderly else None,
        slot=request.GET.get("slot", ""),
    )


def _class_of(request: HttpRequest) -> NumberClass | None:
    try:
        return NumberClass(request.GET.get("class", ""))
    except ValueError:
        return None


def _address(here: str, offer: DoctorOffer | None, **parts: Any) -> str:
    shown: ClassOnOffer | None = offer.shown_class if offer else None
    number_class = parts.pop("number_class", None) or (shown.number_class if shown else None)
    known = {"class": number_class.value} if number_class else {}
    known |= {name: value.isoformat() if isinstance(value, date) else value for name, value in parts.items() if value}
    return f"{here}?{urlencode(known)}" if known else here


def _question(*, elderly: bool, chosen: Chosen, slots: Sequence[Slot]) -> str:
    if not elderly:
        return "all"
    if chosen.day is None:
        return "day"
    both = len({half_of(each.start) for each in slots if each.free}) == len(HALVES)
    return "half" if both and chosen.half is None else "time"


def _day_of(text: str | None, *, among: Sequence[date]) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day in among else None
