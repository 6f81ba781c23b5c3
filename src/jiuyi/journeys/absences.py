"""Absences looked at by somebody who knows the whole house: excused where the person was cared for, counted where not."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import LinkLevel
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.domains.scheduling.queries import AppointmentFacts, facts_appointments_of_person
from jiuyi.domains.scheduling.queries import conduct as absences
from jiuyi.domains.scheduling.words import AbsencePenalty, AppointmentStatus, Excuse
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.kernel.clock import service_date

# What happens at another department on the same day may be written down later that day.
LOOKED_AT_FOR = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands, as far as the account may know: the rule always, the count only for its own or verified people."""

    rule: AbsencePenalty
    counted: int | None
    suspended_until: date | None
    warned_only: bool

    @property
    def is_worth_telling(self) -> bool:
        """Whether there is more to say than the rule."""
        return bool(self.counted) or self.suspended_until is not None


def standing_of(actor: Actor, person_id: UUID, *, organization_id: UUID | None, now: datetime) -> Standing:
    """The rule in force and, for who may know it, the person's count. Source: rule AP-14; C4."""
    found = absences.facts_conduct(person_id, organization_id=organization_id, now=now)
    if not may_know_absences(actor, person_id):
        return Standing(found.rule, None, None, found.warned_only)
    return Standing(found.rule, found.counted, found.suspended_until, found.warned_only)


def standings_of_family(actor: Actor, *, now: datetime) -> list[tuple[str, Standing]]:
    """Name and standing of those of the account's people about whom there is something to tell."""
    found = [
        (member.typed_name, standing_of(actor, member.person_id, organization_id=None, now=now))
        for member in people.account_people(actor, now=now)
    ]
    return [(name, standing) for name, standing in found if standing.is_worth_telling]


def rule_of(organization_id: UUID, *, now: datetime) -> AbsencePenalty:
    """The pack that is in force at an institution."""
    return rulebook.rule(AbsencePenalty, scope_id=organization_id, at=now).parameters


def may_know_absences(actor: Actor, person_id: UUID) -> bool:
    """Whether the account may be told what visits the person missed: it booked all of those, or is verified."""
    if people.facts_link(actor.id, person_id) is LinkLevel.VERIFIED:
        return True
    every = facts_appointments_of_person(list(people.same_person_ids(person_id)))
    return all(each.account_id == actor.id for each in every if each.status is AppointmentStatus.NOSHOW)


def judge_due(*, now: datetime, actor: Actor = SYSTEM) -> int:
    """Excuse fresh absences that do not count, and work out the suspensions of whoever has others; returns how many were excused.

    Twice is once. Source: rules AP-13, AP-14; C4.
    """
    concerned: set[UUID] = set(absences.suspended_for_nothing(today=service_date(now)))

    def judge(absence: AppointmentFacts) -> int:
        excuse = excuse_for(absence)
        if excuse is not None:
            return conduct.excuse_absence(actor=actor, now=now, appointment_id=absence.appointment_id, excuse=excuse)
        concerned.add(absence.person_id)
        return 0

    def reckon(person_id: UUID) -> int:
        conduct.reckon_suspensions(actor=actor, now=now, person_id=person_id)
        return 1

    excused = one_by_one(absences.absences_to_judge(since=now - LOOKED_AT_FOR), judge, name="journeys.judge_absences")
    one_by_one(sorted(concerned), reckon, name="journeys.judge_absences")
    return excused


def excuse_for(absence: AppointmentFacts) -> Excuse | None:
    """Why this absence does not count, as far as the house knows by itself."""
    found = visits.facts_encounters_of_person(people.same_person_ids(absence.person_id), absence.service_date)
    departments = organizations.facts_departments({each.department_id for each in found})
    emergency = any(departments[each.department_id].category is DepartmentCategory.EMERGENCY for each in found)
    return absences.excuse_by_itself(absence, emergency_visit=emergency, clinical_visit=bool(found))
