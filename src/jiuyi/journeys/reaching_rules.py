"""How a person is told of a change, decided from what is known of their phones and of where they are. No clock, no I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from jiuyi.domains.identity.words import ContactManner
from jiuyi.domains.scheduling.words import ChangeKind, Reach
from jiuyi.kernel.clock import local, service_date
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class Whereabouts(Word):
    """Where a booked person is when a session changes; each needs words of their own (§21 延诊)."""

    NOT_YET_THERE = "not_yet_there", gettext_noop("还没到院")
    WAITING = "waiting", gettext_noop("正在候诊")
    BACK = "back", gettext_noop("做完检查回来候诊")
    AT_EXAMS = "at_exams", gettext_noop("正在做检查")


class Reminder(Word):
    """Which of the two reminders of a visit."""

    DAY_BEFORE = "day_before", gettext_noop("前一天提醒")
    MORNING = "morning", gettext_noop("当天提醒")


QUIET_BEFORE_HOUR, QUIET_FROM_HOUR = 8, 21
_W, _K = Whereabouts, ChangeKind
_CHOOSE = "请在手机“我的预约”里选择：看同级医生、改约或全额退费。"
# Sentences of messages; {what} is day, time and place, {minutes}, {doctor}, {room}, {new} (the new window) where they occur.
SENTENCES: Mapping[ChangeKind, Mapping[Whereabouts, str]] = {
    _K.STOP: {
        _W.NOT_YET_THERE: "停诊通知：{what}的门诊停诊，请不要前来。" + _CHOOSE + "到时没有选择会全额退费，不算退号。",
        _W.WAITING: "停诊通知：{what}的门诊不能继续。请到护士站，可以看同级医生、改约或全额退费。",
        _W.BACK: "停诊通知：{what}的门诊不能继续。请带检查结果到护士站，由同科医生看结果。",
        _W.AT_EXAMS: "停诊通知：{what}的门诊不能继续。检查照常做，做完请到护士站，由同科医生看结果。",
    },
    _K.SUBSTITUTE: {
        _W.NOT_YET_THERE: "替诊通知：{what}改由{doctor}医生出诊，时间不变。不想看可以在“我的预约”里改约或全额退费。",
        _W.WAITING: "替诊通知：{what}改由{doctor}医生出诊，您的顺序不变，请继续等候叫号。",
        _W.BACK: "替诊通知：{what}改由{doctor}医生出诊，检查结果由这位医生看，请继续等候叫号。",
        _W.AT_EXAMS: "替诊通知：{what}改由{doctor}医生出诊。检查照常做，做完回来由这位医生看结果。",
    },
    _K.DELAY: {
        _W.NOT_YET_THERE: "延诊通知：{what}的门诊延后 {minutes} 分钟，请改在 {new} 到。时间不合适可以在“我的预约”里改约或全额退费。",
        _W.WAITING: "延诊通知：医生要晚 {minutes} 分钟，您的顺序不变。可以先离开，约 {new} 前回到候诊区。",
        _W.BACK: "延诊通知：医生要晚 {minutes} 分钟看结果，您的顺序不变，请先休息。",
        _W.AT_EXAMS: "延诊通知：医生要晚 {minutes} 分钟。检查照常做，做完不用急着回来。",
    },
    _K.ROOM: {
        _W.NOT_YET_THERE: "换诊室通知：{what}改在{room}，时间不变。",
        _W.WAITING: "换诊室通知：请到{room}外等候，您的顺序不变。",
        _W.BACK: "换诊室通知：请带结果到{room}外等候，您的顺序不变。",
        _W.AT_EXAMS: "换诊室通知：做完检查请回到{room}。",
    },
}
AWAY: Mapping[Whereabouts, str] = {
    _W.NOT_YET_THERE: "延诊通知：{what}的医生临时离开，何时回来不能确定。请先不要出门，有消息就通知；也可在“我的预约”里改约或全额退费。",
    _W.WAITING: "延诊通知：医生临时离开，何时回来还不能确定。您的顺序不变，有消息马上通知您；不想等请到护士站。",
    _W.BACK: "延诊通知：医生临时离开，何时回来还不能确定。急需看结果请到护士站，由同科医生看。",
    _W.AT_EXAMS: "延诊通知：医生临时离开，何时回来还不能确定。检查照常做，做完请到护士站问一下。",
}
BACK_AGAIN = "医生已经回来，{what}的门诊照常进行，时间不变。"
COLLIDES = "注意：新的时间与您 {other} 的另一个预约冲突，请改约其中一个。"


def way_of(manners: Sequence[ContactManner], *, has_village_doctor: bool) -> Reach:
    """By which way a person is told first: text where any phone takes text, else a voice, else somebody who goes there (rule AP-7)."""
    if any(manner is not ContactManner.VOICE_ONLY for manner in manners):
        return Reach.TEXT
    if manners:
        return Reach.VOICE
    return Reach.VILLAGE_DOCTOR if has_village_doctor else Reach.CALL_LIST


def sentence(kind: ChangeKind, whereabouts: Whereabouts, *, minutes: int | None) -> str:
    """The sentence of a message, with its gaps."""
    if kind is ChangeKind.DELAY and minutes is None:
        return AWAY[whereabouts]
    if kind is ChangeKind.DELAY and minutes == 0:
        return BACK_AGAIN
    return SENTENCES[kind][whereabouts]


def reminder_due(*, now: datetime, window_start: datetime, booked_at: datetime) -> Reminder | None:
    """Which reminder is due: the day before or on the day itself, from 8:00 until before 21:00, None otherwise.

    Nobody is reminded of what they booked themselves within the last three hours, nor of a window that has begun.
    """
    if not QUIET_BEFORE_HOUR <= local(now).hour < QUIET_FROM_HOUR or now >= window_start or now - booked_at < timedelta(hours=3):
        return None
    days = (service_date(window_start) - service_date(now)).days
    return {0: Reminder.MORNING, 1: Reminder.DAY_BEFORE}.get(days)
