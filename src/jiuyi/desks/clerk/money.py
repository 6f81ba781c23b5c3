"""Cash for the orders of visits, and cash that waits to be handed back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.clerk.forms import CashForm
from jiuyi.desks.clerk.frame import for_clerks, key_of
from jiuyi.desks.clerk.person_page import page
from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.actions import CashReceipt
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import paying
from jiuyi.kernel.money import fen_of_yuan
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import money_text
from jiuyi.kit.refusals import add_refusal


@dataclass(frozen=True, slots=True)
class WaitingRefund:
    """Cash that a person may fetch at this window."""

    refund_id: UUID
    masked_name: str
    id_last_four: str
    description: str
    amount_fen: int
    requested_at: datetime


@require_POST
@for_clerks
def pay_orders(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """Take cash for exactly the lines that stood on the page: what was ordered meanwhile is not paid unseen."""
    form = CashForm(request.POST)
    if form.is_valid():
        now = clock.now()
        shown = {key_of(text) for text in request.POST.getlist("charge")}
        owed = bills.facts_charges_by_id([charge_id for charge_id in shown if charge_id])
        if any(charge.person_id not in people.same_person_ids(person_id) for charge in owed):
            raise NotFound
        try:
            receipt = paying.take_cash(
                actor=actor,
                now=now,
                charge_ids=[charge.charge_id for charge in owed],
                tendered_fen=fen_of_yuan(form.cleaned_data["tendered"]),
                idempotency_key=form.cleaned_data["key"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, cash_words(receipt))
            return redirect("clerk:person", person_id=person_id)
    return page(request, actor=actor, here=here, person_id=person_id, cash_form=form)


@require_POST
@for_clerks
def pay_out(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, refund_id: UUID) -> HttpResponse:
    """The cash of a refund went over the counter; pressing twice is once."""
    del here
    billing.pay_out_cash_refund(actor=actor, now=clock.now(), refund_id=refund_id)
    messages.success(request, gettext("已记为退付现金。"))
    return redirect("clerk:home")


def cash_words(receipt: CashReceipt) -> str:
    """What the clerk says over the counter: due, received, change."""
    received = receipt.amount_fen + receipt.change_fen
    words = {"due": money_text(receipt.amount_fen), "received": money_text(received), "change": money_text(receipt.change_fen)}
    return gettext("应收 %(due)s，实收 %(received)s，找零 %(change)s。") % words


def waiting_refunds(organization_id: UUID) -> list[WaitingRefund]:
    """Cash refunds of cancelled bookings that nobody has fetched yet, masked."""
    refunds = bills.cash_refunds_to_collect(organization_id)
    charges = {each.charge_id: each for each in bills.facts_charges_by_id([refund.charge_id for refund in refunds])}
    persons = people.facts_people({charge.person_id for charge in charges.values()})
    rows = []
    for refund in refunds:
        charge = charges[refund.charge_id]
        person = persons[charge.person_id]
        rows.append(
            WaitingRefund(
                refund.refund_id, person.masked_name, person.id_last_four, charge.description, refund.amount_fen, refund.requested_at
            )
        )
    return rows
