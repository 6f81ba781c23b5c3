"""Absences looked at by somebody who knows the whole house: excused where the person was cared for, counted where not."""

from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.domains.scheduling.queries import AppointmentFacts, facts_session
from jiuyi.domains.scheduling.queries import conduct as absences
from jiuyi.domains.scheduling.rules.conduct import excuse_of
from jiuyi.domains.scheduling.words import Excuse, SessionStatus
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.kernel.clock import service_date

# What happens at another department on the same day may be written down later that day.
LOOKED_AT_FOR = timedelta(hours=48)


def judge_due(*, now: datetime, actor: Actor = SYSTEM) -> int:
    """Excuse fresh absences that do not count, and work out the suspensions of whoever has others; returns how many were excused.

    Twice is once. Source: rules AP-13, AP-14; C4.
    """
    excused = 0
    concerned: set[UUID] = set(absences.suspended_for_nothing(today=service_date(now)))
    for absence in absences.absences_to_judge(since=now - LOOKED_AT_FOR):
        excuse = excuse_for(absence)
        if excuse is None:
            concerned.add(absence.person_id)
        else:
            excused += conduct.excuse_absence(actor=actor, now=now, appointment_id=absence.appointment_id, excuse=excuse)
    for person_id in sorted(concerned):
        conduct.reckon_suspensions(actor=actor, now=now, person_id=person_id)
    return excused


def excuse_for(absence: AppointmentFacts) -> Excuse | None:
    """Why this absence does not count, as far as the house knows by itself."""
    found = visits.facts_encounters_of_person(people.same_person_ids(absence.person_id), absence.service_date)
    departments = organizations.facts_departments({each.department_id for each in found})
    emergency = any(departments[each.department_id].category is DepartmentCategory.EMERGENCY for each in found)
    return excuse_of(
        day=absence.service_date,
        stopped=facts_session(absence.session_id).status is SessionStatus.STOPPED,
        delayed=absences.was_substantially_delayed(absence.appointment_id),
        deceased_on=people.facts_person(absence.person_id).deceased_on,
        emergency_visit=emergency,
        clinical_visit=bool(found),
    )
