"""Sessions of a day, changing one of them with a look at whom it concerns, and afterwards who knows and what they chose."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from jiuyi.desks.changes import doctor_names
from jiuyi.desks.daily.forms import ChangeForm
from jiuyi.desks.daily.frame import frame, needs
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import SessionOffer, changes
from jiuyi.domains.scheduling.words import SESSION_PUBLISH, ChangeKind, SessionStatus
from jiuyi.foundation import access, audit, clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import deciding
from jiuyi.journeys.deciding import Affected
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

DAYS_AHEAD = 14


@needs(SESSION_PUBLISH)
def day(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The sessions of a day in the departments that this account plans, and what was decided lately."""
    now = clock.now()
    chosen = _day(request.GET.get("day", ""), today=service_date(now))
    departments = {each.id: each for each in organizations.departments() if access.may(actor, SESSION_PUBLISH, each.id)}
    sessions = changes.sessions_of_day(departments, chosen, now=now)
    recent = changes.changes_of_departments(departments, since=now - timedelta(days=7), limit=20)
    names = doctor_names({each.practitioner_id for each in sessions} | {each.practitioner_id for each in recent})
    context = frame(request, actor, current="home") | {
        "day": chosen,
        "days": [service_date(now) + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)],
        "lines": [
            {
                "session": each,
                "doctor": names[each.practitioner_id],
                "department": departments[each.department_id],
                "state": changes.session_state(each.session_id),
                "booked": len(schedule.facts_appointments_of_session(each.session_id)),
                "changeable": each.status is SessionStatus.OPEN and each.ends_at > now,
            }
            for each in sorted(sessions, key=lambda each: (each.ends_at <= now, each.starts_at))  # what is over stands last
        ],
        "recent": [{"change": each, "doctor": names[each.practitioner_id]} for each in recent],
    }
    return render(request, "daily/day.html", context)


@needs(SESSION_PUBLISH)
def session(request: HttpRequest, *, actor: Actor, session_id: UUID) -> HttpResponse:
    """Change a session: first whom it concerns and how each is told, then, once confirmed, the change."""
    now = clock.now()
    facts = schedule.facts_session(session_id, now)
    access.require(actor, SESSION_PUBLISH, facts.department_id)
    state = changes.session_state(session_id)
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        doctors=_doctors(facts),
        rooms=_rooms(facts),
        away=state.away_since is not None,
    )
    preview: list[Affected] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "confirm" in request.POST:
                change_id = deciding.decide(actor=actor, now=now, session_id=session_id, wish=form.wish())
                messages.success(request, gettext("已变更，正在逐一通知。"))
                return redirect("daily:change", change_id=change_id)
            preview = deciding.preview(actor=actor, now=now, session_id=session_id, wish=form.wish())
            _witness(actor, session_id, now=now)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = frame(request, actor, current="home") | {
        "session": facts,
        "state": state,
        "form": form,
        "preview": preview,
        "stops": form.is_bound and form.data.get("kind") == ChangeKind.STOP.value,
        "kind_text": form.kind_text,
        "values": {name: request.POST.get(name, "") for name in form.fields} if preview is not None else {},
        **_names(facts),
    }
    return render(request, "daily/session.html", context, status=422 if form.errors else 200)


@needs(SESSION_PUBLISH)
def change(request: HttpRequest, *, actor: Actor, change_id: UUID) -> HttpResponse:
    """One change: who was told and how, who knows, who does not, what they chose."""
    now = clock.now()
    facts = changes.facts_change(change_id)
    affected = deciding.affected_by(actor=actor, now=now, change_id=change_id)
    _witness(actor, facts.session_id, now=now)
    known = sum(each.notice.known_at is not None for each in affected)
    context = frame(request, actor, current="home") | {
        "change": facts,
        "session": schedule.facts_session(facts.session_id, now),
        "affected": affected,
        "known": known,
        "unknown": len(affected) - known,
        "chosen": sum(each.notice.choice is not None for each in affected),
        **_names(schedule.facts_session(facts.session_id, now)),
    }
    return render(request, "daily/change.html", context)


def _day(text: str, *, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _doctors(facts: SessionOffer) -> list[tuple[UUID, str]]:
    found = [each for each in organizations.practitioners(facts.department_id) if each.id != facts.practitioner_id]
    return [(each.id, f"{each.name} {gettext(each.title.label)}") for each in found]


def _rooms(facts: SessionOffer) -> list[tuple[UUID, str]]:
    return [(each.id, f"{each.name} {each.place_text}") for each in organizations.rooms(facts.organization_id) if each.id != facts.room_id]


def _names(facts: SessionOffer) -> dict[str, Any]:
    return {
        "doctor": organizations.practitioner(facts.practitioner_id),
        "department": organizations.department(facts.department_id),
        "room": organizations.room(facts.room_id) if facts.room_id else None,
    }


def _witness(actor: Actor, session_id: UUID, *, now: datetime) -> None:
    audit.opened(actor, record="scheduling.session_people", person_id=None, object_id=session_id, now=now)
