"""Words of the standing timetable (排班), its exceptions, and changes of the day."""

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class SessionKind(Word):
    """What a session is for: own doctors, visiting experts, or visiting examinations."""

    CLINIC = "clinic", gettext_noop("门诊")
    VISITING = "visiting", gettext_noop("外院专家坐诊")
    EXAM = "exam", gettext_noop("外院专家检查")


class WeekRhythm(Word):
    """In which weeks a template applies, by the ISO week number."""

    EVERY = "every", gettext_noop("每周")
    ODD = "odd", gettext_noop("单周")
    EVEN = "even", gettext_noop("双周")


class ExceptionKind(Word):
    """Why the standing timetable does not apply."""

    LEAVE = "leave", gettext_noop("休假")
    MEETING = "meeting", gettext_noop("会议培训")
    DUTY = "duty", gettext_noop("病房或手术")
    CLOSURE = "closure", gettext_noop("科室停诊")
    HOLIDAY = "holiday", gettext_noop("节假日")


class ChangeKind(Word):
    """What happened to a published session (停诊、替诊、延诊)."""

    STOP = "stop", gettext_noop("停诊")
    SUBSTITUTE = "substitute", gettext_noop("替诊")
    DELAY = "delay", gettext_noop("延诊")
    ROOM = "room", gettext_noop("换诊室")


class ChangeChoice(Word):
    """What a booked patient makes of a change."""

    KEEP = "keep", gettext_noop("照常就诊")
    SUBSTITUTE = "substitute", gettext_noop("看替诊医生")
    MOVE = "move", gettext_noop("改约")
    REFUND = "refund", gettext_noop("退号退费")


class Reach(Word):
    """How a person is reached, in the order in which ways are tried (rule AP-7)."""

    TEXT = "text", gettext_noop("短信或微信")
    VOICE = "voice", gettext_noop("电话语音")
    CALL_LIST = "call_list", gettext_noop("人工电话")
    VILLAGE_DOCTOR = "village_doctor", gettext_noop("村医转告")


class MoveReason(Word):
    """Why an appointment went to another place."""

    PATIENT = "patient", gettext_noop("患者改约")
    STOPPED = "stopped", gettext_noop("停诊改约")
    DELAYED = "delayed", gettext_noop("延诊")
    WRONG_DEPARTMENT = "wrong_department", gettext_noop("分诊转科")
    SUBSTITUTE = "substitute", gettext_noop("替诊")


class BookingMode(Word):
    """Who arranged the booking and for what (C7); AP-18."""

    SELF = "self", gettext_noop("患者自约")
    ROOM = "room", gettext_noop("诊间预约")
    CROSS_DEPARTMENT = "cross_department", gettext_noop("跨科预约")
    RETURN = "return", gettext_noop("复诊预约")
    TEAM = "team", gettext_noop("团队内预约")
    CONSORTIUM = "consortium", gettext_noop("医联体内预约")
    EXTRA = "extra", gettext_noop("加号")
    FAMILY_DOCTOR = "family_doctor", gettext_noop("家庭医生代约")
    WAITING_LIST = "waiting_list", gettext_noop("候补")


class ProposalState(Word):
    """What a person decided about a proposed change of capacity."""

    OPEN = "open", gettext_noop("待决定")
    ACCEPTED = "accepted", gettext_noop("已采纳")
    DECLINED = "declined", gettext_noop("未采纳")
