"""Putting clinic sessions on the schedule, and stopping them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import events, models, rules
from jiuyi.domains.scheduling.rules import PlacePlan as PlacePlan  # noqa: PLC0414  # part of this door
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    BadSession,
    DoctorBusy,
    DoctorOnTheRoad,
    NumberClass,
    PlaceState,
    Pool,
    RoadBuffer,
    SessionKind,
    SessionStatus,
    TryAgain,
    WindowLength,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

LONGEST_WINDOW_MINUTES = 15
_INSTANT = timedelta(microseconds=1)
_WAITED_IN_A_RING = "40P01"  # PostgreSQL ended a deadlock


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be published; ``slot_minutes`` None takes the rulebook's length (rule AP-1).

    Without ``places`` every place belongs to ``pool`` and becomes visible at ``visible_at``. With them the session has
    exactly those, in that order; ``visible_at`` stays the moment of the public release.
    """

    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    number_class: NumberClass
    per_window: int
    visible_at: datetime
    slot_minutes: int | None = None
    pool: Pool = Pool.PUBLIC
    places: "Sequence[PlacePlan] | None" = None
    fee_note: str = ""
    kind: SessionKind = SessionKind.CLINIC
    template_id: UUID | None = None
    contact: str = ""
    how_to_book: str = ""
    draws: bool = False
    release_rule_version: int | None = None
    id: UUID | None = None


def publish_session(
    *,
    actor: Actor,
    now: datetime,
    practitioner_id: UUID,
    department_id: UUID,
    room_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
    number_class: NumberClass,
    per_window: int,
    visible_at: datetime,
    slot_minutes: int | None = None,
    id: UUID | None = None,  # noqa: A002  # the contract's name for an id that the caller has chosen
) -> UUID:
    """Publish one clinic session with its places; one that has begun is published too, its past windows are not sold.

    Refuses ``scheduling.bad_session`` (all reasons at once) and ``scheduling.doctor_busy``. Source: rules AP-1, AP-6; C2.
    """
    session = NewSession(
        practitioner_id=practitioner_id,
        department_id=department_id,
        room_id=room_id,
        starts_at=starts_at,
        ends_at=ends_at,
        number_class=number_class,
        per_window=per_window,
        visible_at=visible_at,
        slot_minutes=slot_minutes,
        id=id,
    )
    return publish_sessions(actor=actor, now=now, sessions=[session])[0]


@transaction.atomic
def publish_sessions(*, actor: Actor, now: datetime, sessions: Sequence[NewSession]) -> list[UUID]:
    """Publish many sessions, all or none; their ids in the same order. Refuses as ``publish_session`` does."""
    homes = {
        department_id: organizations.department(department_id).organization_id for department_id in {s.department_id for s in sessions}
    }
    for department_id in homes:
        access.require(actor, SESSION_PUBLISH, department_id)
    default_minutes = {
        department_id: rulebook.rule(WindowLength, scope_id=department_id, at=now).parameters.slot_minutes for department_id in homes
    }
    roads = {
        department_id: timedelta(minutes=rulebook.rule(RoadBuffer, scope_id=department_id, at=now).parameters.travel_minutes)
        for department_id in homes
    }
    rows: list[models.ClinicSession] = []
    plans: list[Sequence[PlacePlan]] = []
    for session in sessions:
        minutes = session.slot_minutes or default_minutes[session.department_id]
        _check(session, minutes)
        places = session.places if session.places is not None else _of_one_pool(session, minutes)
        home, road = homes[session.department_id], roads[session.department_id]
        rows.append(_row(session, organization_id=home, minutes=minutes, capacity=len(places), road=road, now=now))
        plans.append(places)
    try:
        with transaction.atomic():
            models.ClinicSession.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as error:
        if "practitioner_in_one_place" in str(error):
            raise DoctorBusy from error
        if "practitioner_on_the_road" in str(error):
            raise DoctorOnTheRoad from error
        raise
    _copy_places(rows, plans)
    for row in rows:
        published = events.SessionPublished(
            session_id=row.id,
            department_id=row.department_id,
            practitioner_id=row.practitioner_id,
            starts_at=row.starts_at,
            capacity=row.capacity,
            scope_id=row.organization_id,
        )
        journal.record(published, actor=actor, now=now)
    return [row.id for row in rows]


def lock_session(session_id: UUID) -> models.ClinicSession:
    """All places of the session, then its row, locked until the end of the caller's transaction. Refuses ``not_found``.

    Whoever changes what a session consists of (stop, raise, lower, shift) takes it: two of them never meet, bookings that
    are being made finish before, and those that come later find the session as it is then (docs/locking.md). Refuses
    ``scheduling.try_again`` when a booking and the lock waited for each other.
    """
    try:
        _lock_places(session_id)
        session = models.ClinicSession.objects.select_for_update(no_key=True).filter(pk=session_id).first()
        _lock_places(session_id)  # also those that were added while the first ones were waited for; from now on nobody adds any
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _WAITED_IN_A_RING:
            raise
        raise TryAgain from error
    if session is None:
        raise NotFound
    return session


def _lock_places(session_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM scheduling_place WHERE session_id = %s ORDER BY id FOR NO KEY UPDATE", [session_id])


def _check(session: NewSession, minutes: int) -> None:
    fields = {}
    if session.ends_at <= session.starts_at:
        fields["ends_at"] = gettext_noop("结束时间要晚于开始时间。")
    elif service_date(session.starts_at) != service_date(session.ends_at - _INSTANT):  # 24:00 is still the same day
        fields["ends_at"] = gettext_noop("班次不能跨天，请分成两个班次。")
    if not 1 <= minutes <= LONGEST_WINDOW_MINUTES:
        fields["slot_minutes"] = gettext_noop("每个时段为 1 至 15 分钟。")
    if session.kind is not SessionKind.CLINIC:
        fields |= _missing_of_visit(session)
    if session.per_window < 1:
        fields["per_window"] = gettext_noop("每个时段至少放 1 个号。")
    if fields:
        raise BadSession(fields=fields)


def _missing_of_visit(session: NewSession) -> dict[str, str]:
    """A visiting expert is not published without place, contact and way to book. Source: C14."""
    fields = {}
    if session.room_id is None:
        fields["room_id"] = gettext_noop("请选择出诊地点。")
    if not session.contact.strip():
        fields["contact"] = gettext_noop("请填写联系人或咨询电话。")
    if not session.how_to_book.strip():
        fields["how_to_book"] = gettext_noop("请填写怎样预约。")
    return fields


def _row(
    session: NewSession, *, organization_id: UUID, minutes: int, capacity: int, road: timedelta, now: datetime
) -> models.ClinicSession:
    return models.ClinicSession(
        id=session.id or new_id(),
        practitioner_id=session.practitioner_id,
        department_id=session.department_id,
        organization_id=organization_id,
        room_id=session.room_id,
        service_date=service_date(session.starts_at),
        half_day=rules.half_day_of(session.starts_at),
        number_class=session.number_class,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        slot_minutes=minutes,
        capacity=capacity,
        status=SessionStatus.OPEN,
        visible_at=session.visible_at,
        fee_note=session.fee_note,
        published_at=now,
        road_until=session.ends_at + road,
        kind=session.kind,
        template_id=session.template_id,
        contact=session.contact,
        how_to_book=session.how_to_book,
        draws=session.draws,
        release_rule_version=session.release_rule_version,
    )


def _of_one_pool(session: NewSession, minutes: int) -> list[PlacePlan]:
    windows = rules.windows_of(Period(session.starts_at, session.ends_at), minutes, session.per_window)
    return [PlacePlan(window, session.pool, session.visible_at) for _, window in windows]


def _copy_places(rows: Sequence[models.ClinicSession], plans: Sequence[Sequence[PlacePlan]]) -> None:
    """Two weeks of a hospital are 90,000 places: COPY brings them in a few seconds, INSERT would take a minute."""
    statement = (
        "COPY scheduling_place (id, session_id, ordinal, window_start, window_end, pool, visible_at, state, flows_back_at) FROM STDIN"
    )
    free = PlaceState.FREE.value
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row, places in zip(rows, plans, strict=True):
            for ordinal, place in enumerate(places, start=1):
                window, pool = place.window, place.pool.value
                copy.write_row((new_id(), row.id, ordinal, window.start, window.end, pool, place.visible_at, free, place.flows_back_at))
