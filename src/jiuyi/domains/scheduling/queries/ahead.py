"""What lies ahead: institutions with sessions, one doctor's sessions of the coming days, one window's end."""

from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.availability import SessionOffer, _offers
from jiuyi.domains.scheduling.words import Pool, SessionStatus
from jiuyi.kernel.refusals import NotFound


def organizations_with_sessions(now: datetime) -> set[UUID]:
    """Institutions that have at least one released session ahead."""
    rows = models.ClinicSession.objects.filter(status=SessionStatus.OPEN, ends_at__gt=now, visible_at__lte=now)
    return set(rows.order_by().values_list("organization_id", flat=True).distinct())


def sessions_ahead(department_id: UUID, practitioner_id: UUID, from_: date, days: int, now: datetime) -> list[SessionOffer]:
    """One doctor's released sessions in a department from a day on, in order of time; one statement."""
    return _offers(
        "s.department_id = %(department)s AND s.practitioner_id = %(practitioner)s AND s.service_date >= %(first)s"
        " AND s.service_date < %(beyond)s AND s.status = 'open' AND s.ends_at > %(now)s AND s.visible_at <= %(now)s",
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
