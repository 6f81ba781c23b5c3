"""Who comes: the account's holder and the family they look after."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiuyi.desks.patient.forms import PersonForm, posted
from jiuyi.desks.patient.guard import family_member, safe_next, signed_in
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity import queries
from jiuyi.domains.identity.words import IdentifierType, Relation, Sex
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal


@signed_in
def people(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The people of this account."""
    return render(request, "patient/people.html", {"members": queries.account_people(actor, now=clock.now())})


@signed_in
def add(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Add somebody by name and paper: claimed until a desk has seen the paper."""
    form = PersonForm(posted(request), initial={"relation": Relation.SELF.value})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            identity.claim_person(
                actor=actor,
                now=clock.now(),
                name=typed["name"],
                id_type=IdentifierType(typed["id_type"]),
                number=typed["number"],
                relation=Relation(typed["relation"]),
                sex=Sex(typed["sex"]) if typed["sex"] else None,
                birth_date=typed["birth_date"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(safe_next(request, reverse("patient:people")))
    context = {"form": form, "next": safe_next(request, "")}
    return render(request, "patient/add_person.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def remove(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:  # Django's signature
    """End the link between this account and a person; bookings already made stay."""
    now = clock.now()
    family_member(actor, person_id, now=now)
    identity.end_link(actor=actor, now=now, person_id=person_id)
    return redirect("patient:people")
