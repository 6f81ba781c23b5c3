"""After a release: charge what the gate and the draw gave away, and tell everybody their lot. Any number of times (see ``telling``)."""

from uuid import UUID

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import releases
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation.journal import JournalRow
from jiuyi.journeys import booking, telling
from jiuyi.kernel.clock import local

DRAWN = "抽中了：{{when}}，{{where}}。请在 {pay_by} 前打开“我的预约”支付挂号费，过时号会让给别人。"
NOT_DRAWN = "这次放号没有抽中：{day}，{where}，没有扣款。可以选别的时间，或登记候补，有空号先通知您。"
_BOOKED_ALREADY = "key_conflict"


def claimed(row: JournalRow) -> None:
    """A place was taken; the gate charges nothing itself."""
    booking.charge_claimed(appointment_id=UUID(row.payload["appointment_id"]), now=row.recorded_at)


def drawn(row: JournalRow) -> None:
    """What the draw gave: a place that waits to be paid, or none. Whoever has booked at once hears it as any booking.

    So does whoever booked with the same pass before a belated draw: they have a place, and were not left out.
    """
    entry = releases.facts_draw_entry_by_id(UUID(row.payload["entry_id"]))
    if entry.refusal == _BOOKED_ALREADY:
        return
    if entry.appointment_id is None:
        session = schedule.facts_session(entry.session_id)
        department = organizations.department(session.department_id)
        where = department.organization_name if department.sensitive else f"{department.organization_name}{department.name}"
        text = NOT_DRAWN.format(where=where, day=f"{session.service_date.month}月{session.service_date.day}日")
        account_id = releases.account_of_pass(entry.pass_id)
        telling.post(entry.person_id, None, text, template="not_drawn", row=row, account_id=account_id)
        return
    appointment = schedule.facts_appointment(entry.appointment_id)
    if appointment.status is AppointmentStatus.HELD and appointment.held_until is not None:
        text = DRAWN.format(pay_by=f"{local(appointment.held_until):%H:%M}")
        telling.tell(appointment, text, template="drawn", row=row, valid_until=appointment.held_until)
