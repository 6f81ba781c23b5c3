"""Reads of changes of the day: what was decided, who is to be told, who knows, what they chose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.availability import SessionOffer, offers
from jiuyi.domains.scheduling.rules import changes as rules
from jiuyi.domains.scheduling.words import OPEN_STATES, AppointmentStatus, ChangeChoice, ChangeKind, Pool, Reach, SessionStatus
from jiuyi.domains.scheduling.words.changes import TellingChanges
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import ActorKind
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One decision about a session."""

    change_id: UUID
    session_id: UUID
    department_id: UUID
    organization_id: UUID
    practitioner_id: UUID  # who sees the patients now
    room_id: UUID | None
    kind: ChangeKind
    substitute_id: UUID | None
    delay_minutes: int | None
    reason: str
    decided_by_id: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One person whom a change concerns."""

    notice_id: UUID
    change: ChangeFacts
    appointment_id: UUID
    person_id: UUID
    account_id: UUID | None
    status: AppointmentStatus
    window_start: datetime
    window_end: datetime
    reach: Reach | None
    told_at: datetime | None
    known_at: datetime | None
    call_due_at: datetime | None
    calls: int
    collides_with: UUID | None
    choice: ChangeChoice | None
    chosen_at: datetime | None
    in_session: bool  # the appointment is still of the session that changed

    @property
    def is_open(self) -> bool:
        """Whether the visit is still to come in the changed session, so that there is something to choose."""
        return self.in_session and self.status in OPEN_STATES

    @property
    def waits_for_choice(self) -> bool:
        """Whether the session does not take place and the person has not said what they want."""
        return self.is_open and self.choice is None and self.change.kind is ChangeKind.STOP


@dataclass(frozen=True, slots=True)
class SessionState:
    """What the ordinary facts of a session do not say: whose it was, how late it is, and since when its doctor is away."""

    session_id: UUID
    status: SessionStatus
    original_practitioner_id: UUID | None
    delayed_minutes: int
    away_since: datetime | None


def session_state(session_id: UUID) -> SessionState:
    """How a session has been changed so far; NotFound otherwise."""
    row = models.ClinicSession.objects.filter(pk=session_id).first()
    if row is None:
        raise NotFound
    return SessionState(row.id, SessionStatus(row.status), row.original_practitioner_id, row.delayed_minutes, row.away_since)


def stopped_sessions(session_ids: Iterable[UUID]) -> set[UUID]:
    """Which of the sessions do not take place."""
    return set(models.ClinicSession.objects.filter(pk__in=set(session_ids), status=SessionStatus.STOPPED).values_list("pk", flat=True))


def facts_change(change_id: UUID) -> ChangeFacts:
    """One change; NotFound otherwise."""
    row = models.SessionChange.objects.select_related("session").filter(pk=change_id).first()
    if row is None:
        raise NotFound
    return _change(row)


def changes_of_session(session_id: UUID) -> list[ChangeFacts]:
    """What was decided about a session, the newest first."""
    rows = models.SessionChange.objects.select_related("session").filter(session_id=session_id)
    return [_change(row) for row in rows.order_by("-decided_at", "-id")]


def changes_of_departments(department_ids: Iterable[UUID], *, since: datetime, limit: int = 100) -> list[ChangeFacts]:
    """What was decided about some departments' sessions lately, the newest first."""
    rows = models.SessionChange.objects.select_related("session").filter(
        session__department_id__in=list(department_ids), decided_at__gte=since
    )
    return [_change(row) for row in rows.order_by("-decided_at", "-id")[:limit]]


def facts_notice(notice_id: UUID) -> NoticeFacts:
    """One notice; NotFound otherwise."""
    found = _facts(_notices().filter(pk=notice_id))
    if not found:
        raise NotFound
    return found[0]


def facts_notices_of_change(change_id: UUID) -> list[NoticeFacts]:
    """Everybody whom a change concerns, in order of time."""
    return _facts(_notices().filter(change_id=change_id).order_by("appointment__window_start", "id"))


def newest_notices(appointment_ids: Iterable[UUID]) -> dict[UUID, NoticeFacts]:
    """The newest change that concerns each appointment; appointments that nothing happened to are missing."""
    rows = _notices().filter(appointment_id__in=list(appointment_ids)).order_by("change__decided_at", "change_id")
    return {each.appointment_id: each for each in _facts(rows)}


def notices_untold(*, limit: int = 200) -> list[UUID]:
    """Notices of live appointments that nobody has begun to tell, the oldest first."""
    rows = models.ChangeNotice.objects.filter(told_at__isnull=True, known_at__isnull=True, call_due_at__isnull=False)
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])


def notices_to_call(organization_ids: Sequence[UUID], *, now: datetime, limit: int = 200) -> list[NoticeFacts]:
    """Who is not known to know in time and has to be rung: the newest notice of each live visit, the nearest visit first."""
    newest = (
        models.ChangeNotice.objects.filter(appointment_id=OuterRef("appointment_id"))
        .order_by("-change__decided_at", "-id")
        .values("pk")[:1]
    )
    rows = (
        _notices()
        .filter(
            appointment__organization_id__in=list(organization_ids),
            known_at__isnull=True,
            call_due_at__lte=now,
            pk=Subquery(newest),
            change__session__ends_at__gt=now,
        )
        # Whoever was paid back because they said nothing may still be on the way.
        .exclude(
            ~Q(chosen_by_kind=ActorKind.SYSTEM.value), appointment__status__in=[AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED]
        )
    )
    return _facts(rows.order_by("appointment__window_start", "id")[:limit])


def stops_without_choice(*, limit: int = 200) -> list[NoticeFacts]:
    """Live visits of stopped sessions whose owners have not chosen, the nearest visit first; those still in that session only."""
    rows = _notices().filter(
        Q(choice="") | Q(choice=ChangeChoice.KEEP),
        change__kind=ChangeKind.STOP,
        appointment__status__in=OPEN_STATES,
        appointment__session__status=SessionStatus.STOPPED,
    )
    return _facts(rows.order_by("appointment__window_start", "id")[:limit])


def choose_until(notice: NoticeFacts) -> datetime:
    """Until when the person may choose, after which the default holds. Source: rule AP-7."""
    params = rulebook.rule(TellingChanges, scope_id=notice.change.organization_id, at=notice.change.decided_at).parameters
    return rules.choose_until(decided_at=notice.change.decided_at, window_start=notice.window_start, parameters=params)


def default_choice(notice: NoticeFacts) -> ChangeChoice:
    """What it means that the person said nothing in time. Source: rule AP-7."""
    return rules.default_choice(notice.change.kind)


def choices_of_notice(notice: NoticeFacts) -> tuple[ChangeChoice, ...]:
    """What this person may make of it; nothing once the visit is over or has gone another way."""
    return rules.choices_of(notice.change.kind) if notice.is_open else ()


def sessions_of_day(department_ids: Iterable[UUID], day: date, *, now: datetime) -> list[SessionOffer]:
    """All sessions of some departments on a day, stopped and finished ones included, in order of time."""
    return offers(
        "s.department_id = ANY (%(departments)s) AND s.service_date = %(day)s",
        now,
        (Pool.PUBLIC,),
        departments=list(department_ids),
        day=day,
    )


def sessions_of_same_class(session_id: UUID, *, now: datetime, pools: Sequence[Pool] = (Pool.PUBLIC,)) -> list[SessionOffer]:
    """Open sessions of other doctors of the department with free places of the same class on the day of a stopped one."""
    wanted = models.ClinicSession.objects.filter(pk=session_id).first()
    if wanted is None:
        raise NotFound
    found = offers(
        "s.department_id = %(department)s AND s.service_date = %(day)s AND s.number_class = %(number_class)s"
        " AND s.id <> %(session)s AND s.status = 'open' AND s.ends_at > %(now)s",
        now,
        pools,
        department=wanted.department_id,
        day=wanted.service_date,
        number_class=wanted.number_class,
        session=session_id,
    )
    return [each for each in found if each.free]


def _notices() -> "QuerySet[models.ChangeNotice]":
    return models.ChangeNotice.objects.select_related("change__session", "appointment")


def _facts(rows: Iterable[models.ChangeNotice]) -> list[NoticeFacts]:
    return [
        NoticeFacts(
            notice_id=row.id,
            change=_change(row.change),
            appointment_id=row.appointment_id,
            person_id=row.appointment.person_id,
            account_id=row.appointment.account_id,
            status=AppointmentStatus(row.appointment.status),
            window_start=row.appointment.window_start,
            window_end=row.appointment.window_end,
            reach=Reach(row.reach) if row.reach else None,
            told_at=row.told_at,
            known_at=row.known_at,
            call_due_at=row.call_due_at,
            calls=row.calls,
            collides_with=row.collides_with,
            choice=ChangeChoice(row.choice) if row.choice else None,
            chosen_at=row.chosen_at,
            in_session=row.appointment.session_id == row.change.session_id,
        )
        for row in rows
    ]


def _change(row: models.SessionChange) -> ChangeFacts:
    session = row.session
    return ChangeFacts(
        change_id=row.id,
        session_id=row.session_id,
        department_id=session.department_id,
        organization_id=session.organization_id,
        practitioner_id=session.practitioner_id,
        room_id=session.room_id,
        kind=ChangeKind(row.kind),
        substitute_id=row.substitute_id,
        delay_minutes=row.delay_minutes,
        reason=row.reason,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
    )
