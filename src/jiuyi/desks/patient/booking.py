"""Check answers, then book: the last look before a place is taken."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks.patient.forms import AT_HOSPITAL, PayForm, posted
from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.desks.patient.safety import asked_first
from jiuyi.desks.patient.times import age_refused, slot_of, slot_value, time_page
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import BookingChannel, PlaceGone, SessionStopped, WindowPassed
from jiuyi.foundation import clock, devices
from jiuyi.foundation.access import Actor
from jiuyi.journeys import absences, booking, paying
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import refusal_text
from jiuyi.kit.tags.reading import when


@signed_in
@asked_first
def check(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Everything on one page: who, where, when, the price with its rule, until when it can be cancelled."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    if not request.GET.get("slot"):
        return _back_to_time(request, person_id)
    session_id, window_start = slot_of(request.GET["slot"])
    session = schedule.facts_session(session_id)
    quote = booking.quote(session_id=session_id, window_start=window_start, now=now)
    form = PayForm(posted(request), at_hospital=True, initial={"how": AT_HOSPITAL, "key": new_id()})
    refusal = None
    if request.method == "POST" and (form.is_valid() or not quote.fee_fen):
        try:
            return _book(request, actor=actor, form=form, person_id=person_id, session_id=session_id, window_start=window_start, now=now)
        except (NotFound, NotAllowed):
            raise
        except Refusal as answer:
            refusal = answer
    gone = isinstance(refusal, PlaceGone | WindowPassed | SessionStopped)
    nearest = [] if not gone else schedule.nearest_free(session_id, window_start, now)
    window_end = schedule.window_end(session_id, window_start)
    context = {
        "member": member,
        "session": session,
        "age_refused": age_refused(member, session.department_id, on=session.service_date),
        "time_url": time_page(
            person_id=person_id,
            department_id=session.department_id,
            practitioner_id=session.practitioner_id,
            number_class=session.number_class,
            window_start=window_start,
            slot=request.GET["slot"],
        ),
        "when_text": when(window_start, window_end),
        "confirm_text": gettext("确认预约"),
        "pay_hints": {AT_HOSPITAL: gettext("现在就算约上，到院后先付费再签到")},
        "quote": quote,
        "standing": absences.standing_of(actor, person_id, organization_id=session.organization_id, now=now),
        "rule_source": gettext(quote.rule_source),
        "form": form,
        "refusal": refusal,
        "gone": gone,
        "nearest": [
            {"window": each, "slot": slot_value(each.session_id, each.start), "label": when(each.start, each.end)} for each in nearest
        ],
        "department": organizations.department(session.department_id),
        "organization": organizations.organization(session.organization_id),
        "doctor": organizations.practitioner(session.practitioner_id),
    }
    return render(request, "patient/book_check.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


def _book(
    request: HttpRequest, *, actor: Actor, form: PayForm, person_id: UUID, session_id: UUID, window_start: datetime, now: datetime
) -> HttpResponse:
    channel = form.channel if form.is_valid() else None
    key = form.cleaned_data.get("key") or new_id()
    booked = booking.book(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        window_start=window_start,
        channel=BookingChannel.WEB,
        pay_at_arrival=channel is None,
        idempotency_key=key,
        device_hash=devices.device_hash(request),
    )
    page = reverse("patient:appointment", args=[booked.appointment_id])
    if channel is None or booked.charge_id is None:
        return redirect(page)
    try:
        started = paying.start(
            actor=actor,
            now=now,
            charge_ids=[booked.charge_id],
            channel=channel,
            idempotency_key=key,
            return_url=request.build_absolute_uri(page),
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        # The place is taken; its page says how long it waits and offers to pay again.
        messages.warning(request, refusal_text(refusal))
        return redirect(page)
    return redirect(started.url)


def _back_to_time(request: HttpRequest, person_id: UUID) -> HttpResponse:
    origin = request.GET.get("from", "")
    if origin.startswith(reverse("patient:book_hospital", args=[person_id]).removesuffix("hospital/")):
        return redirect(f"{origin}{'&' if '?' in origin else '?'}missing=1")
    return redirect("patient:book_hospital", person_id=person_id)
