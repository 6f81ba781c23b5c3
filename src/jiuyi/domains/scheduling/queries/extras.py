"""The extra places of a session: who got them, from whom and why; and how many are left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.events.extras import ExtraAdded
from jiuyi.domains.scheduling.rules import extras as rules
from jiuyi.domains.scheduling.words import OCCUPYING, BookingMode
from jiuyi.domains.scheduling.words.extras import ExtraPlaces, ExtraReason
from jiuyi.foundation import journal, rulebook
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class ExtraRow:
    """One extra place and its story."""

    appointment: queries.AppointmentFacts
    reason: ExtraReason | None
    urgent: bool
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ExtrasOfSession:
    """What a session has given beyond its capacity; withdrawn ones are listed but not counted."""

    limit: int
    given: int
    rows: tuple[ExtraRow, ...]

    @property
    def left(self) -> int:
        """How many more may be given."""
        return max(0, self.limit - self.given)


def facts_extras(session_id: UUID, *, now: datetime) -> ExtrasOfSession:
    """The extra places of a session, oldest first. NotFound for no such session. Source: rule AP-8."""
    session = models.ClinicSession.objects.filter(pk=session_id).first()
    if session is None:
        raise NotFound
    ids = models.Appointment.objects.filter(session_id=session_id, mode=BookingMode.EXTRA).values_list("pk", flat=True)
    found = sorted(queries.facts_appointments(list(ids)), key=lambda each: each.booked_at)
    limit = rules.extra_limit(
        capacity=session.capacity,
        own_limit=session.extra_limit,
        parameters=rulebook.rule(ExtraPlaces, scope_id=session.department_id, at=now).parameters,
    )
    return ExtrasOfSession(limit=limit, given=sum(each.status in OCCUPYING for each in found), rows=tuple(_row(each) for each in found))


def _row(appointment: queries.AppointmentFacts) -> ExtraRow:
    entry = next(
        (
            each
            for each in journal.entries_of_person(appointment.person_id)
            if each.name == ExtraAdded.name and each.payload["appointment_id"] == str(appointment.appointment_id)
        ),
        None,
    )
    giver = organizations.practitioner(UUID(entry.payload["given_by"])).name if entry else ""
    return ExtraRow(
        appointment=appointment,
        reason=ExtraReason(entry.payload["reason"]) if entry else None,
        urgent=bool(entry and entry.payload["urgent"]),
        given_by=giver,
        given_at=appointment.booked_at,
    )
