"""Telling people: what the journal says has happened becomes a message, in words that betray nothing on a locked screen.

A message names the hospital, day and time; of a sensitive department only the hospital (rules DS-6, traps 15).
Called by the worker after the commit, possibly more than once: the dedupe key makes the second time harmless.
"""

from datetime import datetime
from uuid import UUID

from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, timetable, waiting
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, OfferState
from jiuyi.foundation import notices
from jiuyi.foundation.journal import JournalRow
from jiuyi.foundation.notices import Channel
from jiuyi.kernel.clock import local

BOOKED = "约好了：{when}，{where}。请提前 10 分钟到，凭预约凭证签到。不来请提前退号。"
CANCELLED = "已退号：{when}，{where}。已付的钱会退回原来的支付方式。"
EXPIRED = "没有在规定时间内付挂号费，{when}的号已释放，没有扣款。需要请重新预约。"
STOPPED = "停诊：{when}，{where}的号已取消，不算退号。付过的钱会全额退回原来的支付方式，需要请重新预约。"
MOVED = "已改约到：{when}，{where}。原来的凭证继续有效，不用重新取。"
CALLED = "{label} 号请进{room}。"
VISIT_DETAILS = "外院专家坐诊信息有变：{{when}}，{{where}}。时间不变。咨询：{contact}；预约：{how_to_book}。"
STANDING = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED})


def booked(row: JournalRow) -> None:
    """A place became firm: booked at once, or paid for. Whoever gave it up before this was told hears only that.

    A claim that only holds the place says nothing, however late it is heard: its payment is told by an entry of its own.
    """
    if row.payload.get("held"):
        return
    appointment = schedule.facts_appointment(UUID(row.payload["appointment_id"]))
    if appointment.status in STANDING:
        tell(appointment, BOOKED, template="booked", row=row)


def cancelled(row: JournalRow) -> None:
    """A booking was given up, by whomever. Whoever only let an offered place go has nothing to hear about money."""
    appointment = schedule.facts_appointment(UUID(row.payload["appointment_id"]))
    if not _was_only_offered(appointment):
        stopped = appointment.cancel_reason is CancelReason.SESSION_STOPPED
        tell(appointment, STOPPED if stopped else CANCELLED, template="cancelled", row=row)


def expired(row: JournalRow) -> None:
    """An unpaid place went back on sale. An offer that lapsed is told by the waiting list."""
    appointment = schedule.facts_appointment(UUID(row.payload["appointment_id"]))
    if not _was_only_offered(appointment):
        tell(appointment, EXPIRED, template="expired", row=row)


def moved(row: JournalRow) -> None:
    """A booking went to another place. Whoever stands at the desk and is sent on hears it there."""
    appointment = schedule.facts_appointment(UUID(row.payload["appointment_id"]))
    if appointment.status is AppointmentStatus.BOOKED:
        tell(appointment, MOVED, template="moved", row=row)


def visit_details_changed(row: JournalRow) -> None:
    """Contact or way to book of a visiting session changed: whoever is booked is told (C14)."""
    session_id = UUID(row.payload["session_id"])
    contact, how_to_book = (text.replace("{", "（").replace("}", "）") for text in timetable.visit_details(session_id))
    for appointment in schedule.facts_appointments_of_session(session_id):
        text = VISIT_DETAILS.format(contact=contact, how_to_book=how_to_book)
        tell(appointment, text, template="visit_details", row=row)


def called(row: JournalRow) -> None:
    """A person was called to a room: the phone says so too, for those who do not hear the call."""
    ticket = queues.facts_ticket(UUID(row.payload["ticket_id"]))
    if ticket.room_id is None:
        return
    text = CALLED.format(label=ticket.label, room=organizations.room(ticket.room_id).name)
    post(ticket.person_id, ticket.appointment_id, text, template="called", row=row)


def _was_only_offered(appointment: AppointmentFacts) -> bool:
    offer = waiting.facts_offer_of_appointment(appointment.appointment_id)
    return offer is not None and offer.state is not OfferState.ACCEPTED


def tell(appointment: AppointmentFacts, text: str, *, template: str, row: JournalRow, valid_until: datetime | None = None) -> None:
    """Tell the person of an appointment; ``{when}`` and ``{where}`` in the text are filled, a sensitive department is not named."""
    start, end = local(appointment.window_start), local(appointment.window_end)
    department = organizations.department(appointment.department_id)
    where = department.organization_name if department.sensitive else f"{department.organization_name}{department.name}"
    filled = text.format(when=f"{start.month}月{start.day}日 {start:%H:%M}–{end:%H:%M}", where=where)
    post(appointment.person_id, appointment.appointment_id, filled, template=template, row=row, valid_until=valid_until)


def post(
    person_id: UUID,
    appointment_id: UUID | None,
    text: str,
    *,
    template: str,
    row: JournalRow,
    account_id: UUID | None = None,
    valid_until: datetime | None = None,
) -> None:
    """By SMS to the account that booked, else to the person's own phone; without any phone onto the list of calls to make."""
    account_id = schedule.facts_appointment(appointment_id).account_id if appointment_id else account_id
    reach = people.facts_account_phone(account_id) if account_id else people.facts_phone(person_id)
    notices.post(
        channel=Channel.SMS if reach else Channel.CALL_LIST,
        template=template,
        text=text,
        address=reach[0] if reach else None,
        address_hint=reach[1] if reach else "",
        person_id=person_id,
        dedupe_key=f"{template}:{row.id}:{appointment_id or person_id}",
        now=row.recorded_at,
        valid_until=valid_until,
    )
