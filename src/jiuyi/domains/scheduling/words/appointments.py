"""The vocabulary of clinic sessions, places (号) and appointments."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

SESSION_PUBLISH = "session.publish"
APPOINTMENT_BOOK = "appointment.book"
APPOINTMENT_OPEN = "appointment.open"
APPOINTMENT_DAY_LIST = "appointment.day_list"
CHANGE_CALL = "change.call"
PHONE_DESK = "appointment.phone_desk"
TRIP_PLAN = "appointment.plan_trip"
APPEAL_DECIDE = "appeal.decide"
REVIEW_DECIDE = "review.decide"
PERMISSIONS = {
    APPEAL_DECIDE: gettext_noop("处理爽约申诉"),
    REVIEW_DECIDE: gettext_noop("核查异常预约"),
    SESSION_PUBLISH: gettext_noop("发布和停止出诊班次"),
    APPOINTMENT_BOOK: gettext_noop("为患者预约、取消和签到"),
    APPOINTMENT_OPEN: gettext_noop("查看患者的预约"),
    APPOINTMENT_DAY_LIST: gettext_noop("打印当日预约名单"),
    CHANGE_CALL: gettext_noop("给受停诊延诊影响的患者打电话"),
    PHONE_DESK: gettext_noop("接听电话预约"),
    TRIP_PLAN: gettext_noop("为本村居民集中预约上级医院"),
}


class AppointmentStatus(Word):
    """Where one appointment stands; docs/states/appointment.md is the table of moves."""

    HELD = "held", gettext_noop("待支付")
    BOOKED = "booked", gettext_noop("已预约")
    ARRIVED = "arrived", gettext_noop("已签到")
    FULFILLED = "fulfilled", gettext_noop("已就诊")
    CANCELLED = "cancelled", gettext_noop("已取消")
    EXPIRED = "expired", gettext_noop("超时未付")
    NOSHOW = "noshow", gettext_noop("未到")


OCCUPYING = (
    AppointmentStatus.HELD,
    AppointmentStatus.BOOKED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.FULFILLED,
    AppointmentStatus.NOSHOW,
)
OPEN_STATES = (AppointmentStatus.HELD, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)


class AppointmentAct(Word):
    """What may be done to an appointment."""

    CONFIRM = "confirm", gettext_noop("确认")
    EXPIRE = "expire", gettext_noop("超时释放")
    CANCEL = "cancel", gettext_noop("取消")
    ARRIVE = "arrive", gettext_noop("签到")
    UNDO_ARRIVAL = "undo_arrival", gettext_noop("撤销签到")
    FULFIL = "fulfil", gettext_noop("就诊")
    UNDO_FULFIL = "undo_fulfil", gettext_noop("撤销就诊")
    MARK_NOSHOW = "mark_noshow", gettext_noop("记为未到")
    MOVE = "move", gettext_noop("改约")


class Party(Word):
    """On whose side an act is done: staff who act for a patient are ``STAFF``, the hospital's own causes ``HOSPITAL``."""

    PATIENT = "patient", gettext_noop("患者")
    STAFF = "staff", gettext_noop("工作人员")
    HOSPITAL = "hospital", gettext_noop("医院")
    DEVICE = "device", gettext_noop("自助设备")
    SYSTEM = "system", gettext_noop("系统")


class CancelReason(Word):
    """Structured reasons, told apart by party."""

    PLAN_CHANGED = "plan_changed", gettext_noop("时间有变")
    RECOVERED = "recovered", gettext_noop("已好转")
    WRONG_CHOICE = "wrong_choice", gettext_noop("选错科室或医生")
    ELSEWHERE = "elsewhere", gettext_noop("已在别处就诊")
    CANNOT_TRAVEL = "cannot_travel", gettext_noop("来不了（交通、天气、无人陪同）")
    SESSION_STOPPED = "session_stopped", gettext_noop("医生停诊")
    SUBSTITUTED = "substituted", gettext_noop("替诊，患者不看")
    DELAYED = "delayed", gettext_noop("延诊，患者不等")
    WRONG_DEPARTMENT = "wrong_department", gettext_noop("分诊转科")
    UNPAID = "unpaid", gettext_noop("超时未支付")
    OTHER = "other", gettext_noop("其他原因")


class NumberClass(Word):
    """号别: the rank of the clinic, which sets the fee and the cancel deadline."""

    ORDINARY = "ordinary", gettext_noop("普通号")
    ASSOCIATE_CHIEF = "associate_chief", gettext_noop("副主任医师号")
    CHIEF = "chief", gettext_noop("主任医师号")
    RENOWNED = "renowned", gettext_noop("知名专家号")
    EMERGENCY = "emergency", gettext_noop("急诊号")


class Pool(Word):
    """For whom a place is kept."""

    PUBLIC = "public", gettext_noop("公开号源")
    ONSITE = "onsite", gettext_noop("现场号源")
    TOWNSHIP = "township", gettext_noop("基层号源")
    REFERRAL = "referral", gettext_noop("转诊号源")
    RETURN = "return", gettext_noop("复诊号源")
    URGENT = "urgent", gettext_noop("急需号源")
    EXTRA = "extra", gettext_noop("加号")


class HalfDay(Word):
    """午别."""

    MORNING = "morning", gettext_noop("上午")
    AFTERNOON = "afternoon", gettext_noop("下午")
    EVENING = "evening", gettext_noop("晚间")
    NIGHT = "night", gettext_noop("夜间")


class SessionStatus(Word):
    """Whether a session takes place."""

    OPEN = "open", gettext_noop("开诊")
    STOPPED = "stopped", gettext_noop("停诊")


class PlaceState(Word):
    """One place is free, taken by one appointment, or withdrawn from sale."""

    FREE = "free", gettext_noop("可预约")
    TAKEN = "taken", gettext_noop("已占用")
    WITHDRAWN = "withdrawn", gettext_noop("已收回")


class BookingChannel(Word):
    """Through which door an appointment was made; all doors sell from one stock (rule AP-2)."""

    WEB = "web", gettext_noop("手机网页")
    PHONE = "phone", gettext_noop("电话")
    KIOSK = "kiosk", gettext_noop("自助机")
    WINDOW = "window", gettext_noop("窗口")
    ROOM = "room", gettext_noop("诊间")
    FAMILY_DOCTOR = "family_doctor", gettext_noop("家庭医生")
    PARTNER = "partner", gettext_noop("合作平台")
    MINI_PROGRAMME = "mini_programme", gettext_noop("小程序")
    WAITING_LIST = "waiting_list", gettext_noop("候补")


class Arrival(Word):
    """How an arrival lies to its window; rule AP-15."""

    OTHER_DAY = "other_day", gettext_noop("不是今天")
    EARLY = "early", gettext_noop("提前到")
    ON_TIME = "on_time", gettext_noop("按时")
    LATE = "late", gettext_noop("迟到")
    TOO_LATE = "too_late", gettext_noop("过号")


class WindowLength(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long one arrival window of an outpatient session may be."""

    rule_id: ClassVar[str] = "AP-1"
    title: ClassVar[str] = gettext_noop("门诊分时段长度")
    source: ClassVar[str] = gettext_noop("市级三年行动方案：门诊分时段预约精确到 10–15 分钟（规则 AP-1）")

    slot_minutes: Annotated[int, Meta(ge=5, le=15)] = 15


class RoadBuffer(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a doctor needs from one institution to another."""

    rule_id: ClassVar[str] = "AP-6"
    title: ClassVar[str] = gettext_noop("多点执业路途时间")
    source: ClassVar[str] = gettext_noop("同一医生两处出诊之间默认留 60 分钟路途（规则 AP-6）")

    travel_minutes: Annotated[int, Meta(ge=0, le=480)] = 60


class BookingLimits(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be booked from outside: by patient, by account and by device, never by address (a village shares one).

    One per department and day is a database constraint besides. ``course_departments``: parts of department names, with
    commas between them, whose courses of treatment are exempt.
    """

    rule_id: ClassVar[str] = "AP-9"
    title: ClassVar[str] = gettext_noop("限号数量")
    source: ClassVar[str] = gettext_noop("多地预约管理办法：同日同科 1 次，同日不超过 3 次，一周不超过 7 次（规则 AP-9）")

    per_day: Annotated[int, Meta(ge=1, le=20)] = 3
    per_week: Annotated[int, Meta(ge=1, le=50)] = 7
    open_bookings: Annotated[int, Meta(ge=1, le=50)] = 10
    per_doctor: Annotated[int, Meta(ge=1, le=20)] = 1
    account_patients: Annotated[int, Meta(ge=1, le=100)] = 8
    account_patients_days: Annotated[int, Meta(ge=1, le=365)] = 30
    account_per_day: Annotated[int, Meta(ge=1, le=200)] = 12
    device_per_day: Annotated[int, Meta(ge=1, le=500)] = 24
    course_departments: Annotated[str, Meta(max_length=300)] = "针灸,推拿,理疗,康复,透析,化疗,放疗,国医堂"


class HoldTime(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long an unpaid place is kept."""

    rule_id: ClassVar[str] = "AP-11"
    title: ClassVar[str] = gettext_noop("未支付保留时间")
    source: ClassVar[str] = gettext_noop("通行做法，默认 15 分钟（规则 AP-11）")

    hold_minutes: Annotated[int, Meta(ge=5, le=120)] = 15


class CancelDeadline(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when cancelling is free of consequences. A late cancel is counted, but it never costs money."""

    rule_id: ClassVar[str] = "AP-12"
    title: ClassVar[str] = gettext_noop("退号时限")
    source: ClassVar[str] = gettext_noop("专家号提前半天、普通号提前 30 分钟；预约后 30 分钟内总可退；惩戒不涉及金钱（规则 AP-12、AP-14）")

    ordinary_minutes: Annotated[int, Meta(ge=0, le=2880)] = 30
    expert_minutes: Annotated[int, Meta(ge=0, le=2880)] = 720
    regret_minutes: Annotated[int, Meta(ge=0, le=1440)] = 30
    refund_when_late: bool = True


class NoShow(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody who did not come counts as absent."""

    rule_id: ClassVar[str] = "AP-13"
    title: ClassVar[str] = gettext_noop("爽约认定")
    source: ClassVar[str] = gettext_noop("超过时段 30 分钟且本班次已结束仍未签到（规则 AP-13）")

    grace_minutes: Annotated[int, Meta(ge=0, le=240)] = 30


class LateArrival(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long after its window an arrival keeps its place in the order."""

    rule_id: ClassVar[str] = "AP-15"
    title: ClassVar[str] = gettext_noop("迟到与过号")
    source: ClassVar[str] = gettext_noop("30 分钟以内视为迟到，超过的排到末尾（规则 AP-15）")

    grace_minutes: Annotated[int, Meta(ge=0, le=240)] = 30


class PlaceGone(Refusal):
    """The window is full; ``nearest`` lists free windows close to it."""

    code = "scheduling.place_gone"
    message = gettext_noop("这个时段刚刚约满，您没有被扣款。请看下面离它最近的空位。")


class SessionStopped(Refusal):
    """The doctor's session does not take place."""

    code = "scheduling.session_stopped"
    message = gettext_noop("这个班次已停诊，请换一位医生或换一天。")


class NotYetVisible(Refusal):
    """The places are not released yet."""

    code = "scheduling.not_yet_visible"
    message = gettext_noop("这个班次还没有放号，请在放号时间后再来。")


class WindowPassed(Refusal):
    """The window is over."""

    code = "scheduling.window_passed"
    message = gettext_noop("这个时段已经过去，请选择后面的时段。")


class NoSuchWindow(Refusal):
    """The session has no such window."""

    code = "scheduling.no_such_window"
    message = gettext_noop("这个班次没有这个时段，请返回重新选择。")
    status = 404


class AlreadyBookedThatDay(Refusal):
    """One person, one department, one day: one appointment."""

    code = "scheduling.already_booked_that_day"
    message = gettext_noop("就诊人当天在这个科室已有预约。请在“我的预约”里查看，需要换时间请先取消原来的。")


class TooManyBookings(Refusal):
    """Limits of the patient, the account or the device are reached: every one of them, each with what to do next.

    Data: ``conflicts`` (names of the limits), ``reasons`` and the numbers that the sentences name.
    """

    code = "scheduling.too_many_bookings"
    message = gettext_noop("现在不能再约：{reasons}没有扣款。急症请直接到急诊，现场挂号不受这个限制。")


class KeyConflict(Refusal):
    """The request's key was used before for another booking."""

    code = "scheduling.key_conflict"
    message = gettext_noop("这个请求已经提交过别的预约，请返回重新选择。")


class TryAgain(Refusal):
    """Two bookings waited for each other; nothing was changed and a second try will do."""

    code = "scheduling.try_again"
    message = gettext_noop("办理的人较多，请再点一次。您没有被扣款。")
    status = 503


class CancelTooLate(Refusal):
    """The window is over: the visit can no longer be cancelled."""

    code = "scheduling.cancel_too_late"
    message = gettext_noop("就诊时段已过，不能再取消。如因故未到，请到服务台说明。")


class HoldExpired(Refusal):
    """The unpaid place has been given back."""

    code = "scheduling.hold_expired"
    message = gettext_noop("超过支付时间，号源已释放。已付的钱会自动退回，请重新预约。")


class WrongStatus(Refusal):
    """The appointment is not in a state that allows the act."""

    code = "scheduling.wrong_status"
    message = gettext_noop("这个预约的状态已经变化，不能这样办理。请刷新后再看。")


class NotThatDay(Refusal):
    """Check-in is for the day of the visit."""

    code = "scheduling.not_that_day"
    message = gettext_noop("这个预约不是今天的，请在就诊当天签到。")


class DoctorBusy(Refusal):
    """The practitioner has another open session at that time."""

    code = "scheduling.doctor_busy"
    message = gettext_noop("医生在这个时间已有别的班次，请改时间或先停掉原班次。")


class DoctorOnTheRoad(Refusal):
    """The practitioner has a session at another institution and needs time for the road."""

    code = "scheduling.doctor_on_the_road"
    message = gettext_noop("医生前后在另一家机构出诊，路途时间不够，请错开时间。")


class BadSession(Refusal):
    """A session that cannot be published as typed; ``fields`` names every reason."""

    code = "scheduling.bad_session"
    message = gettext_noop("班次内容需要改正。")
