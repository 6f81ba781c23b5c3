"""Today's list of the institution: who is booked, who is here, who still has to pay; names masked."""

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiuyi.desks.clerk.frame import for_clerks, frame
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.queries import PersonFacts
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import DayListRow
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.clock import service_date

LINES_ON_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    row: DayListRow
    person: PersonFacts
    age: str
    department: str
    doctor: str
    owed_fen: int


@for_clerks
def today(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """All departments in order of time, or one of them."""
    now = clock.now()
    day = service_date(now)
    rows = schedule.day_list(actor, here.id, day)
    departments = organizations.facts_departments({row.department_id for row in rows})
    chosen = next((each for each in departments.values() if str(each.id) == request.GET.get("department")), None)
    mine = [row for row in rows if chosen is None or row.department_id == chosen.id]
    mine.sort(key=lambda row: (row.window_start, row.voucher))
    page = Paginator(mine, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    persons = people.facts_people({row.person_id for row in shown})
    doctors = organizations.facts_practitioners({row.practitioner_id for row in shown})
    owed = _owed([row.appointment_id for row in shown])
    context = frame(request, here, current="today") | {
        "day": day,
        "page": page,
        "count": len(mine),
        "departments": sorted(departments.values(), key=lambda each: each.name),
        "chosen": chosen,
        "lines": [
            Line(
                row=row,
                person=persons[row.person_id],
                age=persons[row.person_id].age_text(day),
                department=departments[row.department_id].name,
                doctor=doctors[row.practitioner_id].name,
                owed_fen=owed.get(row.appointment_id, 0),
            )
            for row in shown
        ],
    }
    return render(request, "clerk/today.html", context)


def _owed(appointment_ids: list[UUID]) -> dict[UUID, int]:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=appointment_ids)
    return {charge.source_id: charge.amount_fen for charge in charges if charge.status is ChargeStatus.UNPAID}
