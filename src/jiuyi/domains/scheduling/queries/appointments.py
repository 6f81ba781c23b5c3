"""What was booked. ``open_appointment`` is the only way to show one to somebody; ``facts_…`` is for actions and journeys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.words import (
    APPOINTMENT_DAY_LIST,
    APPOINTMENT_OPEN,
    OPEN_STATES,
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    NumberClass,
    SessionStatus,
)
from jiuyi.foundation import access, audit
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """One appointment."""

    appointment_id: UUID
    session_id: UUID
    place_id: UUID
    person_id: UUID
    organization_id: UUID
    department_id: UUID
    practitioner_id: UUID
    room_id: UUID | None
    service_date: date
    window_start: datetime
    window_end: datetime
    session_ends_at: datetime
    number_class: NumberClass
    status: AppointmentStatus
    channel: BookingChannel
    account_id: UUID | None
    voucher: str
    fee_fen: int
    pay_at_arrival: bool
    held_until: datetime | None
    booked_at: datetime
    arrived_at: datetime | None
    cancelled_late: bool
    cancel_reason: CancelReason | None
    fee_rule: RuleReference | None

    @property
    def window(self) -> Period:
        """The arrival window."""
        return Period(self.window_start, self.window_end)


@dataclass(frozen=True, slots=True)
class DayListRow:
    """One line of the day's list for paper; the journey that prints it masks the name."""

    appointment_id: UUID
    department_id: UUID
    practitioner_id: UUID
    room_id: UUID | None
    window_start: datetime
    window_end: datetime
    person_id: UUID
    voucher: str
    status: AppointmentStatus
    pay_at_arrival: bool


def open_appointment(actor: Actor, appointment_id: UUID, *, now: datetime) -> AppointmentFacts:
    """One appointment, for its reader; one row in the audit.

    A patient's account opens what it booked itself, and what belongs to a person it is verified for; staff need the
    permission at the organisation; a partner's machine opens what it booked. Everybody else gets NotFound:
    whether it exists is none of their business.
    """
    found = facts_appointment(appointment_id)
    if actor.kind is ActorKind.PATIENT:
        if found.account_id != actor.id and people.facts_link(actor.id, found.person_id) is not Certainty.VERIFIED:
            raise NotFound
    elif not access.may(actor, APPOINTMENT_OPEN, found.organization_id) and not _made_by_machine(actor, appointment_id):
        raise NotFound
    audit.opened(actor, record="appointment", person_id=found.person_id, object_id=appointment_id, now=now)
    return found


def appointments_of_account(actor: Actor, now: datetime) -> list[AppointmentFacts]:
    """What this account booked, and the bookings of people it is verified for; the nearest visit day first."""
    verified = [member.person_id for member in people.account_people(actor, now=now) if member.level is Certainty.VERIFIED]
    mine = Q(account_id=actor.id) | Q(person_id__in=verified)
    return _facts(_appointments().filter(mine).order_by("-service_date", "window_start")[:200])


def facts_appointment(appointment_id: UUID) -> AppointmentFacts:
    """One appointment; NotFound otherwise."""
    return _one(_appointments().filter(pk=appointment_id))


def facts_appointments(appointment_ids: Iterable[UUID]) -> list[AppointmentFacts]:
    """Some appointments in order of time; unknown ids are left out."""
    return _facts(_appointments().filter(pk__in=list(appointment_ids)).order_by("window_start", "id"))


def facts_appointment_by_voucher(code: str) -> AppointmentFacts | None:
    """The appointment of a voucher code, or None."""
    return next(iter(_facts(_appointments().filter(voucher=code))), None)


def facts_appointments_of_person(
    person_id: UUID | Sequence[UUID], day: date | None = None, *, from_: date | None = None
) -> list[AppointmentFacts]:
    """A person's appointments (or those of several ids of one person): of one day, or from a day on, or all."""
    rows = _appointments().filter(person_id__in=[person_id] if isinstance(person_id, UUID) else list(person_id))
    if day is not None:
        rows = rows.filter(service_date=day)
    if from_ is not None:
        rows = rows.filter(service_date__gte=from_)
    return _facts(rows.order_by("window_start", "id"))


def facts_appointments_of_session(session_id: UUID, *, live_only: bool = True) -> list[AppointmentFacts]:
    """The appointments of a session in order of time; only held, booked and arrived ones unless told otherwise."""
    rows = _appointments().filter(session_id=session_id)
    return _facts((rows.filter(status__in=OPEN_STATES) if live_only else rows).order_by("window_start", "booked_at"))


def holds_due(*, now: datetime, limit: int) -> list[UUID]:
    """Unpaid places whose time is up: at ``held_until`` itself it is."""
    rows = models.Appointment.objects.filter(status=AppointmentStatus.HELD, held_until__lte=now)
    return list(rows.order_by("held_until").values_list("pk", flat=True)[:limit])


def noshow_candidates(*, now: datetime, limit: int) -> list[AppointmentFacts]:
    """Booked appointments whose window and session are over; the rule decides with the grace. Nobody misses a stopped session (AP-13)."""
    rows = _appointments().filter(status=AppointmentStatus.BOOKED, window_end__lt=now, session__ends_at__lte=now)
    rows = rows.exclude(session__status=SessionStatus.STOPPED)
    return _facts(rows.order_by("window_end")[:limit])


def day_list(actor: Actor, organization_id: UUID, day: date) -> list[DayListRow]:
    """All live appointments of an institution on a day, by department, doctor and time: the list for paper."""
    access.require(actor, APPOINTMENT_DAY_LIST, organization_id)
    live = [status for status in AppointmentStatus if status not in {AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED}]
    rows = _appointments().filter(organization_id=organization_id, service_date=day, status__in=live)
    return [
        DayListRow(
            appointment_id=row.id,
            department_id=row.department_id,
            practitioner_id=row.practitioner_id,
            room_id=row.session.room_id,
            window_start=row.window_start,
            window_end=row.window_end,
            person_id=row.person_id,
            voucher=row.voucher,
            status=AppointmentStatus(row.status),
            pay_at_arrival=row.pay_at_arrival,
        )
        for row in rows.order_by("department_id", "practitioner_id", "window_start", "booked_at")
    ]


def _made_by_machine(actor: Actor, appointment_id: UUID) -> bool:
    return (
        actor.kind is ActorKind.DEVICE
        and models.Appointment.objects.filter(pk=appointment_id, booked_by_kind=actor.kind.value, booked_by_id=actor.id).exists()
    )


def _appointments() -> "QuerySet[models.Appointment]":
    return models.Appointment.objects.select_related("session")


def _one(rows: "QuerySet[models.Appointment]") -> AppointmentFacts:
    found = _facts(rows[:1])
    if not found:
        raise NotFound
    return found[0]


def _facts(rows: Iterable[models.Appointment]) -> list[AppointmentFacts]:
    return [
        AppointmentFacts(
            appointment_id=row.id,
            session_id=row.session_id,
            place_id=row.place_id,
            person_id=row.person_id,
            organization_id=row.organization_id,
            department_id=row.department_id,
            practitioner_id=row.practitioner_id,
            room_id=row.session.room_id,
            service_date=row.service_date,
            window_start=row.window_start,
            window_end=row.window_end,
            session_ends_at=row.session.ends_at,
            number_class=NumberClass(row.session.number_class),
            status=AppointmentStatus(row.status),
            channel=BookingChannel(row.channel),
            account_id=row.account_id,
            voucher=row.voucher,
            fee_fen=row.fee_fen,
            fee_rule=RuleReference(row.fee_rule_id, row.fee_rule_version) if row.fee_rule_version is not None else None,
            pay_at_arrival=row.pay_at_arrival,
            held_until=row.held_until,
            booked_at=row.booked_at,
            arrived_at=row.arrived_at,
            cancelled_late=row.cancelled_late,
            cancel_reason=CancelReason(row.cancel_reason) if row.cancel_reason else None,
        )
        for row in rows
    ]
