"""Paying in the room: what the doctor ordered, on the phone, as one bill (C21)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.patient.forms import PayForm, posted
from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.identity.words import Certainty
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import paying
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import money_text
from jiuyi.kit.refusals import add_refusal


@signed_in
def bill(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Everything a person owes for orders, line by line, paid in one go (one payment for each institution)."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    locked = member.level is not Certainty.VERIFIED
    bills = paying.bills_of_person(actor=actor, person_id=person_id, now=now)
    current = bills[0] if bills else None
    form = PayForm(posted(request), at_hospital=False, initial={"how": PaymentChannel.WECHAT.value, "key": new_id()})
    if request.method == "POST" and current is not None and form.is_valid():
        try:
            started = paying.start(
                actor=actor,
                now=now,
                charge_ids=[line.charge_id for line in current.lines],
                channel=PaymentChannel(form.cleaned_data["how"]),
                idempotency_key=form.cleaned_data["key"],
                return_url=request.build_absolute_uri(reverse("patient:home")),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(started.url)
    pay_text = gettext("支付 %(amount)s") % {"amount": money_text(current.total_fen)} if current else ""
    context = {"member": member, "bill": current, "pay_text": pay_text, "more": len(bills) - 1, "locked": locked, "form": form}
    return render(request, "patient/bill.html", context, status=422 if form.errors else 200)
