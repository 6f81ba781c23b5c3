"""Telling people what missed visits led to, and what was decided about an appeal. No diagnosis, no department, no reproach."""

from datetime import date
from uuid import UUID

from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import conduct as absences
from jiuyi.domains.scheduling.words.conduct import AppealAct
from jiuyi.foundation.journal import JournalRow
from jiuyi.journeys.telling import post, tell

SUSPENDED = "因为几次约了没来，网上和电话预约暂停到{until}，当天恢复。急诊和窗口现场挂号照常。有特殊情况可在“我的预约”里申诉。"
RESTORED = "网上和电话预约已恢复，可以照常预约。"
ACCEPTED = "您的申诉已处理：{when}，{where}那次不算爽约。"
REFUSED = "您的申诉已处理：{when}，{where}那次仍记一次爽约。答复请看“我的预约”。"


def suspended(row: JournalRow) -> None:
    """The remote doors are closed, for the first time or again."""
    until = date.fromisoformat(row.payload["until_day"])
    _tell_person(row, SUSPENDED.format(until=f"{until.year}年{until.month}月{until.day}日"), template="suspended")


def restored(row: JournalRow) -> None:
    """The remote doors are open again before their day."""
    _tell_person(row, RESTORED, template="restored")


def answered(row: JournalRow) -> None:
    """A person decided about an appeal."""
    text = ACCEPTED if row.payload["act"] == AppealAct.ACCEPT else REFUSED
    tell(schedule.facts_appointment(UUID(row.payload["appointment_id"])), text, template="appeal", row=row)


def _tell_person(row: JournalRow, text: str, *, template: str) -> None:
    """To the account that booked every one of those visits, otherwise to the person: nobody learns of what others booked."""
    person_id, _, causes = absences.facts_suspension(UUID(row.payload["suspension_id"]))
    accounts = {each.account_id for each in schedule.facts_appointments(causes)}
    post(person_id, None, text, template=template, row=row, account_id=next(iter(accounts)) if len(accounts) == 1 else None)
