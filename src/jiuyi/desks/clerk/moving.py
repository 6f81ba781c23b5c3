"""At the window: a booking moved to another time, a patient sent on to the right department, a returnee let in without a place."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.desks import places
from jiuyi.desks.clerk.forms import CheckInForm
from jiuyi.desks.clerk.frame import for_clerks, frame, key_of
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import arriving, rescheduling, transferring
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import money_text
from jiuyi.kit.refusals import add_refusal


@for_clerks
def move(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """Choose another window by links, move by one button; number and voucher stay."""
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    refusal = None
    if request.method == "POST":
        slot, key = places.slot_of(request.POST.get("slot", "")), key_of(request.POST.get("key", ""))
        if slot is None or key is None:
            messages.error(request, gettext("请先选一个时段，再点“确认改约”。"))
        else:
            try:
                done = rescheduling.reschedule(
                    actor=actor,
                    now=now,
                    appointment_id=appointment_id,
                    session_id=slot[0],
                    window_start=slot[1],
                    idempotency_key=key,
                )
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                _say_what_is_owed(request, gettext("已改约，凭证不变。"), done.refunded_fen, done.owed_fen)
                return redirect("clerk:appointment", appointment_id=appointment_id)
    shown = places.choices(
        request.GET.dict() | request.POST.dict(),
        organization_id=here.id,
        remembered=str(facts.department_id),
        url=reverse("clerk:move", args=[appointment_id]),
        channel=BookingChannel.WINDOW,
        now=now,
    )
    context = frame(request, here) | _about(facts) | {"refusal": refusal, "key": new_id()} | shown
    context["gone"] = places.nearest_of(refusal)
    status = refusal.status if refusal else 422 if request.method == "POST" else 200
    return render(request, "clerk/move.html", context, status=status)


@for_clerks
def transfer(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """分诊转科 in two clicks: this page, and the department; a new ticket if the patient had one."""
    now = clock.now()
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    refusal = None
    if request.method == "POST":
        department_id, key = key_of(request.POST.get("department", "")), key_of(request.POST.get("key", ""))
        if department_id is None or key is None:
            messages.error(request, gettext("请选患者该去的科室。"))
        else:
            try:
                done = transferring.transfer(
                    actor=actor, now=now, appointment_id=appointment_id, department_id=department_id, idempotency_key=key
                )
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                said = (
                    gettext("已转科，新票号 %(label)s。") % {"label": done.ticket_label}
                    if done.ticket_label
                    else gettext("已转科，请患者到新科室签到。")
                )
                _say_what_is_owed(request, said, done.refunded_fen, done.owed_fen)
                return redirect("clerk:appointment", appointment_id=appointment_id)
    context = frame(request, here) | _about(facts) | {"refusal": refusal, "key": request.POST.get("key") or new_id()}
    context["departments"] = transferring.departments_today(here.id, but=facts.department_id, now=now)
    status = refusal.status if refusal else 422 if request.method == "POST" else 200
    return render(request, "clerk/transfer.html", context, status=status)


@for_clerks
def come_back(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """一号管三天: who was seen lately gets a ticket of the same doctor, without a place and without a fee."""
    now = clock.now()
    record = people.open_person(actor, person_id, now=now)
    form = CheckInForm(request.POST if request.method == "POST" else None)
    label = None
    if request.method == "POST" and form.is_valid():
        try:
            back = arriving.register_return(
                actor=actor,
                now=now,
                person_id=person_id,
                department_id=key_of(request.POST.get("department", "")) or person_id,
                practitioner_id=key_of(request.POST.get("practitioner", "")),
                payer_category=PayerCategory(form.cleaned_data["payer_category"]),
                credential=Credential(form.cleaned_data["credential"]),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            label = back.label
            messages.success(
                request, gettext("已取号 %(label)s，前面 %(ahead)s 人，不收诊查费。") % {"label": back.label, "ahead": back.ahead}
            )
    covered = arriving.visits_to_return_to(person_id=person_id, organization_id=here.id, now=now)
    departments = organizations.facts_departments({each.department_id for each in covered})
    doctors = organizations.facts_practitioners({each.practitioner_id for each in covered if each.practitioner_id})
    rows = [
        {"visit": each, "department": departments[each.department_id].name, "doctor": doctors[each.practitioner_id].name}
        for each in covered
        if each.practitioner_id
    ]
    context = frame(request, here) | {"record": record, "rows": rows, "form": form, "label": label}
    return render(request, "clerk/come_back.html", context, status=422 if form.errors else 200)


def _about(facts: schedule.AppointmentFacts) -> dict[str, Any]:
    return {
        "appointment": facts,
        "person": people.facts_person(facts.person_id),
        "old_department": organizations.department(facts.department_id),
        "old_doctor": organizations.practitioner(facts.practitioner_id),
    }


def _say_what_is_owed(request: HttpRequest, said: str, refunded_fen: int, owed_fen: int) -> None:
    if refunded_fen:
        said += gettext("原挂号费 %(amount)s 退回原支付方式，付的现金请在窗口退。") % {"amount": money_text(refunded_fen)}
    if owed_fen:
        said += gettext("请收挂号费 %(amount)s。") % {"amount": money_text(owed_fen)}
    messages.success(request, said)
