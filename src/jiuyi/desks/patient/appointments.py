"""My bookings: the voucher, paying for a held place, giving a place back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.patient.absence import absence_of
from jiuyi.desks.patient.forms import CancelForm, PayForm, posted
from jiuyi.desks.patient.guard import signed_in
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import absences, booking, my_bookings, paying
from jiuyi.journeys.my_bookings import Booking
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kit.formats import moment_text, money_text
from jiuyi.kit.refusals import add_refusal
from jiuyi.kit.tags.reading import when

EXPLANATIONS: Final[dict[AppointmentStatus, str]] = {
    AppointmentStatus.ARRIVED: gettext_noop("已经签到，请看首页的下一步，等候叫号。"),
    AppointmentStatus.FULFILLED: gettext_noop("这次就诊已经结束，不用再做别的。"),
    AppointmentStatus.CANCELLED: gettext_noop("这个号已经退掉，不用再做别的。"),
    AppointmentStatus.NOSHOW: gettext_noop("约好的时间没有来，也没有退号，记了一次爽约。需要请重新预约。"),
}


class Shown:
    """A booking with its sentences in the active language; everything else is the booking's own."""

    def __init__(self, booking: Booking, *, now: datetime) -> None:
        self.booking = booking
        self._now = now

    def __getattr__(self, name: str) -> Any:
        return getattr(self.booking, name)

    @property
    def lapsed(self) -> bool:
        """Whether the time to pay has run out, also in the moments before the place is given back."""
        facts = self.booking.facts
        return facts.status is AppointmentStatus.EXPIRED or (
            facts.status is AppointmentStatus.HELD and facts.held_until is not None and facts.held_until <= self._now
        )

    @property
    def waits_for_payment(self) -> bool:
        """Whether paying now still secures the place."""
        return self.booking.is_held and not self.lapsed

    @property
    def heading(self) -> str:
        """What has become of the booking, as the heading of its page."""
        status = self.booking.facts.status
        if self.booking.is_stopped:
            return gettext("停诊了，请选择怎么办")
        if self.lapsed:
            return gettext("超时未付，号已释放")
        if status is AppointmentStatus.HELD:
            return gettext("号已留住，请支付")
        return gettext("预约成功") if status is AppointmentStatus.BOOKED else gettext(status.label)

    @property
    def explanation(self) -> str:
        """What it means, for bookings that need nothing more; empty for those that do."""
        if self.lapsed:
            return gettext("没有在规定时间内付挂号费，这个号已经放给别人。需要请重新预约。")
        return gettext(EXPLANATIONS.get(self.booking.facts.status, ""))

    @property
    def may_book_again(self) -> bool:
        """Whether this place is gone, so that the next thing is another one."""
        return self.lapsed or self.booking.facts.status in {
            AppointmentStatus.CANCELLED,
            AppointmentStatus.EXPIRED,
            AppointmentStatus.NOSHOW,
        }

    @property
    def when_text(self) -> str:
        """``11月24日 周二 09:00–09:15``, which breaks only between day and time."""
        return when(self.booking.facts.window_start, self.booking.facts.window_end)

    @property
    def state_text(self) -> str:
        """The state in one word for the list."""
        if self.booking.is_stopped:
            return gettext("停诊，请选择")
        return gettext((AppointmentStatus.EXPIRED if self.lapsed else self.booking.facts.status).label)

    @property
    def doctor_text(self) -> str:
        """Department and doctor."""
        return f"{self.booking.department.name} {self.booking.doctor.name}"

    @property
    def place_text(self) -> str:
        """Hospital, building, floor and room."""
        return f"{self.booking.organization.name} {self.booking.place_name}".strip()

    @property
    def pay_text(self) -> str:
        """The button that pays: it names the act and the sum."""
        return gettext("支付 %(amount)s") % {"amount": money_text(self.booking.owed_fen)}

    @property
    def cancel_text(self) -> str:
        """Until when cancelling has no consequence, and what it does afterwards."""
        if self.booking.cancel_until is None:
            return ""
        until = moment_text(self.booking.cancel_until)
        if self.booking.cancel_until < self._now and not self.waits_for_payment:
            return gettext("已过 %(until)s 的期限：现在退号记一次临时退号，付过的钱照样退，号会让给别人。") % {"until": until}
        return gettext("%(until)s 前可以随时退号，付过的钱全退。之后也能退，钱照样退，只是记一次临时退号。") % {"until": until}

    @property
    def counting_text(self) -> str:
        """Whether cancelling counts towards a suspension where the visit takes place; empty where it does not."""
        rule = absences.rule_of(self.booking.facts.organization_id, now=self._now)
        if not rule.cancellations or self.waits_for_payment:
            return ""
        return gettext("%(days)s 天内退号满 %(count)s 次，网上和电话预约暂停 %(closed)s 天；预约后 30 分钟内退的不算。") % {
            "days": rule.cancellation_days,
            "count": rule.cancellations,
            "closed": rule.cancellation_closed_days,
        }

    @property
    def refund_texts(self) -> list[str]:
        """One sentence for each refund: how much, by which way, and whether it has arrived."""
        return [
            gettext("%(amount)s %(channel)s：%(status)s")
            % {"amount": money_text(each.amount_fen), "channel": gettext(each.channel.label), "status": gettext(each.status.label)}
            for each in self.booking.refunds
        ]


@signed_in
def mine(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """All bookings this account may see: coming ones first, then the past."""
    now = clock.now()
    coming, past = my_bookings.of_account(actor, now=now)
    context = {
        "coming": [Shown(each, now=now) for each in coming],
        "past": [Shown(each, now=now) for each in past],
        "standings": absences.standings_of_family(actor, now=now),
    }
    return render(request, "patient/appointments.html", context)


@signed_in
def one(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """One booking with its voucher: made to survive as a screenshot."""
    now = clock.now()
    shown = Shown(my_bookings.one(actor, appointment_id, now=now), now=now)
    return render(request, "patient/appointment.html", {"booking": shown, "now": now, "absence": absence_of(shown.facts, now=now)})


@signed_in
def pay(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Pay the fee that is owed for a booking."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    page = reverse("patient:appointment", args=[appointment_id])
    if record.charge_id is None or not record.owed_fen or Shown(record, now=now).lapsed:
        return redirect(page)
    form = PayForm(posted(request), at_hospital=False, initial={"how": PaymentChannel.WECHAT.value, "key": new_id()})
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
    context = {"form": form, "booking": Shown(record, now=now), "now": now}
    return render(request, "patient/pay_appointment.html", context, status=422 if form.errors else 200)


@signed_in
def cancel(request: HttpRequest, *, actor: Actor, appointment_id: UUID) -> HttpResponse:
    """Give a place back: the terms first, then a reason, then the button."""
    now = clock.now()
    record = my_bookings.one(actor, appointment_id, now=now)
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            booking.cancel(actor=actor, now=now, appointment_id=appointment_id, reason=CancelReason(form.cleaned_data["reason"]))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("patient:appointment", appointment_id=appointment_id)
    return render(request, "patient/cancel.html", {"form": form, "booking": Shown(record, now=now)}, status=422 if form.errors else 200)
