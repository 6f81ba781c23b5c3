"""Absences that do not count, suspensions that follow from those that do, and appeals that a person decides.

A suspension is derived: whenever an absence appears or is excused, the person's suspensions are worked out anew, so that every
decision can be undone. Lock order: the person's allowance, then these rows (docs/locking.md).
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions.limits import lock_allowance
from jiuyi.domains.scheduling.events import AppointmentEvent
from jiuyi.domains.scheduling.events import conduct as events
from jiuyi.domains.scheduling.queries import conduct as facts
from jiuyi.domains.scheduling.rules import conduct as rules
from jiuyi.domains.scheduling.rules.conduct import Closure, Strike
from jiuyi.domains.scheduling.words import (
    APPEAL_DECIDE,
    AbsencePenalty,
    AppealDecided,
    AppealOpen,
    AppealState,
    AppealTooLate,
    AppointmentStatus,
    Excuse,
    NothingToAppeal,
    Party,
    ReasonNeeded,
    SuspensionState,
)
from jiuyi.domains.scheduling.words.conduct import AppealAct, SuspensionAct
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

WORDS_NEEDED: Final = gettext_noop("请写明当天的情况，例如住院、急诊、路上出事或已到院未签到。")
ANSWER_NEEDED: Final = gettext_noop("请写明处理的理由，患者会看到。")
LIFTED_BY_RECKONING: Final = gettext_noop("重新核算后不再满足条件")

_Rule = Callable[[list[Strike], AbsencePenalty], Closure | None]


@transaction.atomic
def excuse_absence(*, actor: Actor, now: datetime, appointment_id: UUID, excuse: Excuse, note: str = "") -> bool:
    """Let an absence not count, and work the person's suspensions out anew; False if it is excused already or no absence.

    Source: rule AP-13.
    """
    person_id = queries.facts_appointment(appointment_id).person_id
    ids = lock_allowance(person_id)
    if not _is_absent(appointment_id):
        return False
    row, made = models.AbsenceExcuse.objects.get_or_create(
        appointment_id=appointment_id,
        defaults={
            "excuse": excuse,
            "note": note[:200],
            "decided_by_kind": actor.kind.value,
            "decided_by_id": actor.id,
            "decided_at": now,
        },
    )
    if made:
        _record_of(events.AbsenceExcused, row.appointment_id, actor=actor, now=now, excuse=excuse)
        _reckon(ids, person_id=person_id, actor=actor, now=now)
    return made


@transaction.atomic
def reckon_suspensions(*, actor: Actor, now: datetime, person_id: UUID) -> None:
    """Work out a person's suspensions from the absences that count: missing ones are made, unfounded ones lifted. Twice is once.

    Source: rule AP-14; C4.
    """
    _reckon(lock_allowance(person_id), person_id=person_id, actor=actor, now=now)


@transaction.atomic
def submit_appeal(*, actor: Actor, now: datetime, appointment_id: UUID, words: str) -> UUID:
    """Say why an absence should not count; a person will decide.

    Refuses ``not_found`` for somebody else's appointment, ``scheduling.nothing_to_appeal``, ``scheduling.appeal_too_late``
    (the seventh day counts until 24:00), ``scheduling.appeal_open`` and ``scheduling.reason_needed``. Source: rule AP-14; C4.
    """
    appointment = queries.open_appointment(actor, appointment_id, now=now)
    lock_allowance(appointment.person_id)
    if not _is_absent(appointment_id) or facts.facts_excuses([appointment_id]):
        raise NothingToAppeal
    until = facts.appeal_deadline(appointment, now=now)
    if service_date(now) > until:
        raise AppealTooLate(until=until)
    if not words.strip():
        raise ReasonNeeded(fields={"words": WORDS_NEEDED})
    try:
        with transaction.atomic():
            appeal = models.Appeal.objects.create(
                appointment_id=appointment_id,
                words=words.strip()[:500],
                submitted_by_kind=actor.kind.value,
                submitted_by_id=actor.id,
                submitted_at=now,
            )
    except IntegrityError as error:
        if "one_open_appeal" not in str(error):
            raise
        raise AppealOpen from error
    _record_of(events.AppealSubmitted, appointment_id, actor=actor, now=now, appeal_id=appeal.id)
    return appeal.id


@transaction.atomic
def decide_appeal(
    *, actor: Actor, now: datetime, appeal_id: UUID, act: AppealAct, answer: str, seen: AppealState = AppealState.OPEN
) -> AppealState:
    """Decide an appeal, or decide it anew: accepted, the absence does not count; refused, it counts (again).

    ``seen`` is the state that the decision was made upon. Refuses ``not_found`` without the permission at the institution,
    ``scheduling.reason_needed`` without an answer, ``scheduling.appeal_decided`` when it stands otherwise. Source: AP-14; C4.
    """
    person_id = _appealing(actor, appeal_id)
    if not answer.strip():
        raise ReasonNeeded(fields={"answer": ANSWER_NEEDED})
    ids = lock_allowance(person_id)
    appeal = models.Appeal.objects.select_for_update().get(pk=appeal_id)
    move = rules.APPEAL_MOVES[AppealState(appeal.state)].get(act)
    if move is None or Party.STAFF not in move[1] or appeal.state != seen:
        raise AppealDecided
    appeal.state, appeal.answer = move[0], answer.strip()[:500]
    appeal.decided_by_id, appeal.decided_at = actor.id, now
    appeal.save(update_fields=["state", "answer", "decided_by_id", "decided_at"])
    _excuse_by_appeal(appeal, actor=actor, now=now)
    _record_of(events.AppealAnswered, appeal.appointment_id, actor=actor, now=now, appeal_id=appeal.id, act=act)
    _reckon(ids, person_id=person_id, actor=actor, now=now)
    return move[0]


def _appealing(actor: Actor, appeal_id: UUID) -> UUID:
    appeal = models.Appeal.objects.select_related("appointment").filter(pk=appeal_id).first()
    if appeal is None or not access.may(actor, APPEAL_DECIDE, appeal.appointment.organization_id):
        raise NotFound
    person_id: UUID = appeal.appointment.person_id
    return person_id


def _excuse_by_appeal(appeal: models.Appeal, *, actor: Actor, now: datetime) -> None:
    mine = models.AbsenceExcuse.objects.filter(appointment_id=appeal.appointment_id, excuse=Excuse.APPEAL)
    if appeal.state == AppealState.ACCEPTED:
        _, made = models.AbsenceExcuse.objects.get_or_create(
            appointment_id=appeal.appointment_id,
            defaults={
                "excuse": Excuse.APPEAL,
                "note": appeal.answer[:200],
                "decided_by_kind": actor.kind.value,
                "decided_by_id": actor.id,
                "decided_at": now,
            },
        )
        if made:
            _record_of(events.AbsenceExcused, appeal.appointment_id, actor=actor, now=now, excuse=Excuse.APPEAL)
    elif mine.delete()[0]:
        _record_of(events.ExcuseWithdrawn, appeal.appointment_id, actor=actor, now=now)


def _reckon(ids: Collection[UUID], *, person_id: UUID, actor: Actor, now: datetime) -> None:
    survivor = people.facts_person(person_id).survivor_id or person_id
    due = _closures(facts.facts_absences(ids), _by_absences, survivor) + _closures(
        facts.facts_cancellations(ids), _by_cancellations, survivor
    )
    known = {
        tuple(row.appointment_ids): row for row in models.Suspension.objects.select_for_update().filter(person_id__in=ids).order_by("pk")
    }
    founded = set()
    for closure, rule in due:
        founded.add(closure.appointment_ids)
        row = known.get(closure.appointment_ids)
        if row is None and closure.until_day > service_date(now):
            _suspend(survivor, closure, rule, actor=actor, now=now)
        elif row is not None and row.state == SuspensionState.LIFTED:
            _turn(row, SuspensionAct.RESTORE, actor=actor, now=now)
    for cause, row in known.items():
        if cause not in founded and row.state == SuspensionState.ACTIVE:
            _turn(row, SuspensionAct.LIFT, actor=actor, now=now)


def _by_absences(strikes: list[Strike], parameters: AbsencePenalty) -> Closure | None:
    """What absences lead to."""
    return rules.suspension_of(strikes, parameters=parameters)


def _by_cancellations(strikes: list[Strike], parameters: AbsencePenalty) -> Closure | None:
    """What cancellations lead to, where the pack counts them."""
    return rules.closure_by_cancellations(strikes, parameters=parameters)


def _closures(strikes: Iterable[Strike], rule: _Rule, person_id: UUID) -> list[tuple[Closure, rulebook.RuleReference]]:
    """Every closure in order of time, each by the rule of its own day; an absence leads to one closure only."""
    person = people.facts_person(person_id)
    pending: list[Strike] = []
    found = []
    for strike in strikes:
        pending.append(strike)
        scope = queries.facts_appointment(strike.appointment_id).organization_id
        pack = rulebook.rule(AbsencePenalty, scope_id=scope, at=instant_at(strike.day, time(0)))
        closure = rule(pending, pack.parameters)
        if closure is None:
            continue
        pending = []
        if not rules.is_warned_only(person.years(strike.day), parameters=pack.parameters):
            found.append((closure, pack.reference))
    return found


def _suspend(person_id: UUID, closure: Closure, rule: rulebook.RuleReference, *, actor: Actor, now: datetime) -> None:
    row = models.Suspension.objects.create(
        person_id=person_id,
        from_day=closure.from_day,
        until_day=closure.until_day,
        appointment_ids=list(closure.appointment_ids),
        rule_id=rule.rule_id,
        rule_version=rule.version,
        made_at=now,
    )
    journal.record(events.RemoteBookingSuspended(suspension_id=row.id, until_day=row.until_day, person_id=person_id), actor=actor, now=now)


def _turn(row: models.Suspension, act: SuspensionAct, *, actor: Actor, now: datetime) -> None:
    row.state = rules.SUSPENSION_MOVES[SuspensionState(row.state)][act][0]
    lifted = act is SuspensionAct.LIFT
    row.lifted_by_kind, row.lifted_by_id = (actor.kind.value, actor.id) if lifted else ("", None)
    row.lifted_at, row.lifted_why = (now, LIFTED_BY_RECKONING) if lifted else (None, "")
    row.save(update_fields=["state", "lifted_by_kind", "lifted_by_id", "lifted_at", "lifted_why"])
    event = (
        events.RemoteBookingRestored(suspension_id=row.id, person_id=row.person_id)
        if lifted
        else events.RemoteBookingSuspended(suspension_id=row.id, until_day=row.until_day, person_id=row.person_id)
    )
    journal.record(event, actor=actor, now=now)


def _is_absent(appointment_id: UUID) -> bool:
    return models.Appointment.objects.filter(pk=appointment_id, status=AppointmentStatus.NOSHOW).exists()


def _record_of(kind: type[AppointmentEvent], appointment_id: UUID, *, actor: Actor, now: datetime, **extra: object) -> None:
    found = queries.facts_appointment(appointment_id)
    event = kind(appointment_id=appointment_id, person_id=found.person_id, scope_id=found.organization_id, **extra)
    journal.record(event, actor=actor, now=now)
