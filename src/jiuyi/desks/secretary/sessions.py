"""One session: its places and shares, what can be done with it; and sessions outside of the timetable."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.secretary.forms import DetailsForm, OneOffForm
from jiuyi.desks.secretary.frame import for_secretaries, frame, status_of
from jiuyi.desks.secretary.session_acts import SESSION_ACTS
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.actions import generating, visiting
from jiuyi.domains.scheduling.actions.sessions import NewSession
from jiuyi.domains.scheduling.queries import timetable as reading
from jiuyi.domains.scheduling.words import SESSION_PUBLISH, SessionKind, SessionStatus
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import instant_at
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@for_secretaries
def session(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, session_id: UUID) -> HttpResponse:
    """The session with its places by share, and the acts of this installation."""
    return _page(request, actor, here, session_id)


@require_POST
@for_secretaries
def details(request: HttpRequest, *, actor: Actor, here: DepartmentFacts, session_id: UUID) -> HttpResponse:
    """Change contact and way to book of a visiting session; everybody booked is told."""
    form = DetailsForm(request.POST)
    if form.is_valid():
        try:
            visiting.change_visit_details(actor=actor, now=clock.now(), session_id=session_id, **form.cleaned_data)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已保存，约了的人会收到通知。"))
            return redirect("secretary:session", session_id=session_id)
    return _page(request, actor, here, session_id, form=form)


@for_secretaries
def one_off(request: HttpRequest, *, actor: Actor, here: DepartmentFacts) -> HttpResponse:
    """Publish a session outside of the timetable; everything against it is shown at once."""
    form = OneOffForm(
        request.POST if request.method == "POST" else None,
        here=here,
        initial={"number_class": "ordinary", "per_window": 3, "kind": "clinic"},
    )
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        given = form.cleaned_data
        new = NewSession(
            practitioner_id=given["practitioner_id"],
            department_id=here.id,
            room_id=given["room_id"],
            starts_at=instant_at(given["day"], given["starts_at"]),
            ends_at=instant_at(given["day"], given["ends_at"]),
            number_class=given["number_class"],
            per_window=given["per_window"],
            visible_at=now,
            kind=given["kind"],
            contact=given["contact"].strip(),
            how_to_book=given["how_to_book"].strip(),
        )
        try:
            session_id = generating.publish_one_off(actor=actor, now=now, session=new)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("班次已发布。"))
            return redirect("secretary:session", session_id=session_id)
    context = frame(request, here, current="one_off") | {"form": form}
    return render(request, "secretary/one_off.html", context, status=status_of(form))


def _page(request: HttpRequest, actor: Actor, here: DepartmentFacts, session_id: UUID, *, form: DetailsForm | None = None) -> HttpResponse:
    now = clock.now()
    cell = reading.session_cell(session_id, now=now)
    access.require(actor, SESSION_PUBLISH, cell.department_id)
    visits = cell.kind is not SessionKind.CLINIC
    if visits and form is None:
        form = DetailsForm(initial={"contact": cell.contact, "how_to_book": cell.how_to_book})
    alive = cell.status is SessionStatus.OPEN and cell.ends_at > now
    context = frame(request, here) | {
        "cell": cell,
        "back_url": f"{reverse('secretary:week')}?{urlencode({'department': cell.department_id, 'day': cell.service_date.isoformat()})}",
        "department": organizations.department(cell.department_id),
        "doctor": organizations.practitioner(cell.practitioner_id),
        "room": organizations.room(cell.room_id) if cell.room_id else None,
        "shares": reading.shares_of_session(session_id),
        "acts": _acts(session_id) if alive else [],
        "details_form": form if visits and alive else None,
        "form": form if form is not None and form.is_bound else None,
        "now": now,
    }
    return render(request, "secretary/session.html", context, status=status_of(form) if form is not None else 200)


def _acts(session_id: UUID) -> list[tuple[str, str]]:
    found = []
    for name, words in SESSION_ACTS:
        try:
            found.append((reverse(name, kwargs={"session_id": session_id}), gettext(words)))
        except NoReverseMatch:
            continue
    return found
