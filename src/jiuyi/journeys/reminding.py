"""Reminders: the day before and on the morning of the visit, by the person's own way, between 8 and 21 o'clock.

A sweep that leaves no trace but the message itself: the dedupe key makes every further round harmless, and a visit that was
moved is reminded of at its new time. A household that takes no text is on the list of calls, in time to be rung by day.
"""

from datetime import datetime, time, timedelta

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import ContactManner
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, reminders
from jiuyi.foundation import notices
from jiuyi.foundation.notices import Channel
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.journeys.reaching_rules import Reminder, reminder_due
from jiuyi.kernel.clock import instant_at, local, service_date

TEXTS = {
    Reminder.DAY_BEFORE: "就诊提醒：明天 {when} {where}。请带证件，提前 10 分钟到。来不了请在“我的预约”里退号，让给别人。",
    Reminder.MORNING: "就诊提醒：今天 {when} {where}。请带证件，到院先签到。",
}


def remind_due(*, now: datetime, limit: int = 500) -> int:
    """Remind everybody whose visit is today or tomorrow and who has not been reminded; the number of messages.

    What one round leaves over, because there are more than ``limit``, the next one takes.
    """
    today = service_date(now)
    wanted = {}
    for visit in reminders.visits_to_remind(first=today, last=today + timedelta(days=1)):
        kind = reminder_due(now=now, window_start=visit.window_start, booked_at=visit.booked_at)
        if kind is not None:
            wanted[_key(kind, visit)] = (visit.appointment_id, kind)
    new = sorted(set(wanted) - notices.posted(wanted))[:limit]
    visits = {each.appointment_id: each for each in schedule.facts_appointments(wanted[key][0] for key in new)}
    return one_by_one(new, lambda key: _remind(visits[wanted[key][0]], wanted[key][1], key=key, now=now), name="journeys.remind")


def _key(kind: Reminder, visit: reminders.VisitAhead) -> str:
    return f"reminder:{kind.value}:{visit.appointment_id}:{visit.window_start:%Y%m%d%H%M}"


def _remind(appointment: AppointmentFacts, kind: Reminder, *, key: str, now: datetime) -> bool:
    if people.facts_person(appointment.person_id).deceased_on is not None:
        return False
    phones = people.facts_phones(appointment.person_id, appointment.account_id)
    phone = next((each for each in phones if each.manner is not ContactManner.VOICE_ONLY), None)
    if phone is None and kind is Reminder.MORNING:
        return False  # nobody rings a household twice for one visit
    start, end = local(appointment.window_start), local(appointment.window_end)
    department = organizations.department(appointment.department_id)
    where = department.organization_name if department.sensitive else f"{department.organization_name}{department.name}"
    posted = notices.post(
        channel=Channel.SMS if phone else Channel.CALL_LIST,
        template=f"reminder.{kind.value}",
        text=TEXTS[kind].format(when=f"{start:%H:%M}–{end:%H:%M}", where=where),
        address=phone.sealed if phone else None,
        address_hint=phone.hint if phone else "",
        person_id=appointment.person_id,
        dedupe_key=key,
        now=now,
        valid_until=min(appointment.window_start, instant_at(service_date(now), time(21, 0))),
    )
    return posted is not None
