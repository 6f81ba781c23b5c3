"""Ten people on one screen: who goes, which department, proposed windows, all booked by one button, one printed sheet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.village.forms import FindForm, TripForm
from jiuyi.desks.village.frame import for_village_doctors, frame
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import CareBasis
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import trips as seats
from jiuyi.domains.scheduling.queries import trips as queries
from jiuyi.domains.scheduling.queries.trips import SeatFacts, TripFacts, WindowOnTrip
from jiuyi.domains.scheduling.words import TripSeatState
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import trips as journey
from jiuyi.journeys.trips import Outcome
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import window_text
from jiuyi.kit.refusals import add_refusal, refusal_text

Villages = list[OrganizationFacts]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One line of the van's list."""

    seat: SeatFacts
    name: str
    age_text: str
    appointment: schedule.AppointmentFacts | None
    place: str
    doctor: str
    department: str
    proposed: str
    refusal: str
    nearest: tuple[str, ...]

    @property
    def is_booked(self) -> bool:
        """Whether the seat has its place."""
        return self.seat.state is TripSeatState.BOOKED and self.appointment is not None

    @property
    def voucher(self) -> str:
        """The code as it is printed everywhere: in groups of four."""
        code = self.appointment.voucher if self.appointment else ""
        return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


@for_village_doctors
def home(request: HttpRequest, *, actor: Actor, villages: Villages) -> HttpResponse:
    """Trips to come, and a new one."""
    now = clock.now()
    offering = schedule.organizations_with_sessions(now)
    hospitals = [(str(each.id), each.name) for each in organizations.organizations() if each.id in offering]
    choices: dict[str, Any] = {"villages": [(str(each.id), each.name) for each in villages], "hospitals": hospitals}
    first = {"key": new_id(), "day": service_date(now) + timedelta(days=1)}
    form = TripForm(request.POST, **choices) if request.method == "POST" else TripForm(initial=first, **choices)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            trip_id = journey.plan_trip(
                actor=actor,
                now=now,
                id=typed["key"],
                village_id=UUID(typed["village"]),
                hospital_id=UUID(typed["hospital"]),
                leaves_at=instant_at(typed["day"], typed["leaves"]),
                arrives_at=instant_at(typed["day"], typed["arrives"]),
                returns_at=instant_at(typed["day"], typed["returns"]),
                seats=typed["seats"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("village:trip", trip_id=trip_id)
    coming = [(each, trip) for each in villages for trip in queries.trips_of_village(each.id, service_date(now))]
    context = frame(request, villages[0]) | {
        "form": form,
        "coming": [(village.name, trip, organizations.organization(trip.hospital_id).name) for village, trip in coming],
    }
    return render(request, "village/home.html", context, status=422 if form.errors else 200)


@for_village_doctors
def trip(request: HttpRequest, *, actor: Actor, villages: Villages, trip_id: UUID) -> HttpResponse:
    """The van's list; a POST looks for somebody of the village."""
    del villages
    now = clock.now()
    found = queries.open_trip(actor, trip_id)
    form, hits = FindForm(request.POST or None), None
    if form.is_valid():
        village = organizations.organization(found.village_id)
        try:
            hits = people.search_people(actor, form.cleaned_data["text"], organization_id=village.id, now=now, within=village.name)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, actor=actor, found=found, form=form, hits=hits, text=form.cleaned_data.get("text", "") if form.is_bound else "")


@require_POST
@for_village_doctors
def add(request: HttpRequest, *, actor: Actor, villages: Villages, trip_id: UUID, person_id: UUID) -> HttpResponse:
    """Take somebody along; without a contract of the family doctor how they agreed is written down."""
    del villages
    consent = request.POST.get("consent", "")[:200]
    try:
        journey.add_person(actor=actor, now=clock.now(), trip_id=trip_id, person_id=person_id, consent=consent)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(
            request, actor=actor, found=queries.open_trip(actor, trip_id), refusal=refusal, consent_of=people.facts_person(person_id)
        )
    return redirect("village:trip", trip_id=trip_id)


@require_POST
@for_village_doctors
def drop(request: HttpRequest, *, actor: Actor, villages: Villages, trip_id: UUID, seat_id: UUID) -> HttpResponse:
    """Somebody stays at home; a booked place goes back."""
    del villages
    queries.open_trip(actor, trip_id)
    if seat_id not in {each.seat_id for each in queries.facts_seats(trip_id)}:
        return redirect("village:trip", trip_id=trip_id)
    try:
        journey.drop_person(actor=actor, now=clock.now(), seat_id=seat_id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, actor=actor, found=queries.open_trip(actor, trip_id), refusal=refusal)
    messages.success(request, gettext("已从名单中去掉，约好的号已退回。"))
    return redirect("village:trip", trip_id=trip_id)


@require_POST
@for_village_doctors
def book(request: HttpRequest, *, actor: Actor, villages: Villages, trip_id: UUID) -> HttpResponse:
    """Keep the wishes; then show what would suit (``propose``), or book everybody who is not booked yet."""
    del villages
    found = queries.open_trip(actor, trip_id)
    departments = {str(each.id): each.id for each in organizations.departments(found.hospital_id)}
    for seat in queries.facts_seats(trip_id):
        name = f"department-{seat.seat_id}"
        if name in request.POST:
            seats.set_wish(actor=actor, seat_id=seat.seat_id, department_id=departments.get(request.POST[name]))
    if request.POST.get("act") == "propose":
        return _page(request, actor=actor, found=found, proposed=journey.propose(actor=actor, now=clock.now(), trip_id=trip_id))
    outcomes = journey.book_trip(actor=actor, now=clock.now(), trip_id=trip_id)
    refused = [each for each in outcomes if each.refusal is not None]
    words = {"booked": len(outcomes) - len(refused), "refused": len(refused)}
    text = gettext("已约好 %(booked)s 人。") if not refused else gettext("已约好 %(booked)s 人，%(refused)s 人没有约上，原因写在名单里。")
    messages.info(request, text % words)
    return _page(request, actor=actor, found=found, outcomes=outcomes)


@for_village_doctors
def sheet(request: HttpRequest, *, actor: Actor, villages: Villages, trip_id: UUID) -> HttpResponse:
    """One sheet for the van: who, when, where, what to bring."""
    del villages
    found, now = queries.open_trip(actor, trip_id), clock.now()
    rows = [each for each in _rows(actor, found, now) if each.is_booked]
    rows.sort(key=lambda each: each.appointment.window_start if each.appointment else now)
    return render(request, "village/sheet.html", _about(found) | {"rows": rows, "now": now})


def _page(request: HttpRequest, *, actor: Actor, found: TripFacts, **more: Any) -> HttpResponse:
    now = clock.now()
    outcomes: list[Outcome] = more.pop("outcomes", [])
    rows = _rows(actor, found, now, proposed=more.pop("proposed", None), outcomes={each.seat.seat_id: each for each in outcomes})
    offered = {each.department_id for each in schedule.departments_with_sessions(found.hospital_id, now)}
    hits = more.get("hits")
    context = frame(request, organizations.organization(found.village_id)) | _about(found)
    context |= {
        "form": FindForm(),
        "hits": None,
        "refusal": None,
        "rows": rows,
        "departments": [each for each in organizations.departments(found.hospital_id) if each.id in offered],
        "left": found.seats - len(rows),
        "signed": people.people_cared_for(
            [each.person_id for each in hits or []], basis=CareBasis.FAMILY_DOCTOR, node_id=found.village_id, now=now
        ),
    }
    context |= more
    context["form"] = more.get("form") or FindForm()
    wrong = context["refusal"] is not None or bool(context["form"].errors)
    return render(request, "village/trip.html", context, status=422 if wrong else 200)


def _about(found: TripFacts) -> dict[str, Any]:
    return {
        "trip": found,
        "village": organizations.organization(found.village_id),
        "hospital": organizations.organization(found.hospital_id),
    }


def _rows(
    actor: Actor,
    found: TripFacts,
    now: datetime,
    *,
    proposed: dict[UUID, WindowOnTrip] | None = None,
    outcomes: dict[UUID, Outcome] | None = None,
) -> list[SeatRow]:
    """The names are the village doctor's own people; reading them is audited with each record."""
    going = queries.facts_seats(found.trip_id)
    booked = {each.appointment_id: each for each in schedule.facts_appointments(s.appointment_id for s in going if s.appointment_id)}
    doctors = organizations.facts_practitioners({each.practitioner_id for each in booked.values()})
    rooms = organizations.facts_rooms({each.room_id for each in booked.values() if each.room_id})
    departments = {each.id: each for each in organizations.departments(found.hospital_id)}
    rows = []
    for seat in going:
        record = people.open_person(actor, seat.person_id, now=now)
        appointment = booked.get(seat.appointment_id) if seat.appointment_id and seat.state is TripSeatState.BOOKED else None
        room = rooms.get(appointment.room_id) if appointment and appointment.room_id else None
        wished = appointment.department_id if appointment else seat.department_id
        department = departments.get(wished) if wished else None
        rows.append(
            SeatRow(
                seat=seat,
                name=record.name,
                age_text=record.age_text,
                appointment=appointment,
                place=room.place_text if room else department.location if department else "",
                doctor=doctors[appointment.practitioner_id].name if appointment else "",
                department=department.name if department else "",
                proposed=_proposed(seat, proposed),
                refusal=_why(seat, (outcomes or {}).get(seat.seat_id)),
                nearest=_nearest((outcomes or {}).get(seat.seat_id)),
            )
        )
    return rows


def _proposed(seat: SeatFacts, proposed: dict[UUID, WindowOnTrip] | None) -> str:
    if proposed is None or seat.state is TripSeatState.BOOKED:
        return ""
    window = proposed.get(seat.seat_id)
    return window_text(window.start, window.end) if window else gettext("到达和返程之间没有空位")


def _why(seat: SeatFacts, outcome: Outcome | None) -> str:
    if outcome is not None and outcome.refusal is not None:
        return refusal_text(outcome.refusal)
    return gettext("上次没有约上，请再试。") if seat.state is TripSeatState.REFUSED else ""


def _nearest(outcome: Outcome | None) -> tuple[str, ...]:
    return tuple(window_text(each.start, each.end) for each in outcome.nearest) if outcome else ()
