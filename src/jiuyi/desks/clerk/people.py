"""Registering somebody new, opening somebody known, comparing a paper with the person who stands there."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.clerk.forms import RegisterForm, VerifyForm
from jiuyi.desks.clerk.frame import for_clerks, frame
from jiuyi.desks.clerk.person_page import links_to_raise, page
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential, IdentifierType, Sex
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@for_clerks
def person(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """One person; opening is audited."""
    return page(request, actor=actor, here=here, person_id=person_id)


@for_clerks
def register(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """A new person, with or without papers; goes on to booking. What was searched for comes along as a first value."""
    begun = "typed" in request.POST
    first = _first_values(request.POST.get("typed", ""))
    form = RegisterForm(initial=first) if begun or request.method != "POST" else RegisterForm(request.POST)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        if people.facts_people([typed["key"]]):
            return redirect("clerk:book", person_id=typed["key"])
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
                credential=Credential(typed["credential"]),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            _tell(request, person_id, typed)
            return redirect("clerk:book", person_id=person_id)
    context = frame(request, here, current="register") | {"form": form}
    return render(request, "clerk/register.html", context, status=422 if form.errors else 200)


@require_POST
@for_clerks
def verify(request: HttpRequest, *, actor: Actor, here: OrganizationFacts, person_id: UUID) -> HttpResponse:
    """The paper was compared: person, numbers and the chosen phone accounts count as verified."""
    people.open_person(actor, person_id, now=clock.now())
    form = VerifyForm(request.POST, links=links_to_raise(actor, here, person_id))
    if form.is_valid():
        try:
            identity.verify_person(
                actor=actor,
                now=clock.now(),
                person_id=person_id,
                organization_id=here.id,
                credential=Credential(form.cleaned_data["credential"]),
                link_ids=[UUID(text) for text in form.cleaned_data["links"]],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("已核验身份。"))
            return redirect("clerk:person", person_id=person_id)
    return page(request, actor=actor, here=here, person_id=person_id, verify_form=form)


def _first_values(typed: str) -> dict[str, object]:
    text = typed.strip()
    field = "number" if any(character.isdigit() for character in text) else "name"
    if text.isdigit() and len(text) == len("13800000000"):
        field = "phone"
    return {"key": new_id(), field: text}


def _tell(request: HttpRequest, person_id: UUID, typed: dict[str, object]) -> None:
    """What became of the entry: new, known already, or disputed and waiting for a human."""
    facts = people.facts_person(person_id)
    if facts.id_disputed:
        messages.warning(request, gettext("这个证件号码已登记给另一位姓名或信息不同的患者，已转病案室人工核对。先按“未核验”就诊。"))
    elif person_id != typed["key"]:
        messages.info(request, gettext("这位患者以前登记过，已打开原来的档案。"))
    else:
        messages.success(request, gettext("已登记。"))
