"""What lies ahead: institutions with sessions, one doctor's sessions of the coming days, one window's end, the terms of cancelling."""

from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling import models, rules
from jiuyi.domains.scheduling.queries.appointments import AppointmentFacts
from jiuyi.domains.scheduling.queries.availability import OFFERED, SessionOffer, offers
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelDeadline, NumberClass, Party, Pool, SessionStatus
from jiuyi.foundation import rulebook
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound


def pools_of_channel(channel: BookingChannel) -> tuple[Pool, ...]:
    """The pools a channel sells from, for whoever shows what it can sell. Source: rules AP-2, AP-4."""
    return rules.pools_of(channel)


def organizations_with_sessions(now: datetime) -> set[UUID]:
    """Institutions that have at least one released session ahead."""
    rows = models.ClinicSession.objects.filter(status=SessionStatus.OPEN, ends_at__gt=now, visible_at__lte=now)
    return set(rows.order_by().values_list("organization_id", flat=True).distinct())


def sessions_ahead(department_id: UUID, practitioner_id: UUID, from_: date, days: int, now: datetime) -> list[SessionOffer]:
    """One doctor's released sessions in a department from a day on, in order of time; one statement."""
    return offers(
        "s.department_id = %(department)s AND s.practitioner_id = %(practitioner)s AND s.service_date >= %(first)s"
        f" AND s.service_date < %(beyond)s AND {OFFERED}",
        now,
        (Pool.PUBLIC,),
        department=department_id,
        practitioner=practitioner_id,
        first=from_,
        beyond=from_ + timedelta(days=days),
    )


def window_end(session_id: UUID, window_start: datetime) -> datetime:
    """When a window of a session ends. NotFound for no such window."""
    end = models.Place.objects.filter(session_id=session_id, window_start=window_start).values_list("window_end", flat=True).first()
    if end is None:
        raise NotFound
    return end


def cancel_terms_of_window(*, session_id: UUID, window_start: datetime, now: datetime) -> rules.CancelTerms:
    """The terms on which a window booked now could be cancelled, to be shown before booking. NotFound for no such window."""
    row = (
        models.Place.objects.filter(session_id=session_id, window_start=window_start)
        .values_list("window_end", "session__number_class", "session__organization_id")
        .first()
    )
    if row is None:
        raise NotFound
    window_end, number_class, organization_id = row
    return rules.cancel_terms(
        status=AppointmentStatus.BOOKED,
        by=Party.PATIENT,
        number_class=NumberClass(number_class),
        window=Period(window_start, window_end),
        booked_at=now,
        now=now,
        parameters=rulebook.rule(CancelDeadline, scope_id=organization_id, at=now).parameters,
    )


def cancel_terms_of_appointment(appointment: AppointmentFacts, *, now: datetime, by: Party = Party.PATIENT) -> rules.CancelTerms:
    """The terms on which an appointment can be cancelled now. Source: rule AP-12."""
    return rules.cancel_terms(
        status=appointment.status,
        by=by,
        number_class=appointment.number_class,
        window=appointment.window,
        booked_at=appointment.booked_at,
        now=now,
        parameters=rulebook.rule(CancelDeadline, scope_id=appointment.organization_id, at=appointment.booked_at).parameters,
    )
