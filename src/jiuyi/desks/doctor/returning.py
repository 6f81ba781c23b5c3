"""The return visit in three clicks: 复诊预约, a day (the nearest is open already), a window (C7)."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.doctor.elsewhere import tabs_of
from jiuyi.desks.doctor.encounter import visit_url
from jiuyi.desks.doctor.frame import for_doctors, frame
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.domains.scheduling.words import BookingMode
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import offers, rooms
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import day_text, is_morning, window_text
from jiuyi.kit.pieces import Day

DAYS_AHEAD = 14


@for_doctors
def book_return(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """The doctor's own coming windows, from tomorrow on unless only today has some; paid on arrival or on the phone."""
    now = clock.now()
    record = visits.open_encounter(actor, encounter_id, now=now)
    offer = offers.offer_of_doctor(department_id=record.encounter.department_id, practitioner_id=doctor.id, now=now, days=DAYS_AHEAD)
    here = reverse("doctor:book_return", args=[encounter_id])
    open_days = [each for each in offer.days if each.free and offers.windows_on(offer, each.day, now=now)]
    later = [each for each in open_days if each.day > service_date(now)] or open_days
    wanted = request.GET.get("day") or request.POST.get("day")
    chosen = next((each.day for each in open_days if each.day.isoformat() == wanted), later[0].day if later else None)
    windows = offers.windows_on(offer, chosen, now=now) if chosen else []
    refusal = None
    if request.method == "POST":
        session_text, _, second = request.POST.get("slot", "").partition("_")
        try:
            rooms.book_from_room(
                actor=actor,
                now=now,
                encounter_id=encounter_id,
                session_id=UUID(session_text),
                window_start=datetime.fromtimestamp(int(second), tz=UTC),
                mode=BookingMode.RETURN,
                idempotency_key=UUID(request.POST.get("key", "")),
            )
        except (NotFound, NotAllowed):
            raise
        except ValueError:
            raise NotFound from None
        except Refusal as answer:
            refusal = answer
        else:
            start = datetime.fromtimestamp(int(second), tz=UTC)
            end = next((w.end for w in windows if w.start == start), None)
            when = f"{day_text(start)} {window_text(start, end) if end else ''}".strip()
            messages.success(request, gettext("复诊已约：%(when)s。号源已留，到院签到时缴费。") % {"when": when})
            return redirect(visit_url(encounter_id, "main"))
    slots = [
        {
            "start": w.start,
            "end": w.end,
            "free": w.free,
            "value": f"{w.session_id}_{int(w.start.timestamp())}",
            "morning": is_morning(w.start),
        }
        for w in windows
    ]
    context = frame(doctor) | {
        "record": record,
        "days": [Day(day=each.day, free=each.free, url=f"{here}?day={each.day.isoformat()}") for each in offer.days],
        "chosen": chosen,
        "halves": [(gettext("上午"), [s for s in slots if s["morning"]]), (gettext("下午"), [s for s in slots if not s["morning"]])],
        "key": request.POST.get("key") or new_id(),
        "tabs": tabs_of(encounter_id),
        "visit_url": reverse("doctor:visit", args=[encounter_id]),
        "refusal": refusal,
    }
    return render(request, "doctor/book_return.html", context, status=refusal.status if refusal else 200)
