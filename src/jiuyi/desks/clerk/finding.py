"""The first page: one field that takes whatever is typed or scanned."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from jiuyi.desks.clerk.forms import SearchForm
from jiuyi.desks.clerk.frame import INSTITUTION_KEY, for_clerks, frame, institutions_of
from jiuyi.desks.clerk.money import waiting_refunds
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations.queries import OrganizationFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import APPOINTMENT_OPEN
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

VOUCHER = re.compile(r"[2-9A-HJ-NP-Z]{12}")
WHOLE_NUMBER_CHARACTERS = 11


@for_clerks
def home(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """Search; a scanned voucher opens its appointment, a whole number that fits one person opens that person.

    What is searched for is posted and never stands in an address.
    """
    form = SearchForm(request.POST or None)
    hits = None
    if form.is_valid():
        text = form.cleaned_data["text"]
        appointment_id = _appointment_of_voucher(actor, text)
        if appointment_id is not None:
            return redirect("clerk:appointment", appointment_id=appointment_id)
        try:
            hits = people.search_people(actor, text, organization_id=here.id, now=clock.now())
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if len(hits) == 1 and _is_whole_number(text):
                return redirect("clerk:person", person_id=hits[0].person_id)
    context: dict[str, Any] = frame(request, here, current="home") | {
        "form": form,
        "hits": hits,
        "institutions": institutions_of(actor),
        "refunds": waiting_refunds(here.id),
    }
    return render(request, "clerk/home.html", context, status=422 if form.errors else 200)


@require_POST
@for_clerks
def choose_institution(request: HttpRequest, *, actor: Actor, here: OrganizationFacts) -> HttpResponse:
    """Work at another institution's window, if the account may; kept in the session."""
    del here
    wanted = request.POST.get("institution", "")
    if wanted not in {str(each.id) for each in institutions_of(actor)}:
        raise NotAllowed
    request.session[INSTITUTION_KEY] = wanted
    return redirect("clerk:home")


def _appointment_of_voucher(actor: Actor, text: str) -> UUID | None:
    code = re.sub(r"[\s\-]", "", text).upper()
    found = schedule.facts_appointment_by_voucher(code) if VOUCHER.fullmatch(code) else None
    if found is None or not access.may(actor, APPOINTMENT_OPEN, found.organization_id):
        return None
    return found.appointment_id


def _is_whole_number(text: str) -> bool:
    joined = re.sub(r"[\s\-]", "", text)
    return len(joined) >= WHOLE_NUMBER_CHARACTERS and joined.isascii()
