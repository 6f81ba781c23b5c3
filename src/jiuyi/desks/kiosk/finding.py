"""Which appointment: by the voucher with the last four of the ID number, or by the ID card."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jiuyi.desks.kiosk.forms import CardForm, LastFourForm, VoucherForm
from jiuyi.desks.kiosk.guard import for_kiosks, forget, frame, remember, remembered
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential, IdentifierType
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing.words import CHECK_IN
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts
from jiuyi.domains.scheduling.words import OPEN_STATES
from jiuyi.foundation import access, clock, enrolled_devices
from jiuyi.foundation.access import Actor
from jiuyi.foundation.enrolled_devices import DeviceLocked, DeviceRow
from jiuyi.journeys import arriving
from jiuyi.journeys.words import NoSuchVoucher
from jiuyi.kernel.clock import service_date

Found = TypeVar("Found")


@for_kiosks
def start(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Two ways to check in; whatever the person before has shown is forgotten."""
    del actor
    forget(request)
    return render(request, "kiosk/start.html", frame(device))


@for_kiosks
def voucher(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The code; whether it fits is told only together with the second factor."""
    del actor
    form = VoucherForm(request.POST or None)
    if form.is_valid():
        remember(request, code=form.cleaned_data["code"])
        return redirect("kiosk:last_four")
    return render(request, "kiosk/voucher.html", frame(device) | {"form": form}, status=422 if form.errors else 200)


@for_kiosks
def last_four(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """The second factor. A wrong one and an unknown code have the same answer; five in a row lock the kiosk."""
    code = remembered(request, "code")
    if not code:
        return redirect("kiosk:voucher")
    form = LastFourForm(request.POST or None)
    refusal: NoSuchVoucher | DeviceLocked | None = None
    if form.is_valid():
        try:
            found = guess(actor, lambda: _by_voucher(actor, code, form.cleaned_data["last_four"]))
        except (NoSuchVoucher, DeviceLocked) as answer:
            refusal = answer
        else:
            remember(request, appointments=[str(found)], chosen=str(found), credential=Credential.BOOKING_VOUCHER.value)
            return redirect("kiosk:payer")
    context = frame(device) | {"form": form, "refusal": refusal}
    return render(request, "kiosk/last_four.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


@for_kiosks
def card(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Today's appointments here of the person whose card lies on the reader."""
    form = CardForm(request.POST or None)
    refusal: NoSuchVoucher | DeviceLocked | None = None
    if form.is_valid():
        try:
            found = guess(actor, lambda: _by_number(actor, form.cleaned_data["number"]))
        except NoSuchVoucher:
            form.add_error("number", gettext("没有找到今天在本院的预约。请核对号码；没有预约请到挂号窗口办理。"))
        except DeviceLocked as answer:
            refusal = answer
        else:
            ids = [str(each.appointment_id) for each in found]
            remember(request, appointments=ids, chosen=ids[0] if len(ids) == 1 else "", credential=Credential.ID_CARD.value)
            return redirect("kiosk:payer" if len(ids) == 1 else "kiosk:choose")
    context = frame(device) | {"form": form, "refusal": refusal}
    return render(request, "kiosk/card.html", context, status=refusal.status if refusal else 422 if form.errors else 200)


@for_kiosks
def choose(request: HttpRequest, *, actor: Actor, device: DeviceRow) -> HttpResponse:
    """Several appointments today: which one first."""
    del actor
    possible = remembered(request, "appointments") or []
    if not possible:
        return redirect("kiosk:start")
    chosen = request.POST.get("appointment", "")
    if chosen in possible:
        remember(request, appointments=possible, chosen=chosen, credential=remembered(request, "credential"))
        return redirect("kiosk:payer")
    found = schedule.facts_appointments([UUID(each) for each in possible])
    departments = organizations.facts_departments({each.department_id for each in found})
    doctors = organizations.facts_practitioners({each.practitioner_id for each in found})
    context = frame(device) | {
        "name": people.facts_person(found[0].person_id).masked_name,
        "rows": [(each, departments[each.department_id].patient_name, doctors[each.practitioner_id].name) for each in found],
    }
    return render(request, "kiosk/choose.html", context)


def guess(actor: Actor, look: Callable[[], Found]) -> Found:
    """Look, unless the device is locked; count what was wrong, and say so at once when that locks it."""
    now = clock.now()
    enrolled_devices.require_unlocked(device_id=actor.id, now=now)
    try:
        found = look()
    except NoSuchVoucher:
        if enrolled_devices.note_wrong(device_id=actor.id, now=now):
            enrolled_devices.require_unlocked(device_id=actor.id, now=now)
        raise
    enrolled_devices.note_right(device_id=actor.id)
    return found


def _by_voucher(actor: Actor, code: str, typed: str) -> UUID:
    appointment = schedule.facts_appointment_by_voucher(code)
    if appointment is None or not access.may(actor, CHECK_IN, appointment.department_id):
        raise NoSuchVoucher  # another hospital's voucher has the same answer: whether it exists is not told here
    return arriving.find_voucher(actor=actor, code=code, last_four=typed)


def _by_number(actor: Actor, number: str) -> list[AppointmentFacts]:
    person_id = people.find_by_identifier(IdentifierType.RESIDENT_ID, number)
    if person_id is None:
        raise NoSuchVoucher
    today = service_date(clock.now())
    every = schedule.facts_appointments_of_person(list(people.same_person_ids(person_id)), today)
    found = [each for each in every if each.status in OPEN_STATES and access.may(actor, CHECK_IN, each.department_id)]
    if not found:
        raise NoSuchVoucher
    return found
