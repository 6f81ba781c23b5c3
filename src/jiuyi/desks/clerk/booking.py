"""Department, doctor and window on one screen, same day first."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks import places
from jiuyi.desks.clerk.frame import for_clerks, frame, key_of
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

DEPARTMENT_KEY = "clerk_department_id"


@for_clerks
def book(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """Choose by links, take a place by one button; the fee is paid on the next page."""
    now = clock.now()
    record = people.open_person(actor, person_id, now=now)
    refusal = None
    if request.method == "POST":
        slot = places.slot_of(request.POST.get("slot", ""))
        key = key_of(request.POST.get("key", ""))
        if slot is None or key is None:
            messages.error(request, gettext("请先选一个时段，再点“确认挂号”。"))
        else:
            try:
                booked = booking.book(
                    actor=actor,
                    now=now,
                    person_id=person_id,
                    session_id=slot[0],
                    window_start=slot[1],
                    channel=BookingChannel.WINDOW,
                    pay_at_arrival=True,
                    idempotency_key=key,
                )
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                return redirect("clerk:appointment", appointment_id=booked.appointment_id)
    shown: dict[str, Any] = places.choices(
        request.GET.dict() | request.POST.dict(),
        organization_id=here.id,
        remembered=request.session.get(DEPARTMENT_KEY),
        url=reverse("clerk:book", args=[person_id]),
        channel=BookingChannel.WINDOW,
        now=now,
    )
    if shown["department"] is not None:
        request.session[DEPARTMENT_KEY] = str(shown["department"].id)
    context = frame(request, here) | {"record": record, "refusal": refusal, "key": new_id()} | shown
    context["gone"] = places.nearest_of(refusal)
    status = refusal.status if refusal else 422 if request.method == "POST" else 200
    return render(request, "clerk/book.html", context, status=status)
