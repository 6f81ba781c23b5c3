"""The waiting list (候补) on the phone: join, see where one stands, answer an offer."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.patient.forms import PayForm, posted
from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.desks.patient.safety import asked_first
from jiuyi.desks.patient.times import age_refused
from jiuyi.desks.patient.wishes import ANY, WishForm
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.words import HalfDay, OfferState, WaitingState
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import paying, waiting
from jiuyi.journeys.waiting import Offer, Waiting, Wish
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.context import ELDERLY, mode_of
from jiuyi.kit.formats import day_text, moment_text
from jiuyi.kit.refusals import add_refusal
from jiuyi.kit.tags.reading import when

DAYS_OFFERED: Final = 14
# In elderly mode each of these is a page of its own.
QUESTIONS: Final = (("first_day", "last_day"), ("half",), ("travel",), ("people",))


class Shown:
    """An entry with its sentences in the active language; everything else is the entry's own."""

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self.waiting, name)

    @property
    def what_text(self) -> str:
        """Department, and the doctor if it must be that one."""
        doctor = self.waiting.doctor.name if self.waiting.doctor else gettext("任何一位医生")
        return f"{self.waiting.department.name} {doctor}"

    @property
    def days_text(self) -> str:
        """``11月24日 周二 至 11月27日 周五，上午``."""
        facts = self.waiting.facts
        first, last = day_text(facts.first_day), day_text(facts.last_day)
        days = first if first == last else gettext("%(first)s 至 %(last)s") % {"first": first, "last": last}
        halves = gettext("、").join(gettext(half.label) for half in facts.half_days) or gettext("全天都行")
        return gettext("%(days)s，%(halves)s") % {"days": days, "halves": halves}

    @property
    def state_text(self) -> str:
        """The state in one word for the list."""
        return gettext(self.waiting.facts.state.label)

    @property
    def position_text(self) -> str:
        """How many joined earlier and may want the same places; honest: not everybody of them will take one."""
        ahead = self.waiting.facts.ahead
        if not ahead:
            return gettext("您排在最前面")
        return gettext("前面还有 %(count)s 人在等差不多的号") % {"count": ahead}


@signed_in
@asked_first
def join(request: HttpRequest, *, actor: Actor, person_id: UUID, department_id: UUID) -> HttpResponse:
    """Which days, which half of the day, how far away, who comes along; in elderly mode a page for each question."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    department = organizations.department(department_id)
    doctor = _doctor(request, department_id)
    days = [service_date(now) + timedelta(days=ahead) for ahead in range(DAYS_OFFERED)]
    family = [each for each in people.account_people(actor, now=now) if each.person_id != person_id]
    initial = {"first_day": days[0], "last_day": days[6], "half": ANY, "travel": "60"}
    form = WishForm(posted(request), days=days, family=family, initial=initial | _asked(request))
    elderly = mode_of(request) == ELDERLY
    if request.method == "POST" and form.is_valid():
        try:
            entry_ids = waiting.join(
                actor=actor, now=now, person_ids=[person_id, *form.companions], wish=_wish(form, department_id, doctor, days)
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("patient:wait_entry", entry_id=entry_ids[0])
    step = _step(request, form, elderly=elderly, with_family=bool(family))
    questions = [each for each in QUESTIONS if family or "people" not in each]
    shown = [name for names in questions for name in names] if step is None else list(questions[step])
    context = {
        "member": member,
        "department": department,
        "doctor": doctor,
        "form": form,
        "shown": [form[name] for name in shown],
        "carried": [(name, form[name].value()) for names in questions for name in names if name not in shown and name != "people"],
        "step": step,
        "is_last": step is None or step == len(questions) - 1,
        "next_step": 0 if step is None else step + 1,
        "family": family,
        "age_refused": age_refused(member, department_id, on=days[0]),
    }
    return render(request, "patient/wait_join.html", context, status=422 if form.errors else 200)


@signed_in
def mine(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Everything this account's people wait for."""
    found = [Shown(each) for each in waiting.of_account(actor, now=clock.now())]
    context = {"live": [each for each in found if each.is_live], "past": [each for each in found if not each.is_live]}
    return render(request, "patient/waiting.html", context)


@signed_in
def one(request: HttpRequest, *, actor: Actor, entry_id: UUID) -> HttpResponse:
    """One entry: the confirmation after joining, the position later, the way out."""
    shown = Shown(waiting.entry_of(actor, entry_id, now=clock.now()))
    context = {"entry": shown, "is_waiting": shown.facts.state is WaitingState.WAITING}
    return render(request, "patient/wait_entry.html", context)


@require_POST
@signed_in
def leave(request: HttpRequest, *, actor: Actor, entry_id: UUID) -> HttpResponse:  # Django's signature
    """Leave the list."""
    waiting.leave(actor=actor, now=clock.now(), entry_id=entry_id)
    return redirect("patient:wait_entry", entry_id=entry_id)


@signed_in
def offer(request: HttpRequest, *, actor: Actor, offer_id: UUID) -> HttpResponse:
    """A place is held: when, where, what it costs, until when; take it and pay, or let it go."""
    now = clock.now()
    shown = waiting.offer_of(actor, offer_id, now=now)
    form = PayForm(posted(request), at_hospital=True, initial={"how": "at_hospital", "key": new_id()})
    if request.method == "POST" and (form.is_valid() or not shown.fee_fen):
        try:
            return _accept(request, form, shown, actor=actor, now=now)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
            shown = waiting.offer_of(actor, offer_id, now=now)
    state = shown.facts.state
    context = {
        "offer": shown,
        "entry": Shown(shown.waiting),
        "is_open": shown.is_open(now),
        "is_taken": state is OfferState.ACCEPTED,
        "when_text": when(shown.appointment.window_start, shown.appointment.window_end),
        "until_text": moment_text(shown.facts.expires_at),
        "form": form,
        "now": now,
    }
    return render(request, "patient/offer.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def decline(request: HttpRequest, *, actor: Actor, offer_id: UUID) -> HttpResponse:  # Django's signature
    """Let the place go and wait on."""
    now = clock.now()
    entry_id = waiting.offer_of(actor, offer_id, now=now).facts.entry_id
    waiting.decline(actor=actor, now=now, offer_id=offer_id)
    return redirect("patient:wait_entry", entry_id=entry_id)


def _accept(request: HttpRequest, form: PayForm, shown: Offer, *, actor: Actor, now: datetime) -> HttpResponse:
    channel: PaymentChannel | None = form.channel if form.is_valid() else None
    if channel is None or shown.charge_id is None:
        return redirect("patient:appointment", appointment_id=waiting.accept(actor=actor, now=now, offer_id=shown.facts.offer_id))
    kept = waiting.accept_and_pay(actor=actor, now=now, offer_id=shown.facts.offer_id)
    page = reverse("patient:appointment", args=[kept.appointment.appointment_id])
    started = paying.start(
        actor=actor,
        now=now,
        charge_ids=[shown.charge_id],
        channel=channel,
        idempotency_key=form.cleaned_data["key"],
        return_url=request.build_absolute_uri(page),
    )
    return redirect(started.url)


def _wish(form: WishForm, department_id: UUID, doctor: Any, days: list[date]) -> Wish:
    typed = form.cleaned_data
    return Wish(
        department_id=department_id,
        practitioner_id=doctor.id if doctor else None,
        first_day=typed["first_day"] or days[0],
        last_day=typed["last_day"],
        half_days=() if typed["half"] == ANY else (HalfDay(typed["half"]),),
        travel_minutes=typed["travel"],
    )


def _doctor(request: HttpRequest, department_id: UUID) -> Any:
    """The doctor named in the address, if one of this department; None means any."""
    named = request.GET.get("doctor", "")
    return next((each for each in organizations.practitioners(department_id) if str(each.id) == named), None)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for names in QUESTIONS for name in names if name in request.GET and name != "people"}


def _step(request: HttpRequest, form: WishForm, *, elderly: bool, with_family: bool) -> int | None:
    """Which question is on the page; None shows all of them: in normal mode, and where something has to be put right."""
    if not elderly or form.errors:
        return None
    last = len(QUESTIONS) - (1 if with_family else 2)
    text = request.GET.get("step", "0")
    return min(int(text), last) if text.isdecimal() and text.isascii() else 0
