"""One appointment at the window: cash, check-in, cancelling with the money back, and the paper slip."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.clerk.forms import CancelForm, CashForm, CheckInForm
from jiuyi.desks.clerk.frame import for_clerks, frame
from jiuyi.desks.clerk.money import cash_words
from jiuyi.desks.steps import shown
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import OWED_OR_PAID, ChargeStatus, PaymentChannel, RefundReason
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, Party
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import arriving, paying, worklist
from jiuyi.journeys import booking as journey
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.money import fen_of_yuan
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import money_text
from jiuyi.kit.refusals import add_refusal

VOUCHER_STATES = (AppointmentStatus.HELD, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)


@for_clerks
def appointment(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """The appointment with whatever is to be done next in front."""
    return _page(request, actor=actor, here=here, appointment_id=appointment_id)


@require_POST
@for_clerks
def cash(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """Take the fee in cash; a place that was only held is booked by it."""
    now = clock.now()
    schedule.open_appointment(actor, appointment_id, now=now)
    journey.charge_claimed(appointment_id=appointment_id, now=now)
    form = CashForm(request.POST)
    if form.is_valid():
        charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
        try:
            receipt = paying.take_cash(
                actor=actor,
                now=now,
                charge_ids=[charge.charge_id for charge in charges if charge.status in OWED_OR_PAID],
                tendered_fen=fen_of_yuan(form.cleaned_data["tendered"]),
                idempotency_key=form.cleaned_data["key"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, cash_words(receipt))
            return redirect("clerk:appointment", appointment_id=appointment_id)
    return _page(request, actor=actor, here=here, appointment_id=appointment_id, cash_form=form)


@require_POST
@for_clerks
def check_in(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """Give a ticket; a second press gives the same ticket and the same slip."""
    form = CheckInForm(request.POST)
    if form.is_valid():
        try:
            arriving.check_in(
                actor=actor,
                now=clock.now(),
                appointment_id=appointment_id,
                payer_category=PayerCategory(form.cleaned_data["payer_category"]),
                credential=Credential(form.cleaned_data["credential"]),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("clerk:slip", appointment_id=appointment_id)
    return _page(request, actor=actor, here=here, appointment_id=appointment_id, check_in_form=form)


@require_POST
@for_clerks
def cancel(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """Give the place back; cash goes over the counter at once, other money goes back the way it came."""
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            outcome = journey.cancel(
                actor=actor, now=clock.now(), appointment_id=appointment_id, reason=CancelReason(form.cleaned_data["reason"])
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            _tell_of_refund(request, appointment_id, outcome.refunded_fen)
            return redirect("clerk:appointment", appointment_id=appointment_id)
    return _page(request, actor=actor, here=here, appointment_id=appointment_id, cancel_form=form)


@for_clerks
def slip(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """The paper for somebody without a phone: number, where, how to get there, what comes next. A lost slip names nobody."""
    del here
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    ticket = queues.facts_ticket_of_appointment(appointment_id)
    steps = [
        shown(step, person_id=facts.person_id, with_links=False)
        for step in worklist.steps_of(actor=actor, person_id=facts.person_id, now=now)
    ]
    context = _about(facts) | {
        "person": people.facts_person(facts.person_id),
        "ticket": ticket,
        "ahead": queues.people_ahead(ticket.ticket_id, now=now) if ticket else None,
        "steps": steps,
        "has_voucher": facts.status in VOUCHER_STATES,
        "now": now,
    }
    return render(request, "clerk/slip.html", context)


def _page(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID, **typed: Any) -> HttpResponse:
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    ticket = queues.facts_ticket_of_appointment(appointment_id)
    if facts.fee_fen and not journey.charges_of(appointment_id):  # from the gate, perhaps a moment ago: it must be possible to pay
        journey.charge_claimed(appointment_id=appointment_id, now=now)
    about = _about(facts)
    context = (
        frame(request, here)
        | about
        | {
            "record": people.open_person(actor, facts.person_id, now=now),
            "visit": visits.facts_encounter_of_appointment(appointment_id),
            "ticket": ticket,
            "ahead": queues.people_ahead(ticket.ticket_id, now=now) if ticket else None,
            "to_come": facts.service_date > service_date(now),
            "may_check_in": facts.status is AppointmentStatus.BOOKED and facts.service_date == service_date(now) and not about["owed_fen"],
            "may_move": ticket is None and facts.status is AppointmentStatus.BOOKED and now < facts.window_end,
            "may_transfer": facts.status in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}
            and facts.service_date == service_date(now),
            "may_cancel": schedule.cancel_terms_of_appointment(facts, now=now, by=Party.STAFF).may,
            "cash_form": CashForm(initial={"key": new_id()}),
            "check_in_form": CheckInForm(),
            "cancel_form": CancelForm(),
        }
    )
    context |= typed
    context["form"] = next(iter(typed.values()), None)  # its errors stand at the top
    return render(request, "clerk/appointment.html", context, status=422 if any(form.errors for form in typed.values()) else 200)


def _about(facts: schedule.AppointmentFacts) -> dict[str, Any]:
    """Where, with whom and for how much."""
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[facts.appointment_id])
    room = organizations.room(facts.room_id) if facts.room_id else None
    department = organizations.department(facts.department_id)
    return {
        "appointment": facts,
        "charge": next(reversed(charges), None),  # a move may have given older ones back
        "owed_fen": sum(charge.amount_fen for charge in charges if charge.status is ChargeStatus.UNPAID),
        "organization": organizations.organization(facts.organization_id),
        "department": department,
        "doctor": organizations.practitioner(facts.practitioner_id),
        "place": room.place_text if room else department.location,
        "room_name": room.name if room else "",
        "directions": (room.directions if room else "") or department.directions,
    }


def _tell_of_refund(request: HttpRequest, appointment_id: UUID, refunded_fen: int) -> None:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
    # A move, or money that came twice, went back before this: only what goes back now is told, or it would be paid out twice.
    every = bills.facts_refunds([charge.charge_id for charge in charges])
    refunds = [refund for refund in every if refund.reason is RefundReason.APPOINTMENT_CANCELLED]
    if not refunded_fen:
        messages.success(request, gettext("已退号，没有需要退的费用。"))
    elif any(refund.channel is PaymentChannel.CASH for refund in refunds):
        messages.success(request, gettext("已退号，请退现金 %(amount)s。") % {"amount": money_text(refunded_fen)})
    else:
        messages.success(request, gettext("已退号，%(amount)s 会原路退回，不用在窗口退现金。") % {"amount": money_text(refunded_fen)})
