"""Limits of booking under parallel requests: the person's row is the first lock of all, then the account's, then the device's.

Everything here runs inside the caller's transaction (docs/locking.md).
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.rules import limits as limit_rules
from jiuyi.domains.scheduling.rules.limits import Commitment
from jiuyi.domains.scheduling.words import (
    OPEN_STATES,
    AbsencePenalty,
    AlreadyBookedThatDay,
    BookingChannel,
    BookingLimits,
    BookingSuspended,
    Limit,
    NumberClass,
    SuspensionState,
    TooManyBookings,
)
from jiuyi.domains.scheduling.words.conduct import REMOTE_CHANNELS
from jiuyi.domains.scheduling.words.limits import WHAT_TO_DO
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.refusals import NotFound, Reasons


def lock_allowance(person_id: UUID) -> frozenset[UUID]:
    """Lock the person, under whichever id: no second booking is counted meanwhile. All ids that mean this person.

    The first lock of all, before any place. Refuses ``not_found``.
    """
    ids = people.same_person_ids(person_id)
    if not ids:
        raise NotFound
    survivor = people.facts_person(person_id).survivor_id or person_id
    models.PersonAllowance.objects.bulk_create([models.PersonAllowance(person_id=survivor)], ignore_conflicts=True)
    _take(models.PersonAllowance.objects.filter(pk=survivor))
    return ids


def require_allowed(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session: queries.SessionOffer,
    channel: BookingChannel,
    account_id: UUID | None,
    device_hash: str,
    counts_to_limits: bool,
    key: str = "",
) -> None:
    """Refuse a booking, or a pass, that a limit or a suspension forbids; live passes count as bookings. Locks the person first.

    Refuses ``scheduling.booking_suspended``; ``scheduling.too_many_bookings`` with every broken limit;
    ``scheduling.already_booked_that_day`` when that alone is wrong. ``key`` is the request's own: it never counts itself.
    Exempt: desks, rooms, operators and family doctors, emergency, courses, and ``counts_to_limits=False`` (referrals,
    wrong department). Source: rules AP-9, AP-14; C5.
    """
    broken = broken_limits(
        actor=actor,
        now=now,
        person_id=person_id,
        session=session,
        channel=channel,
        account_id=account_id,
        device_hash=device_hash,
        counts_to_limits=counts_to_limits,
        key=key,
    )
    if broken == [Limit.ONE_PER_DEPARTMENT_DAY]:
        raise AlreadyBookedThatDay(conflicts=[Limit.ONE_PER_DEPARTMENT_DAY.value])
    if broken:
        raise too_many(broken, session=session, now=now)


def broken_limits(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session: queries.SessionOffer,
    channel: BookingChannel,
    account_id: UUID | None,
    device_hash: str,
    counts_to_limits: bool,
    key: str = "",
) -> list[Limit]:
    """Every limit that the booking would break. Refuses a suspended person; locks person, account and device, unless exempt."""
    department = organizations.department(session.department_id)
    wanted = Commitment(session.service_date, session.department_id, session.practitioner_id)
    limits = rulebook.rule(BookingLimits, scope_id=session.organization_id, at=now).parameters
    limited = counts(session=session, channel=channel, counts_to_limits=counts_to_limits, now=now)
    ids = lock_allowance(person_id) if limited else people.same_person_ids(person_id)
    if counts_to_limits:
        _require_not_suspended(ids, session=session, department=department, channel=channel, now=now)
    if not limited:
        booked = _open_commitments(ids, key=key, counted_only=False)
        same = any(each.day == wanted.day and each.department_id == wanted.department_id for each in booked)
        return [Limit.ONE_PER_DEPARTMENT_DAY] if same else []
    others = _open_commitments(ids, key=key, counted_only=True)
    others += _promised(ids, wanted, booked=others, now=now, key=key)
    broken = limit_rules.patient_limits(others=others, wanted=wanted, parameters=limits)
    if account_id is not None and channel is not BookingChannel.PARTNER:  # a platform books for everybody
        broken += _of_account(account_id, ids=ids, now=now, key=key, parameters=limits)
    if device_hash and actor.kind is ActorKind.PATIENT:  # so does a machine in the hall
        broken += _of_device(device_hash, now=now, key=key, parameters=limits)
    return broken


def counts(*, session: queries.SessionOffer, channel: BookingChannel, counts_to_limits: bool, now: datetime) -> bool:
    """Whether such a booking is under the limits, and counts for later ones: what desks and doctors arrange takes nothing away."""
    limits = rulebook.rule(BookingLimits, scope_id=session.organization_id, at=now).parameters
    name = organizations.department(session.department_id).name
    return counts_to_limits and limit_rules.is_limited(
        channel=channel, number_class=session.number_class, department_name=name, parameters=limits
    )


def too_many(broken: Collection[Limit], *, session: queries.SessionOffer, now: datetime) -> TooManyBookings:
    """The refusal that names every broken limit and what to do about each."""
    numbers = rulebook.rule(BookingLimits, scope_id=session.organization_id, at=now).parameters.as_json()
    reasons = Reasons(WHAT_TO_DO[limit] for limit in broken)
    return TooManyBookings(conflicts=[limit.value for limit in broken], reasons=reasons, **numbers)


def require_not_suspended(*, person_id: UUID, session: queries.SessionOffer, channel: BookingChannel, now: datetime) -> None:
    """Refuse (``scheduling.booking_suspended``) a remote booking of somebody who missed too many visits. Source: rule AP-14."""
    department = organizations.department(session.department_id)
    _require_not_suspended(people.same_person_ids(person_id), session=session, department=department, channel=channel, now=now)


def _require_not_suspended(
    ids: Collection[UUID],
    *,
    session: queries.SessionOffer,
    department: organizations.DepartmentFacts,
    channel: BookingChannel,
    now: datetime,
) -> None:
    if (
        channel not in REMOTE_CHANNELS
        or session.number_class is NumberClass.EMERGENCY
        or department.category is DepartmentCategory.EMERGENCY
    ):
        return
    today = service_date(now)
    until = (
        models.Suspension.objects.filter(person_id__in=ids, state=SuspensionState.ACTIVE, from_day__lte=today, until_day__gt=today)
        .order_by("-until_day")
        .values_list("until_day", flat=True)
        .first()
    )
    if until is None:
        return
    penalty = rulebook.rule(AbsencePenalty, scope_id=session.organization_id, at=now).parameters
    if not limit_rules.is_named(department.name, penalty.open_departments):
        raise BookingSuspended(until=until, appeal_days=penalty.appeal_days)


def _take(rows: "QuerySet[models.PersonAllowance] | QuerySet[models.SourceAllowance]") -> None:
    list(rows.select_for_update(no_key=True))


def _lock_source(source: str) -> None:
    models.SourceAllowance.objects.bulk_create([models.SourceAllowance(source=source)], ignore_conflicts=True)
    _take(models.SourceAllowance.objects.filter(pk=source))


def _open_commitments(ids: Collection[UUID], *, key: str, counted_only: bool) -> list[Commitment]:
    rows = models.Appointment.objects.filter(person_id__in=ids, status__in=OPEN_STATES).exclude(idempotency_key=key)
    if counted_only:
        rows = rows.filter(counts_to_limits=True)
    return [Commitment(*row) for row in rows.values_list("service_date", "department_id", "practitioner_id")]


def _live_passes(*, now: datetime, key: str) -> "QuerySet[models.BookingPass]":
    used = models.Appointment.objects.filter(idempotency_key=Cast(OuterRef("pk"), CharField()))
    rows = models.BookingPass.objects.filter(given_back_at=None, expires_at__gt=now).exclude(Exists(used))
    return rows.annotate(key=Cast("pk", CharField())).exclude(key=key)


def _promised(ids: Collection[UUID], wanted: Commitment, *, booked: list[Commitment], now: datetime, key: str) -> list[Commitment]:
    """Live passes, each department's day once: together they give one appointment, and none where there is one already."""
    taken = {(each.department_id, each.day) for each in (*booked, wanted)}
    rows = _live_passes(now=now, key=key).filter(person_id__in=ids, counts_to_limits=True)
    promised: dict[tuple[UUID, date], Commitment] = {}
    for day, department_id, practitioner_id in rows.values_list("service_date", "department_id", "session__practitioner_id"):
        if (department_id, day) not in taken:
            promised.setdefault((department_id, day), Commitment(day, department_id, practitioner_id))
    return list(promised.values())


def _of_account(account_id: UUID, *, ids: Collection[UUID], now: datetime, key: str, parameters: BookingLimits) -> list[Limit]:
    _lock_source(f"account:{account_id}")
    booked = models.Appointment.objects.filter(account_id=account_id, counts_to_limits=True).exclude(idempotency_key=key)
    promised = _live_passes(now=now, key=key).filter(account_id=account_id, counts_to_limits=True)
    of_late = booked.filter(booked_at__gt=now - timedelta(days=parameters.account_patients_days))
    patients = {*of_late.values_list("person_id", flat=True), *promised.values_list("person_id", flat=True)}
    made_today = booked.filter(booked_at__gte=_midnight(now)).count() + promised.count()
    patient = next(iter(patients & set(ids)), min(ids))  # one person under several ids is one patient
    return limit_rules.account_limits(patients=patients, patient=patient, made_today=made_today, parameters=parameters)


def _of_device(device_hash: str, *, now: datetime, key: str, parameters: BookingLimits) -> list[Limit]:
    _lock_source(f"device:{device_hash}")
    booked = models.Appointment.objects.filter(device_hash=device_hash, booked_at__gte=_midnight(now), counts_to_limits=True)
    promised = _live_passes(now=now, key=key).filter(device_hash=device_hash, counts_to_limits=True)
    return limit_rules.device_limits(made_today=booked.exclude(idempotency_key=key).count() + promised.count(), parameters=parameters)


def _midnight(now: datetime) -> datetime:
    return instant_at(service_date(now), time(0))
