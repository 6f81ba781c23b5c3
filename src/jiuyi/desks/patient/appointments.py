"""My bookings: the voucher, paying for a held place, giving a place back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.patient.forms import CancelForm, PayForm
from jiuyi.desks.patient.guard import signed_in
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking, my_bookings, paying
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@signed_in
def mine(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """All bookings this account may see: coming ones first, then the past."""
    coming, past = my_bookings.of_account(actor, now=clock.now())
    return render(request, "patient/appointments.html", {"coming": coming, "past": past})


@signed_in
def one(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """One booking with its voucher: made to survive as a screenshot."""
    now = clock.now()
    return render(request, "patient/appointment.html", {"booking": my_bookings.one(actor, appointment_id, now=now), "now": now})


@signed_in
def pay(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Pay the fee that is owed for a booking."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    page = reverse("patient:appointment", args=[appointment_id])
    if record.charge_id is None or not record.owed_fen:
        return redirect(page)
    form = PayForm(request.POST or None, at_hospital=False, initial={"how": PaymentChannel.WECHAT.value, "key": new_id()})
    if request.method == "POST" and form.is_valid():
        try:
            started = paying.start(
                actor=actor,
                now=now,
                charge_ids=[record.charge_id],
                channel=PaymentChannel(form.cleaned_data["how"]),
                idempotency_key=form.cleaned_data["key"],
                return_url=request.build_absolute_uri(page),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(started.url)
    context = {"form": form, "booking": record, "now": now}
    return render(request, "patient/pay_appointment.html", context, status=422 if form.errors else 200)


@signed_in
def cancel(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Give a place back: the terms first, then a reason, then the button."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            booking.cancel(actor=actor, now=now, appointment_id=appointment_id, reason=CancelReason(form.cleaned_data["reason"]))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("patient:appointment", appointment_id=appointment_id)
    return render(request, "patient/cancel.html", {"form": form, "booking": record}, status=422 if form.errors else 200)
