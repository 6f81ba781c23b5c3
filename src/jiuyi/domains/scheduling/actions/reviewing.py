"""Patterns of bookings that a person should look at. Nothing is blocked by any of this (rule AP-10)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.events.conduct import PatternJudged, PatternSeen
from jiuyi.domains.scheduling.rules import EXPERT_CLASSES, resale
from jiuyi.domains.scheduling.rules.resale import Finding, Trace
from jiuyi.domains.scheduling.words import (
    REVIEW_DECIDE,
    AppealDecided,
    AppointmentStatus,
    Party,
    ReasonNeeded,
    ResalePatterns,
    ReviewState,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound
from jiuyi.kernel.text import gettext_noop

REASON_NEEDED = gettext_noop("请写明核查的结果和依据。")
_GIVEN_UP = (AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED)


def look_for_patterns(*, now: datetime, actor: Actor = SYSTEM) -> list[UUID]:
    """Lay new patterns before a person; an open case gets the newest evidence, a judged one is not opened again by the same facts.

    Only bookings by patients' accounts are looked at: staff, village doctors and family doctors book without one.
    """
    parameters = rulebook.rule(ResalePatterns, scope_id=None, at=now).parameters
    found = resale.findings(_traces(since=now - timedelta(days=resale.longest_days(parameters))), now=now, parameters=parameters)
    return [case for case in (_lay_before(each, parameters, actor=actor, now=now) for each in found) if case is not None]


@transaction.atomic
def judge_case(*, actor: Actor, now: datetime, case_id: UUID, state: ReviewState, reason: str) -> None:
    """Say what a pattern was; it only says so: whoever confirms resale acts by other means.

    Refuses ``not_allowed``, ``not_found``, ``scheduling.reason_needed``, ``scheduling.appeal_decided`` when it says so already.
    """
    if not access.may_somewhere(actor, REVIEW_DECIDE):
        raise NotAllowed
    case = models.ReviewCase.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": REASON_NEEDED})
    if case.state == state or state is ReviewState.OPEN:
        raise AppealDecided
    case.state, case.reason, case.decided_by_id, case.decided_at = state, reason.strip()[:200], actor.id, now
    case.save(update_fields=["state", "reason", "decided_by_id", "decided_at"])
    journal.record(PatternJudged(case_id=case.id, state=state), actor=actor, now=now)


@transaction.atomic
def _lay_before(found: Finding, parameters: ResalePatterns, *, actor: Actor, now: datetime) -> UUID | None:
    of_subject = models.ReviewCase.objects.filter(subject_kind=found.subject_kind, subject_id=found.subject_id, pattern=found.pattern.value)
    judged = of_subject.exclude(state=ReviewState.OPEN).filter(decided_at__gt=now - timedelta(days=resale.longest_days(parameters)))
    if judged.exists():
        return None
    case, new = of_subject.get_or_create(
        state=ReviewState.OPEN,
        defaults={
            "subject_kind": found.subject_kind,
            "subject_id": found.subject_id,
            "pattern": found.pattern.value,
            "evidence": found.evidence,
            "seen_at": now,
        },
    )
    if not new:
        if case.evidence != found.evidence:
            case.evidence, case.seen_at = found.evidence, now
            case.save(update_fields=["evidence", "seen_at"])
        return None
    journal.record(PatternSeen(case_id=case.id, pattern=found.pattern), actor=actor, now=now)
    return case.id


def _traces(*, since: datetime) -> list[Trace]:
    rows = models.Appointment.objects.filter(account_id__isnull=False, booked_at__gt=since).select_related("session")
    return [
        Trace(
            appointment_id=row.id,
            account_id=row.account_id,
            person_id=row.person_id,
            device_hash=row.device_hash,
            session_id=row.session_id,
            window_start=row.window_start,
            booked_at=row.booked_at,
            given_up_at=row.closed_at if row.status in _GIVEN_UP and row.cancelled_by in {"", Party.PATIENT} else None,
            hot=row.session.number_class in EXPERT_CLASSES,
        )
        for row in rows.iterator(chunk_size=2000)
        if row.account_id is not None
    ]
