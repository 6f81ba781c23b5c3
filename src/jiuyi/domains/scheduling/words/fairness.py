"""Words of fair distribution: passes, the draw, the waiting list, absences, suspicious patterns."""

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class DrawOutcome(Word):
    """What the draw gave somebody who was there at the release."""

    WAITING = "waiting", gettext_noop("等待放号")
    WON = "won", gettext_noop("已抽中")
    LOST = "lost", gettext_noop("没有抽中")
    LEFT = "left", gettext_noop("已离开")


class WaitingState(Word):
    """Where somebody on the waiting list (候补) stands."""

    WAITING = "waiting", gettext_noop("候补中")
    OFFERED = "offered", gettext_noop("已为您留号")
    BOOKED = "booked", gettext_noop("候补成功")
    LEFT = "left", gettext_noop("已退出候补")
    LAPSED = "lapsed", gettext_noop("候补已结束")


class OfferState(Word):
    """What became of one offered place."""

    OPEN = "open", gettext_noop("等待答复")
    ACCEPTED = "accepted", gettext_noop("已接受")
    DECLINED = "declined", gettext_noop("已放弃")
    LAPSED = "lapsed", gettext_noop("超时未答复")


class SuspensionState(Word):
    """Whether a suspension of remote booking counts."""

    ACTIVE = "active", gettext_noop("生效")
    LIFTED = "lifted", gettext_noop("已解除")


class AppealState(Word):
    """What a person decided about an appeal."""

    OPEN = "open", gettext_noop("待处理")
    ACCEPTED = "accepted", gettext_noop("成立")
    REFUSED = "refused", gettext_noop("不成立")


class Excuse(Word):
    """Why an absence does not count (rule AP-13)."""

    STOPPED = "stopped", gettext_noop("医生停诊")
    HOSPITAL_DELAY = "hospital_delay", gettext_noop("医院延误")
    ADMITTED = "admitted", gettext_noop("当天住院或急诊")
    DECEASED = "deceased", gettext_noop("已故")
    ATTENDED = "attended", gettext_noop("当天有诊疗记录")
    APPEAL = "appeal", gettext_noop("申诉成立")


class ReviewState(Word):
    """What a person decided about a suspicious pattern; nothing is blocked by the pattern itself (rule AP-10)."""

    OPEN = "open", gettext_noop("待核查")
    CLEARED = "cleared", gettext_noop("正常")
    CONFIRMED = "confirmed", gettext_noop("确认异常")


class TripSeatState(Word):
    """A person on a village's trip to the hospital."""

    PLANNED = "planned", gettext_noop("待预约")
    BOOKED = "booked", gettext_noop("已预约")
    REFUSED = "refused", gettext_noop("未约上")
    LEFT = "left", gettext_noop("已退出")
