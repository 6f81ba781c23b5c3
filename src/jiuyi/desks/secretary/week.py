"""One week of a department on one screen: doctors down, days across, half-days within."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiuyi.desks.secretary.forms import day_or
from jiuyi.desks.secretary.frame import departments_of, for_secretaries, frame
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, PractitionerFacts
from jiuyi.domains.scheduling.actions import generating
from jiuyi.domains.scheduling.queries import timetable
from jiuyi.domains.scheduling.queries.timetable import SessionCell
from jiuyi.domains.scheduling.words import HalfDay
from jiuyi.domains.scheduling.words.planning import PlanOutcome
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date

DAYS = 7
_ALWAYS = (HalfDay.MORNING, HalfDay.AFTERNOON)


@dataclass(frozen=True, slots=True)
class Line:
    """One half-day of one doctor over the week."""

    half_day: HalfDay
    days: list[list[SessionCell]]


@dataclass(frozen=True, slots=True)
class DoctorRows:
    """A doctor and the lines of the week."""

    doctor: PractitionerFacts
    lines: list[Line]


@for_secretaries
def week(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """The week that holds the day asked for, with everything that stands against the timetable in it."""
    now = clock.now()
    today = service_date(now)
    day = day_or(request.GET.get("day", ""), today)
    monday = day - timedelta(days=day.weekday())
    cells = timetable.week(here.id, monday, DAYS, now=now)
    doctors = {each.id: each for each in organizations.practitioners(here.id)}
    doctors |= organizations.facts_practitioners({cell.practitioner_id for cell in cells} - set(doctors))
    rows = [_rows_of(doctor, cells, monday) for doctor in doctors.values()]
    until = monday + timedelta(days=DAYS - 1)
    open_rows = generating.preview_sessions(actor=actor, now=now, department_id=here.id, until=until).rows if until >= today else []
    in_week = [row for row in open_rows if row.day >= monday]
    context = frame(request, here, current="week") | {
        "departments": departments_of(actor),
        "days": timetable.calendar_days(monday, DAYS),
        "today": today,
        "monday": monday,
        "previous": monday - timedelta(days=DAYS),
        "next": monday + timedelta(days=DAYS),
        "doctors": [row for row in rows if any(any(line.days) for line in row.lines)] or rows,
        "rooms": organizations.facts_rooms({cell.room_id for cell in cells if cell.room_id}),
        "conflicts": [(row, doctors.get(row.practitioner_id)) for row in in_week if row.outcome is PlanOutcome.CONFLICT],
        "open_count": sum(row.outcome is PlanOutcome.NEW for row in in_week),
        "shared": _shared_rooms(cells),
    }
    return render(request, "secretary/week.html", context)


def _rows_of(doctor: PractitionerFacts, cells: list[SessionCell], monday: date) -> DoctorRows:
    own = [cell for cell in cells if cell.practitioner_id == doctor.id]
    halves = [half for half in HalfDay if half in _ALWAYS or any(cell.half_day is half for cell in own)]
    days = [monday + timedelta(days=ahead) for ahead in range(DAYS)]
    lines = [Line(half, [[cell for cell in own if cell.service_date == day and cell.half_day is half] for day in days]) for half in halves]
    return DoctorRows(doctor, lines)


def _shared_rooms(cells: list[SessionCell]) -> set[UUID]:
    """Sessions whose room somebody else of the department uses at the same time, by id."""
    standing = [cell for cell in cells if cell.room_id and cell.status == "open"]
    return {
        one.id
        for one in standing
        for other in standing
        if one.id != other.id and one.room_id == other.room_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
    }
