"""The words of waiting: categories, states, acts, refusals and the rule pack of calling."""

from typing import Annotated, ClassVar

import msgspec

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

CHECK_IN = "queue.check_in"
CALL = "queue.call"
QUEUE_MANAGE = "queue.manage"
PERMISSIONS = {
    CHECK_IN: gettext_noop("为患者报到取号"),
    CALL: gettext_noop("叫号"),
    QUEUE_MANAGE: gettext_noop("维护候诊队列"),
}


class TicketCategory(Word):
    """Why somebody waits, which decides the lane of the order of calling."""

    BOOKED = "booked", gettext_noop("预约")
    WALK_IN = "walk_in", gettext_noop("现场挂号")
    RETURNED = "returned", gettext_noop("回诊")
    PRIORITY = "priority", gettext_noop("优先")
    ACUTE = "acute", gettext_noop("急症")


class TicketStatus(Word):
    """Where a ticket is between check-in and the end of the visit."""

    WAITING = "waiting", gettext_noop("候诊")
    CALLED = "called", gettext_noop("已叫号")
    IN_ROOM = "in_room", gettext_noop("就诊中")
    DONE = "done", gettext_noop("已完成")
    PASSED = "passed", gettext_noop("过号")
    LEFT = "left", gettext_noop("已离开")


WITH_DOCTOR = (TicketStatus.CALLED, TicketStatus.IN_ROOM)
CALLABLE = (TicketStatus.WAITING, TicketStatus.PASSED)
LIVE = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.IN_ROOM, TicketStatus.PASSED)


class TicketAct(Word):
    """What can be done with a ticket."""

    CALL = "call", gettext_noop("叫号")
    CALL_AGAIN = "call_again", gettext_noop("再叫一次")
    SET_ASIDE = "set_aside", gettext_noop("暂缓")
    PASS_OVER = "pass_over", gettext_noop("过号")
    COME_BACK = "come_back", gettext_noop("过号后重新报到")
    ENTER = "enter", gettext_noop("进诊室")
    UNDO_ENTER = "undo_enter", gettext_noop("不是本人")
    FINISH = "finish", gettext_noop("结束")
    LEAVE = "leave", gettext_noop("离开")


class Party(Word):
    """Who acts on a ticket."""

    PATIENT = "patient", gettext_noop("患者")
    STAFF = "staff", gettext_noop("工作人员")
    SYSTEM = "system", gettext_noop("系统")


class Place(Word):
    """Why a ticket stands where it stands in the order of calling: shown beside each row."""

    ACUTE = "acute", gettext_noop("急症优先")
    REINSERTED = "reinserted", gettext_noop("过号后插入")
    PRIORITY_TURN = "priority_turn", gettext_noop("优先通道轮到")
    RETURNED_TURN = "returned_turn", gettext_noop("回诊轮到")
    ON_TIME = "on_time", gettext_noop("按预约时段")
    WALK_IN = "walk_in", gettext_noop("按报到时间")
    AGED = "aged", gettext_noop("迟到后已久候")
    LATE = "late", gettext_noop("迟到，排在按时者之后")


class CallingParameters(RuleParameters, frozen=True, kw_only=True):
    """Numbers of the order of calling."""

    rule_id: ClassVar[str] = "AP-20"
    title: ClassVar[str] = gettext_noop("候诊叫号次序")
    source: ClassVar[str] = gettext_noop("AP-15、AP-20 及其更正（§21）；每第三号插一位回诊、过号后三位插入为常见院内规定")

    returned_every_calls: Annotated[int, msgspec.Meta(ge=2, le=20)] = 3
    priority_every_calls: Annotated[int, msgspec.Meta(ge=2, le=20)] = 3
    passed_after_calls: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    unanswered_calls: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    unanswered_minutes: Annotated[int, msgspec.Meta(ge=0, le=60)] = 5
    ageing_minutes: Annotated[int, msgspec.Meta(ge=5, le=240)] = 30
    overnight_hours: Annotated[int, msgspec.Meta(ge=0, le=12)] = 6


class TicketMoved(Refusal):
    """The ticket is no longer in the state that the act needs."""

    code = "queueing.ticket_moved"
    message = gettext_noop("{label} 号现在是“{status}”，不能“{act}”。请刷新候诊名单后再操作。")
    status = 409


class SomebodyCalled(Refusal):
    """The doctor called somebody who has not come in yet."""

    code = "queueing.somebody_called"
    message = gettext_noop("{label} 号已经叫过，还没有进诊室。请再叫一次、请其进诊室，或者暂缓后再叫下一位。")
    status = 409


class DoctorBusy(Refusal):
    """Somebody is in this doctor's room."""

    code = "queueing.doctor_busy"
    message = gettext_noop("{label} 号还在诊室就诊。请先结束这次就诊，再叫下一位。")
    status = 409


class PersonElsewhere(Refusal):
    """The person is with another doctor at this moment."""

    code = "queueing.person_elsewhere"
    message = gettext_noop("{label} 号正在另一间诊室，他的次序已经保留，请先叫下一位。")
    status = 409


class ReasonNeeded(Refusal):
    """A place in the priority lane was asked without saying why."""

    code = "queueing.reason_needed"
    message = gettext_noop("走优先通道或急症通道，请写明理由。")
