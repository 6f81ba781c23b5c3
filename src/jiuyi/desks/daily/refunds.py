"""Refunds that the payment channel refused ten times: a person looks, and sends them again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.daily.frame import frame, needs
from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import PAYMENT_REFUND
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor


@needs(PAYMENT_REFUND)
def refunds(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Failed refunds of the institutions where this account pays out, the oldest first; names masked."""
    places = [each for each in organizations.organizations() if access.may(actor, PAYMENT_REFUND, each.id)]
    found = [(place, refund) for place in places for refund in bills.failed_refunds(place.id)]
    charges = {each.charge_id: each for each in bills.facts_charges_by_id([refund.charge_id for _, refund in found])}
    persons = people.facts_people({each.person_id for each in charges.values()})
    lines = [
        {
            "place": place,
            "refund": refund,
            "charge": charges[refund.charge_id],
            "person": persons[charges[refund.charge_id].person_id],
        }
        for place, refund in found
    ]
    return render(request, "daily/refunds.html", frame(request, actor, current="refunds") | {"lines": lines})


@require_POST
@needs(PAYMENT_REFUND)
def retry(request: HttpRequest, *, actor: Actor, refund_id: UUID) -> HttpResponse:
    """Put a failed refund back in line."""
    billing.retry_refund(actor=actor, now=clock.now(), refund_id=refund_id)
    messages.success(request, gettext("已重新提交，稍后再看结果。"))
    return redirect("daily:refunds")
