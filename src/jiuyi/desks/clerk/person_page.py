"""One person at the window: who it is, what is booked, what is owed, which phones may look."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from jiuyi.desks.clerk.forms import CashForm, VerifyForm
from jiuyi.desks.clerk.frame import frame
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import PERSON_VERIFY, Certainty
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts
from jiuyi.domains.scheduling.words import APPOINTMENT_OPEN
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import paying
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class BookedRow:
    """One line of a person's bookings."""

    facts: AppointmentFacts
    department: str
    doctor: str
    owed_fen: int
    today: bool


def page(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID, **typed: Any) -> HttpResponse:
    """The person's page, with forms as they were typed (``verify_form``, ``cash_form``)."""
    now = clock.now()
    record = people.open_person(actor, person_id, now=now)
    may_verify = access.may(actor, PERSON_VERIFY, here.id)
    bills_here = [each for each in paying.bills_of_person(actor=actor, person_id=person_id, now=now) if each.organization_id == here.id]
    context = frame(request, here) | {
        "record": record,
        "may_verify": may_verify,
        "booked": booked_rows(actor, person_id),
        "bill": next(iter(bills_here), None),
        "verify_form": VerifyForm(links=links_to_raise(actor, here, person_id)) if may_verify else None,
        "links": people.links_of_person(actor, person_id, organization_id=here.id) if may_verify else [],
        "cash_form": CashForm(initial={"key": new_id()}),
    }
    context |= typed
    return render(request, "clerk/person.html", context, status=422 if any(form.errors for form in typed.values()) else 200)


def links_to_raise(actor: Actor, here: OrganizationFacts, person_id: UUID) -> list[tuple[str, str]]:
    """The phone accounts whose link is not verified yet, told apart by phone and relation."""
    return [
        (str(link.link_id), f"{link.phone_hint} · {gettext(link.relation.label)}")
        for link in people.links_of_person(actor, person_id, organization_id=here.id)
        if link.level is not Certainty.VERIFIED
    ]


def booked_rows(actor: Actor, person_id: UUID) -> list[BookedRow]:
    """The person's appointments from today on at the institutions whose bookings this account may see."""
    today = service_date(clock.now())
    every = schedule.facts_appointments_of_person(list(people.same_person_ids(person_id)), from_=today)
    found = [each for each in every if access.may(actor, APPOINTMENT_OPEN, each.organization_id)]
    departments = organizations.facts_departments({each.department_id for each in found})
    doctors = organizations.facts_practitioners({each.practitioner_id for each in found})
    owed = {
        charge.source_id: charge.amount_fen
        for charge in bills.facts_charges(source_kind=APPOINTMENT, source_ids=[each.appointment_id for each in found])
        if charge.status is ChargeStatus.UNPAID
    }
    return [
        BookedRow(
            facts=each,
            department=departments[each.department_id].name,
            doctor=doctors[each.practitioner_id].name,
            owed_fen=owed.get(each.appointment_id, 0),
            today=each.service_date == today,
        )
        for each in found
    ]
