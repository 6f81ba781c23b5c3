"""Choosing a visit, one question per page: who, which hospital, department, doctor."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jiuyi.desks.patient.guard import family_member, signed_in
from jiuyi.desks.patient.safety import asked_first
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import clock
from jiuyi.foundation.access import Actor
from jiuyi.journeys import offers


@signed_in
def who(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Who comes? With nobody on the account yet, the answer is to add somebody."""
    members = people.account_people(actor, now=clock.now())
    if not members:
        return redirect(f"{reverse('patient:add_person')}?next={reverse('patient:book_who')}")
    return render(request, "patient/book_who.html", {"members": members})


@signed_in
@asked_first
def hospital(request: HttpRequest, *, actor: Actor, person_id: UUID) -> HttpResponse:
    """Which hospital? Only those with places in the coming days."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    open_ids = schedule.organizations_with_sessions(now)
    hospitals = [each for each in organizations.organizations() if each.id in open_ids]
    return render(request, "patient/book_hospital.html", {"member": member, "hospitals": hospitals})


@signed_in
@asked_first
def department(request: HttpRequest, *, actor: Actor, person_id: UUID, organization_id: UUID) -> HttpResponse:
    """Which department? Only those with places in the coming days, by group."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    open_ids = {offer.department_id for offer in schedule.departments_with_sessions(organization_id, now)}
    departments = [each for each in organizations.departments(organization_id) if each.id in open_ids]
    categories = dict.fromkeys(each.category for each in departments)
    groups = [(category, [each for each in departments if each.category is category]) for category in categories]
    context = {"member": member, "hospital": organizations.organization(organization_id), "groups": groups}
    return render(request, "patient/book_department.html", context)


@signed_in
@asked_first
def doctor(request: HttpRequest, *, actor: Actor, person_id: UUID, department_id: UUID) -> HttpResponse:
    """Which doctor? With the next day that has a free place, and the fee of each class of number."""
    now = clock.now()
    member = family_member(actor, person_id, now=now)
    chosen = organizations.department(department_id)
    doctors = offers.doctors_of(department_id, now=now)
    return render(request, "patient/book_doctor.html", {"member": member, "department": chosen, "doctors": doctors})
