"""The table of orders with what is paid, and the part of it that renews itself."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiuyi.desks.doctor.frame import for_doctors
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.queries import OrderFacts
from jiuyi.domains.encounters.words import Frequency, OrderStatus, Route
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST

TAGS = {
    OrderStatus.DRAFT: "plain",
    OrderStatus.ACTIVE: "warning",
    OrderStatus.RELEASED: "success",
    OrderStatus.COMPLETED: "info",
    OrderStatus.REVOKED: "full",
}


def lines_of(orders: Sequence[OrderFacts]) -> list[dict[str, Any]]:
    """Each order with its charge and whether it can still be taken back."""
    ids = [order.order_id for order in orders]
    charges = {
        charge.source_id: charge
        for kind in (SERVICE_REQUEST, MEDICATION_REQUEST)
        for charge in bills.facts_charges(source_kind=kind, source_ids=ids)
    }
    return [
        {
            "order": order,
            "charge": charges.get(order.order_id),
            "route": Route(order.route) if order.route else None,
            "frequency": Frequency(order.frequency) if order.frequency else None,
            "tag": TAGS[order.status],
            "may_revoke": order.status in {OrderStatus.ACTIVE, OrderStatus.RELEASED},
        }
        for order in orders
    ]


def owed_fen(lines: Sequence[dict[str, Any]]) -> int:
    """What is still to be paid, in fen."""
    return sum(line["charge"].amount_fen for line in lines if line["charge"] and line["charge"].status is ChargeStatus.UNPAID)


def version_of(lines: Sequence[dict[str, Any]]) -> str:
    """A mark that changes whenever an order or its payment does."""
    states = "".join(f"{line['order'].order_id}{line['order'].status}{line['charge'] and line['charge'].status}" for line in lines)
    return hashlib.blake2s(states.encode(), digest_size=8).hexdigest()


@for_doctors
def orders(request: HttpRequest, *, actor: Actor, doctor: PractitionerFacts, encounter_id: UUID) -> HttpResponse:
    """The table again if something moved since ``v``; else nothing (204), and nobody's record was opened."""
    lines = lines_of(visits.facts_orders(encounter_id))
    version = version_of(lines)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    record = visits.open_encounter(actor, encounter_id, now=clock.now())
    context = {"visit": record.encounter, "lines": lines, "version": version, "owed_fen": owed_fen(lines)}
    context["may_write"] = record.encounter.practitioner_id == doctor.id
    return render(request, "doctor/orders.html", context)
