"""One call on one screen: who calls, what is booked already, book, read back, cancel, wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks import places
from jiuyi.desks.clerk.forms import CancelForm
from jiuyi.desks.clerk.frame import key_of
from jiuyi.desks.clerk.person_page import BookedRow, booked_rows
from jiuyi.desks.operator.forms import CallerForm, CallForm, WaitForm
from jiuyi.desks.operator.frame import for_operators, frame, people_of_call, remember_call
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential, IdentifierType, Sex
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import doors
from jiuyi.domains.scheduling.queries import releases as drawn
from jiuyi.domains.scheduling.words import OPEN_STATES, BookingChannel, CancelReason, HalfDay
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking, releases, waiting
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.formats import day_text, is_chinese, moment_text, money_text, window_text
from jiuyi.kit.refusals import add_refusal

WAITING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Spoken:
    """A booking, and the sentence to read to the caller."""

    row: BookedRow
    text: str
    may_cancel: bool


@for_operators
def home(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """The number on the display, or what the caller says; who is found stays beside the call. Searching is audited."""
    form = CallForm(request.POST or None)
    hits = None
    if form.is_valid():
        try:
            hits = people.search_people(actor, form.cleaned_data["text"], organization_id=here.id, now=clock.now())
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            remember_call(request, [each.person_id for each in hits])
            if len(hits) == 1 and form.cleaned_data["text"].strip().isdigit():
                return redirect("operator:caller", person_id=hits[0].person_id)
    context = frame(request, here) | {"form": form, "hits": hits}
    return render(request, "operator/home.html", context, status=422 if form.errors else 200)


@for_operators
def register(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """Somebody who was never here; papers are compared at the first visit."""
    begun = "typed" in request.POST or request.method != "POST"
    typed_text = request.POST.get("typed", "").strip()
    first: dict[str, Any] = {"key": new_id(), "phone" if typed_text.isdigit() else "name": typed_text}
    form = CallerForm(initial=first) if begun else CallerForm(request.POST)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        if people.facts_people([typed["key"]]):
            return redirect("operator:caller", person_id=typed["key"])
        try:
            person_id = identity.register_person(
                actor=actor,
                now=clock.now(),
                organization_id=here.id,
                id=typed["key"],
                name=typed["name"],
                sex=Sex(typed["sex"] or Sex.UNKNOWN),
                birth_date=typed["birth_date"],
                id_type=IdentifierType(typed["id_type"]) if typed["number"] and typed["id_type"] else None,
                number=typed["number"] or None,
                phone=typed["phone"] or None,
                village=typed["village"],
                credential=Credential.VERBAL,
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            remember_call(request, [*people_of_call(request), person_id])
            return redirect("operator:caller", person_id=person_id)
    return render(request, "operator/register.html", frame(request, here) | {"form": form}, status=422 if form.errors else 200)


@for_operators
def caller(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """The person's bookings to read back, and the places to book from; a repeated press books once."""
    refusal = None
    if request.method == "POST":
        slot, key = places.slot_of(request.POST.get("slot", "")), key_of(request.POST.get("key", ""))
        if slot is None or key is None:
            messages.error(request, gettext("请先选一个时段，再点“确认预约”。"))
        else:
            try:
                booking.book(
                    actor=actor,
                    now=clock.now(),
                    person_id=person_id,
                    session_id=slot[0],
                    window_start=slot[1],
                    channel=BookingChannel.PHONE,
                    pay_at_arrival=True,
                    idempotency_key=key,
                )
            except (NotFound, NotAllowed):
                raise
            except Refusal as answer:
                refusal = answer
            else:
                messages.success(request, gettext("已约好。请把下面的话读给对方听。"))
                return redirect("operator:caller", person_id=person_id)
    return _page(request, actor=actor, here=here, person_id=person_id, refusal=refusal)


@require_POST
@for_operators
def cancel(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, appointment_id: UUID) -> HttpResponse:
    """Give a place back for the caller; money goes back the way it came."""
    facts = schedule.open_appointment(actor, appointment_id, now=clock.now())
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            done = booking.cancel(
                actor=actor, now=clock.now(), appointment_id=appointment_id, reason=CancelReason(form.cleaned_data["reason"])
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            words = gettext("已取消。退回 %(amount)s，原路退。") if done.refunded_fen else gettext("已取消，没有要退的钱。")
            messages.success(request, words % {"amount": money_text(done.refunded_fen)} if done.refunded_fen else words)
            return redirect("operator:caller", person_id=facts.person_id)
    return _page(request, actor=actor, here=here, person_id=facts.person_id, cancel_form=form)


@require_POST
@for_operators
def wait(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID, department_id: UUID) -> HttpResponse:
    """Put the caller on the waiting list of a department; who has no phone for texts is called."""
    form, today = WaitForm(request.POST), service_date(clock.now())
    if form.is_valid():
        half = form.cleaned_data["half_day"]
        wish = waiting.Wish(
            department_id=department_id,
            first_day=today,
            last_day=form.cleaned_data["last_day"],
            half_days=[HalfDay(half)] if half else [],
            travel_minutes=form.cleaned_data["travel_minutes"],
        )
        try:
            waiting.join(actor=actor, now=clock.now(), person_ids=[person_id], wish=wish)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已登记候补。有号时会按登记的方式通知。"))
            return redirect("operator:caller", person_id=person_id)
    return _page(request, actor=actor, here=here, person_id=person_id, wait_form=form)


@require_POST
@for_operators
def draw(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID, session_id: UUID) -> HttpResponse:
    """Be there at a release for somebody who only has a telephone: the draw knows no faster fingers (rule AP-3)."""
    try:
        releases.enter(
            actor=actor,
            now=clock.now(),
            person_id=person_id,
            session_id=session_id,
            wishes=[],
            any_window=True,
            pay_at_arrival=True,
            channel=BookingChannel.PHONE,
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, actor=actor, here=here, person_id=person_id, refusal=refusal)
    messages.success(request, gettext("已替对方参加抽号，任意时段。放号后再查看结果，或等通知。"))
    return redirect("operator:caller", person_id=person_id)


def _page(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID, **typed: Any) -> HttpResponse:
    now = clock.now()
    record = people.open_person(actor, person_id, now=now)
    shown = places.choices(
        request.GET.dict() | request.POST.dict(),
        organization_id=here.id,
        remembered=request.session.get("operator_department_id"),
        url=reverse("operator:caller", args=[person_id]),
        channel=BookingChannel.PHONE,
        now=now,
    )
    department = shown["department"]
    if department is not None:
        request.session["operator_department_id"] = str(department.id)
    family = people.facts_people(each for each in people_of_call(request) if each != person_id)
    last_day = service_date(now) + timedelta(days=WAITING_DAYS)
    context = (
        frame(request, here)
        | shown
        | {
            "record": record,
            "key": new_id(),
            "spoken": [_spoken(row, record.name, now) for row in booked_rows(actor, person_id)],
            "family": [(each.id, each.masked_name, each.age_text(service_date(now))) for each in family.values()],
            "cancel_form": CancelForm(),
            "wait_form": WaitForm(initial={"last_day": last_day, "travel_minutes": 60}),
            "releases": _releases(department.id, person_id, now) if department else [],
            "refusal": None,
        }
    )
    context |= typed
    context["gone"] = places.nearest_of(context["refusal"])
    context["form"] = next((form for name, form in typed.items() if name.endswith("form")), None)
    refused = context["refusal"].status if context["refusal"] else 422
    status = refused if request.method == "POST" else 200
    return render(request, "operator/caller.html", context, status=status)


def _spoken(row: BookedRow, name: str, now: datetime) -> Spoken:
    facts = row.facts
    room = organizations.room(facts.room_id) if facts.room_id else None
    department = organizations.department(facts.department_id)
    terms = schedule.cancel_terms_of_appointment(facts, now=now)
    words = {
        "name": name,
        "day": day_text(facts.window_start),
        "window": window_text(facts.window_start, facts.window_end),
        "hospital": department.organization_name,
        "department": department.patient_name,
        "doctor": row.doctor,
        "place": room.place_text if room else department.location,
        "voucher": " ".join(facts.voucher[at : at + 4] for at in range(0, len(facts.voucher), 4)),
        "until": moment_text(terms.until),
    }
    text = gettext(
        "%(name)s，您约的是%(day)s %(window)s，%(hospital)s%(department)s，%(doctor)s医生，地点%(place)s。"
        "凭证码 %(voucher)s。请带身份证或医保卡。"
    )
    fee = gettext("挂号费 %(fee)s 到医院付。") % {"fee": money_text(row.owed_fen)} if row.owed_fen else ""
    ways = gettext("来不了请在 %(until)s 前打电话退号。") % words
    said = ("" if is_chinese() else " ").join(filter(None, (text % words, fee, ways)))
    return Spoken(row, said, terms.may and facts.status in OPEN_STATES)


def _releases(department_id: UUID, person_id: UUID, now: datetime) -> list[dict[str, Any]]:
    found = doors.releases_ahead(department_id, now)
    doctors = organizations.facts_practitioners({each.practitioner_id for each in found})
    return [
        {"facts": each, "doctor": doctors[each.practitioner_id].name, "entry": drawn.facts_draw_entry(each.session_id, person_id)}
        for each in found
    ]
