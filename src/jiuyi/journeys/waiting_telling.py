"""Telling those on the waiting list (候补): a place is held for you, it went to the next, your days are over."""

from uuid import UUID

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import waiting
from jiuyi.domains.scheduling.words import CancelReason, OfferState, WaitingState
from jiuyi.foundation.journal import JournalRow
from jiuyi.journeys.telling import post, tell
from jiuyi.kernel.clock import local
from jiuyi.kernel.money import yuan_text

OFFERED = (
    "候补有号了：{{when}}，{{where}}，挂号费 {fee} 元。请在 {until} 前打开“我的候补”确认，或打电话给医院。"
    "到时没有答复就让给下一位，不扣钱。"
)
MISSED = "为您留的号（{when}，{where}）到时没有答复，已让给下一位，没有扣款。您还在候补中，有号会再通知您。"
MISSED_LAST = "为您留的号（{when}，{where}）到时没有答复，已让给下一位，没有扣款。候补已结束，需要请重新登记。"
ENDED = "您候补的日期已过，没有等到{where}的号。可以在预约页查看其他日期，或重新登记候补。"


def offered(row: JournalRow) -> None:
    """A place is held for somebody: until when, and what it costs. Whoever has answered meanwhile hears nothing more."""
    offer = waiting.facts_offer(UUID(row.payload["offer_id"]))
    if offer.state is not OfferState.OPEN:
        return
    appointment = schedule.facts_appointment(offer.appointment_id)
    until = local(offer.expires_at)
    text = OFFERED.format(fee=yuan_text(appointment.fee_fen), until=f"{until.month}月{until.day}日 {until:%H:%M}")
    tell(appointment, text, template="offered", row=row, valid_until=offer.expires_at)


def answered(row: JournalRow) -> None:
    """An offer's time ran out. What was accepted is told as a booking; a stopped session has its own message."""
    if row.payload["state"] != OfferState.LAPSED:
        return
    appointment = schedule.facts_appointment(UUID(row.payload["appointment_id"]))
    if appointment.cancel_reason is CancelReason.SESSION_STOPPED:
        return
    last = row.payload["entry_state"] == WaitingState.LAPSED
    tell(appointment, MISSED_LAST if last else MISSED, template="offer_missed", row=row)


def ended(row: JournalRow) -> None:
    """The days somebody waited for are over. Whoever left knows it."""
    entry = waiting.facts_entry(UUID(row.payload["entry_id"]))
    if row.payload["state"] != WaitingState.LAPSED:
        return
    department = organizations.department(entry.department_id)
    where = department.organization_name if department.sensitive else f"{department.organization_name}{department.name}"
    post(entry.person_id, None, ENDED.format(where=where), template="waiting_ended", row=row, account_id=entry.account_id)
