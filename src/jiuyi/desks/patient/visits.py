"""After the visit: a summary one can read, and everything in the order in which it happened."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.domains.encounters import queries as encounters
from jiuyi.domains.identity.words import Certainty
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor


@signed_in
def visit(request: HttpRequest, *, actor: Actor, encounter_id: UUID) -> HttpResponse:
    """The summary of one visit, for whoever may open the record (a verified link)."""
    summary = encounters.summary_for_patient(actor, encounter_id, now=clock.now())
    return render(request, "patient/visit.html", {"visit": summary})


@signed_in
def timeline(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Everything that happened, newest first; a claimed link is told how to open it instead."""
    member = family_member(actor, person_id)
    entries = []
    if member.level is Certainty.VERIFIED:
        entries = encounters.timeline(actor, person_id, now=clock.now())
    context = {"member": member, "entries": entries, "locked": member.level is not Certainty.VERIFIED}
    return render(request, "patient/timeline.html", context)
