"""Absences of a person, what follows from them, appeals, and patterns that wait for somebody's look."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jiuyi.domains.identity import queries as people
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.appointments import AppointmentFacts, facts_appointment
from jiuyi.domains.scheduling.rules import conduct as rules
from jiuyi.domains.scheduling.rules.conduct import Strike
from jiuyi.domains.scheduling.words import (
    APPEAL_DECIDE,
    REVIEW_DECIDE,
    AbsencePenalty,
    AppealState,
    AppointmentStatus,
    CancelDeadline,
    Excuse,
    Party,
    ReviewState,
    SessionStatus,
    SuspensionState,
)
from jiuyi.domains.scheduling.words.conduct import ReviewPattern
from jiuyi.foundation import access, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Conduct:
    """Where a person stands: absences that count now, the rule's numbers, and until when remote doors are closed (None: open)."""

    counted: int
    rule: AbsencePenalty
    suspended_until: date | None
    warned_only: bool

    @property
    def left(self) -> int:
        """How many further absences close the doors."""
        return max(self.rule.absences - self.counted, 0)


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """One appeal and the absence it is about."""

    appeal_id: UUID
    words: str
    submitted_at: datetime
    state: AppealState
    answer: str
    decided_at: datetime | None
    appointment: AppointmentFacts


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One pattern: who or what shows it (an account or a device), counts and ids."""

    case_id: UUID
    subject_kind: str
    subject_id: str
    pattern: ReviewPattern
    evidence: dict[str, Any]
    seen_at: datetime
    state: ReviewState
    decided_at: datetime | None
    reason: str


def facts_conduct(person_id: UUID, *, organization_id: UUID | None, now: datetime) -> Conduct:
    """Where the person stands, under whichever id it is known, over the whole consortium; None: by the rule of the whole house."""
    ids = people.same_person_ids(person_id)
    today = service_date(now)
    parameters = rulebook.rule(AbsencePenalty, scope_id=organization_id, at=now).parameters
    return Conduct(
        counted=rules.counted_now(facts_absences(ids), today=today, parameters=parameters),
        rule=parameters,
        suspended_until=facts_suspended_until(ids, today=today),
        warned_only=rules.is_warned_only(people.facts_person(person_id).years(today), parameters=parameters),
    )


def facts_suspended_until(person_ids: Collection[UUID], *, today: date) -> date | None:
    """The first day on which the person may book remotely again, None when it may today."""
    rows = models.Suspension.objects.filter(
        person_id__in=person_ids, state=SuspensionState.ACTIVE, from_day__lte=today, until_day__gt=today
    )
    return rows.order_by("-until_day").values_list("until_day", flat=True).first()


def facts_absences(person_ids: Collection[UUID]) -> list[Strike]:
    """The absences that count, in order of the visit date."""
    rows = models.Appointment.objects.filter(person_id__in=person_ids, status=AppointmentStatus.NOSHOW)
    rows = rows.exclude(pk__in=models.AbsenceExcuse.objects.values("appointment_id"))
    return sorted(Strike(*row) for row in rows.values_list("service_date", "pk"))


def facts_cancellations(person_ids: Collection[UUID]) -> list[Strike]:
    """The patient's own cancellations of firm bookings that a pack which counts them counts, by the day of cancelling."""
    rows = models.Appointment.objects.filter(
        person_id__in=person_ids, status=AppointmentStatus.CANCELLED, cancelled_by=Party.PATIENT, confirmed_at__isnull=False
    )
    found = []
    for row in rows:
        if row.closed_at is None:  # given up at no known moment
            continue
        deadline = rulebook.rule(CancelDeadline, scope_id=row.organization_id, at=row.booked_at).parameters
        penalty = rulebook.rule(AbsencePenalty, scope_id=row.organization_id, at=row.closed_at).parameters
        day = service_date(row.closed_at)
        if rules.is_counted_cancellation(
            cancelled_at=row.closed_at,
            booked_at=row.booked_at,
            day=row.service_date,
            cancelled_day=day,
            regret_minutes=deadline.regret_minutes,
            same_day_only=penalty.same_day_cancellations_only,
        ):
            found.append(Strike(day, row.pk))
    return sorted(found)


def facts_excuses(appointment_ids: Iterable[UUID]) -> dict[UUID, Excuse]:
    """Absences that do not count, and why."""
    rows = models.AbsenceExcuse.objects.filter(appointment_id__in=list(appointment_ids))
    return {row.appointment_id: Excuse(row.excuse) for row in rows}


def appeal_deadline(appointment: AppointmentFacts, *, now: datetime) -> date:
    """The last day on which an appeal about this absence is taken."""
    parameters = rulebook.rule(AbsencePenalty, scope_id=appointment.organization_id, at=now).parameters
    return rules.appeal_until(appointment.service_date, parameters=parameters)


def facts_appeal_of(appointment_id: UUID) -> AppealFacts | None:
    """The newest appeal about an absence, or None; whoever may see the appointment may see it."""
    row = models.Appeal.objects.filter(appointment_id=appointment_id).order_by("-submitted_at").first()
    return _appeal(row) if row else None


def appeals(actor: Actor, *, limit: int = 200) -> list[AppealFacts]:
    """The appeals that the actor may decide, the open ones first and the oldest of them first. Names are masked by the page."""
    open_ones = models.Appeal.objects.filter(state=AppealState.OPEN).order_by("submitted_at")
    decided = models.Appeal.objects.exclude(state=AppealState.OPEN).order_by("-decided_at")
    rows = [*open_ones.select_related("appointment"), *decided.select_related("appointment")[:limit]]
    return [_appeal(row) for row in rows if access.may(actor, APPEAL_DECIDE, row.appointment.organization_id)][:limit]


def open_appeal(actor: Actor, appeal_id: UUID) -> AppealFacts:
    """One appeal for who may decide it. Refuses ``not_found``."""
    row = models.Appeal.objects.filter(pk=appeal_id).first()
    found = _appeal(row) if row else None
    if found is None or not access.may(actor, APPEAL_DECIDE, found.appointment.organization_id):
        raise NotFound
    return found


def absences_to_judge(*, since: datetime) -> list[AppointmentFacts]:
    """Absences marked since then that nothing excuses yet."""
    rows = models.Appointment.objects.filter(status=AppointmentStatus.NOSHOW, closed_at__gte=since)
    rows = rows.exclude(pk__in=models.AbsenceExcuse.objects.values("appointment_id"))
    return [facts_appointment(pk) for pk in rows.order_by("closed_at").values_list("pk", flat=True)]


def suspended_for_nothing(*, today: date) -> list[UUID]:
    """Persons whose active suspension rests on an absence that is none any more: came after all, or excused."""
    found = []
    for row in models.Suspension.objects.filter(state=SuspensionState.ACTIVE, until_day__gt=today):
        standing = models.Appointment.objects.filter(
            pk__in=row.appointment_ids, status__in=[AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED]
        ).exclude(pk__in=models.AbsenceExcuse.objects.values("appointment_id"))
        if standing.count() != len(row.appointment_ids):
            found.append(row.person_id)
    return found


def facts_suspension(suspension_id: UUID) -> tuple[UUID, date, tuple[UUID, ...]]:
    """Whom a suspension concerns, until when, and because of which appointments."""
    row = models.Suspension.objects.get(pk=suspension_id)
    return row.person_id, row.until_day, tuple(row.appointment_ids)


def excuse_by_itself(absence: AppointmentFacts, *, emergency_visit: bool, clinical_visit: bool) -> Excuse | None:
    """Why an absence does not count without anybody deciding, given what the house did for the person that day. Source: rule AP-13."""
    row = models.ClinicSession.objects.get(pk=absence.session_id)
    return rules.excuse_of(
        day=absence.service_date,
        stopped=row.status == SessionStatus.STOPPED,
        delayed=_is_delayed(row),
        deceased_on=people.facts_person(absence.person_id).deceased_on,
        emergency_visit=emergency_visit,
        clinical_visit=clinical_visit,
    )


def was_delayed(absence: AppointmentFacts) -> bool:
    """Whether the doctor's session began late or was interrupted: who left then is not absent (rule AP-13)."""
    return _is_delayed(models.ClinicSession.objects.get(pk=absence.session_id))


def _is_delayed(session: models.ClinicSession) -> bool:
    return session.delayed_minutes > 0 or session.away_since is not None


def review_cases(actor: Actor, *, limit: int = 200) -> list[CaseFacts]:
    """Patterns for who may judge them: the open ones first, then the newest. Ids and counts, no names."""
    if not access.may_somewhere(actor, REVIEW_DECIDE):
        return []
    rows = list(models.ReviewCase.objects.order_by("-seen_at")[:limit])
    rows.sort(key=lambda row: row.state != ReviewState.OPEN)
    return [_case(row) for row in rows]


def review_case(actor: Actor, case_id: UUID) -> CaseFacts:
    """One pattern. Refuses ``not_found``, also to whoever may not judge it."""
    row = models.ReviewCase.objects.filter(pk=case_id).first()
    if row is None or not access.may_somewhere(actor, REVIEW_DECIDE):
        raise NotFound
    return _case(row)


def _appeal(row: models.Appeal) -> AppealFacts:
    return AppealFacts(
        appeal_id=row.id,
        words=row.words,
        submitted_at=row.submitted_at,
        state=AppealState(row.state),
        answer=row.answer,
        decided_at=row.decided_at,
        appointment=facts_appointment(row.appointment_id),
    )


def _case(row: models.ReviewCase) -> CaseFacts:
    return CaseFacts(
        case_id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        pattern=ReviewPattern(row.pattern),
        evidence=row.evidence,
        seen_at=row.seen_at,
        state=ReviewState(row.state),
        decided_at=row.decided_at,
        reason=row.reason,
    )
