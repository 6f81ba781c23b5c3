"""Telling people of changes of the day, each in their own way, in words that fit where they are (rule AP-7, §21).

Called by the worker after the commit, possibly more than once: the notice and the dedupe key make the second time harmless.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus, OrderKind, OrderStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import ContactManner
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import LIVE, TicketCategory
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import AppointmentStatus, ChangeKind, Reach
from jiuyi.foundation import notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.journal import JournalRow
from jiuyi.foundation.notices import Channel
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.journeys.reaching_rules import COLLIDES, Whereabouts, sentence, way_of
from jiuyi.kernel.clock import local

_PENDING = frozenset({OrderStatus.ACTIVE, OrderStatus.RELEASED, OrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class Way:
    """How one person would be told: the way, and the phones in masked form."""

    reach: Reach
    hints: tuple[str, ...]


def tell_of_change(row: JournalRow) -> None:
    """A session was stopped, delayed, given to a substitute or moved to another room: everybody concerned is told, once."""
    for notice in changes.facts_notices_of_change(UUID(row.payload["change_id"])):
        tell(notice, now=row.recorded_at)


def tell_untold(*, now: datetime, limit: int = 200) -> int:
    """Tell whoever has a notice that no listener told, such as bookings that were under way during the change; how many."""
    untold = changes.notices_untold(limit=limit)
    return one_by_one(untold, lambda each: tell(changes.facts_notice(each), now=now), name="journeys.look_after_changes")


@transaction.atomic
def tell(notice: NoticeFacts, *, now: datetime) -> bool:
    """Tell one person, wholly or not at all: a text to every phone that takes text, otherwise the list of calls at once.

    False if told before. The dead are not written to, and nobody is told of a visit that was given up meanwhile.
    """
    if notice.told_at is not None:
        return False
    gone = notice.status in {AppointmentStatus.CANCELLED, AppointmentStatus.EXPIRED}
    if gone or people.facts_person(notice.person_id).deceased_on is not None:
        return scheduling.note_known(actor=SYSTEM, now=now, notice_id=notice.notice_id)
    phones = people.facts_phones(notice.person_id, notice.account_id)
    reach = way_of([phone.manner for phone in phones], has_village_doctor=bool(people.family_doctors(notice.person_id, now=now)))
    if not scheduling.note_told(
        actor=SYSTEM, now=now, notice_id=notice.notice_id, reach=reach, call_at=None if reach is Reach.TEXT else now
    ):
        return False
    text = text_of(notice)
    for number, phone in enumerate(phones):  # two numbers of a family may look alike in their masked form
        if phone.manner is not ContactManner.VOICE_ONLY:
            notices.post(
                channel=Channel.SMS,
                template=f"change.{notice.change.kind.value}",
                text=text,
                address=phone.sealed,
                address_hint=phone.hint,
                person_id=notice.person_id,
                dedupe_key=f"change:{notice.notice_id}:{number}",
                now=now,
            )
    return True


def way_to(person_id: UUID, account_id: UUID | None, *, now: datetime) -> Way:
    """How somebody would be told, for the preview before a change is decided."""
    phones = people.facts_phones(person_id, account_id)
    reach = way_of([phone.manner for phone in phones], has_village_doctor=bool(people.family_doctors(person_id, now=now)))
    return Way(reach, tuple(phone.hint for phone in phones))


def text_of(notice: NoticeFacts) -> str:
    """The message of one notice; also what is read out on the phone."""
    appointment = schedule.facts_appointment(notice.appointment_id)
    change = notice.change
    pattern = sentence(change.kind, whereabouts(appointment), minutes=change.delay_minutes)
    window = f"{local(appointment.window_start):%H:%M}–{local(appointment.window_end):%H:%M}"
    doctor = organizations.practitioner(change.substitute_id or change.practitioner_id).name
    text = pattern.format(
        what=_what(appointment),
        minutes=change.delay_minutes,
        doctor=doctor,
        room=organizations.room(change.room_id).place_text if change.room_id else "",
        new=window,
    )
    if change.kind is ChangeKind.DELAY and notice.collides_with is not None:
        other = local(schedule.facts_appointment(notice.collides_with).window_start)
        text += COLLIDES.format(other=f"{other:%H:%M}")
    return text


def whereabouts(appointment: AppointmentFacts) -> Whereabouts:
    """Where the person is now, from the queue and the visit."""
    ticket = queues.facts_ticket_of_appointment(appointment.appointment_id)
    if ticket is not None and ticket.status in LIVE:
        return Whereabouts.BACK if ticket.category is TicketCategory.RETURNED else Whereabouts.WAITING
    encounter = visits.facts_encounter_of_appointment(appointment.appointment_id)
    if encounter is not None and encounter.status is EncounterStatus.IN_PROGRESS:
        return Whereabouts.AT_EXAMS
    return Whereabouts.WAITING if appointment.status is AppointmentStatus.ARRIVED else Whereabouts.NOT_YET_THERE


def out_at_exams(session_id: UUID) -> list[UUID]:
    """Appointments of people who were seen, were sent to examinations, and will come back to this session."""
    found = []
    for appointment in schedule.facts_appointments_of_session(session_id, live_only=False):
        if appointment.status is not AppointmentStatus.FULFILLED:
            continue
        encounter = visits.facts_encounter_of_appointment(appointment.appointment_id)
        if encounter is None or encounter.status is not EncounterStatus.IN_PROGRESS:
            continue
        orders = visits.facts_orders(encounter.encounter_id)
        if any(order.kind is OrderKind.LAB and order.status in _PENDING for order in orders):
            found.append(appointment.appointment_id)
    return found


def _what(appointment: AppointmentFacts) -> str:
    """Day, time and place; of a sensitive department only the hospital (rules DS-6, traps 15)."""
    start, end = local(appointment.window_start), local(appointment.window_end)
    department = organizations.department(appointment.department_id)
    where = department.organization_name if department.sensitive else f"{department.organization_name}{department.name}"
    return f"{start.month}月{start.day}日 {start:%H:%M}–{end:%H:%M} {where}"
