"""Payer, ticket, paper: the end of a check-in at the kiosk."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.kiosk.forms import PayerForm
from jiuyi.desks.kiosk.guard import RESULT_SECONDS, for_kiosks, frame, remember, remembered, remembered_id
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import RoomKind
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.foundation.enrolled_devices import DeviceRow
from jiuyi.journeys import arriving
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal


@for_kiosks
def payer(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Is it you, and who pays? Then the ticket. An unpaid fee says where to pay instead."""
    appointment_id = remembered_id(request, "chosen")
    if appointment_id is None:
        return redirect("kiosk:start")
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    if facts.status is AppointmentStatus.ARRIVED:
        return _to_ticket(request, appointment_id)
    owed_fen = _owed(appointment_id)
    form = PayerForm(request.POST or None)
    refusal = None
    if form.is_valid():
        try:
            arriving.check_in(
                actor=actor,
                now=now,
                appointment_id=appointment_id,
                payer_category=PayerCategory(form.cleaned_data["payer_category"]),
                credential=Credential(remembered(request, "credential")),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
        else:
            return _to_ticket(request, appointment_id)
    context = frame(device) | _about(facts) | {"form": form, "refusal": refusal, "owed_fen": owed_fen}
    if owed_fen:
        context["pay_desks"] = [room for room in organizations.rooms(facts.organization_id) if room.kind is RoomKind.DESK]
        return render(request, "kiosk/unpaid.html", context, status=refusal.status if refusal else 200)
    return render(request, "kiosk/payer.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


@for_kiosks
def ticket(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The number in large, where to wait, how many are ahead; goes back to the start by itself."""
    context = _ticket(request, actor)
    if context is None:
        return redirect("kiosk:start")
    response = render(request, "kiosk/ticket.html", frame(device) | context)
    response.headers["Refresh"] = f"{RESULT_SECONDS}; url={reverse('kiosk:start')}"
    return response


@for_kiosks
def slip(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The same on paper."""
    context = _ticket(request, actor)
    if context is None:
        return redirect("kiosk:start")
    response = render(request, "kiosk/slip.html", frame(device) | context)
    response.headers["Refresh"] = f"{RESULT_SECONDS}; url={reverse('kiosk:start')}"
    return response


def _to_ticket(request: HttpRequest, appointment_id: UUID) -> HttpResponse:
    remember(request, ticket=str(appointment_id))
    return redirect("kiosk:ticket")


def _ticket(request: HttpRequest, actor: Actor) -> dict[str, Any] | None:
    appointment_id = remembered_id(request, "ticket")
    if appointment_id is None:
        return None
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    found = queues.facts_ticket_of_appointment(appointment_id)
    if found is None:
        return None
    return _about(facts) | {"ticket": found, "ahead": queues.people_ahead(found.ticket_id, now=now), "now": now}


def _about(facts: schedule.AppointmentFacts) -> dict[str, Any]:
    """Who (masked), where and with whom."""
    room = organizations.room(facts.room_id) if facts.room_id else None
    department = organizations.department(facts.department_id)
    return {
        "appointment": facts,
        "person": people.facts_person(facts.person_id),
        "department": department,
        "doctor": organizations.practitioner(facts.practitioner_id),
        "organization": organizations.organization(facts.organization_id),
        "place": room.place_text if room else department.location,
        "directions": (room.directions if room else "") or department.directions,
    }


def _owed(appointment_id: UUID) -> int:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
    return sum(charge.amount_fen for charge in charges if charge.status is ChargeStatus.UNPAID)
