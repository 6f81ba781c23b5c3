"""Words of absences, suspensions, appeals and patterns that somebody should look at."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.domains.scheduling.words.appointments import BookingChannel
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

# The doors that a suspension closes: whoever stands in the house, or is booked by a doctor or a referral, is never blocked (rule AP-14).
REMOTE_CHANNELS = frozenset(
    {
        BookingChannel.WEB,
        BookingChannel.MINI_PROGRAMME,
        BookingChannel.PARTNER,
        BookingChannel.PHONE,
        BookingChannel.WAITING_LIST,
    }
)


class AbsencePenalty(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many absences in how many days close the remote doors, and for how long; costs never money.

    The defaults are pack P1. P2: 3 in 365 days, 30 days. P3: 3 in 180 days, 180 days. P4: P1 with cancellations counted,
    ``cancellations`` 3 within ``cancellation_days`` 30, closed for ``cancellation_closed_days`` 30; 0 counts none.
    ``open_departments``: parts of department names, with commas between them, that are never closed to anybody.
    """

    rule_id: ClassVar[str] = "AP-14"
    title: ClassVar[str] = gettext_noop("爽约后暂停网上和电话预约")
    source: ClassVar[str] = gettext_noop("北京通行做法：3 个月内爽约 3 次，暂停 3 个月；急诊、现场挂号等不停（规则 AP-14，包 P1）")

    absences: Annotated[int, Meta(ge=1, le=20)] = 3
    window_days: Annotated[int, Meta(ge=1, le=730)] = 90
    closed_days: Annotated[int, Meta(ge=1, le=365)] = 90
    cancellations: Annotated[int, Meta(ge=0, le=50)] = 0
    cancellation_days: Annotated[int, Meta(ge=1, le=365)] = 30
    cancellation_closed_days: Annotated[int, Meta(ge=1, le=365)] = 30
    same_day_cancellations_only: bool = False
    warn_only_from_age: Annotated[int, Meta(ge=50, le=130)] = 70
    warn_only_under_age: Annotated[int, Meta(ge=0, le=30)] = 18
    appeal_days: Annotated[int, Meta(ge=1, le=90)] = 7
    open_departments: Annotated[str, Meta(max_length=300)] = "急诊,发热,产科,肿瘤,化疗,放疗,透析"


class ResalePatterns(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when on a pattern of bookings is laid before a person; nothing is blocked by it."""

    rule_id: ClassVar[str] = "AP-10R"
    title: ClassVar[str] = gettext_noop("异常预约核查")
    source: ClassVar[str] = gettext_noop("防倒号：只列给人工核查，机器不自动处罚；工作人员和村医除外（规则 AP-10）")

    patients: Annotated[int, Meta(ge=1, le=100)] = 5
    patients_days: Annotated[int, Meta(ge=1, le=365)] = 30
    cycles: Annotated[int, Meta(ge=2, le=100)] = 3
    cycle_days: Annotated[int, Meta(ge=1, le=90)] = 7
    accounts_on_a_device: Annotated[int, Meta(ge=2, le=100)] = 4
    device_days: Annotated[int, Meta(ge=1, le=90)] = 7
    handover_minutes: Annotated[int, Meta(ge=1, le=120)] = 10
    handovers: Annotated[int, Meta(ge=1, le=50)] = 2
    handover_days: Annotated[int, Meta(ge=1, le=90)] = 30


class BookingSuspended(Refusal):
    """The patient missed too many visits: remote doors are closed until a day, the others are not. Data: ``until``, ``appeal_days``."""

    code = "scheduling.booking_suspended"
    message = gettext_noop(
        "就诊人多次约了没来，网上和电话预约暂停到 {until}（当天起恢复）。急诊、发热门诊、产科、肿瘤治疗、转诊、家庭医生和窗口现场挂号照常。"
        "有特殊情况可以在“我的预约”里对那次爽约提出申诉，由人工处理。"
    )


class AppealTooLate(Refusal):
    """The days for an appeal are over. Data: ``until``."""

    code = "scheduling.appeal_too_late"
    message = gettext_noop("申诉的期限到 {until} 为止，已经过了。仍有特殊情况请到服务台说明。")


class NothingToAppeal(Refusal):
    """The appointment is no absence that counts."""

    code = "scheduling.nothing_to_appeal"
    message = gettext_noop("这次就诊没有记爽约，不用申诉。")


class AppealOpen(Refusal):
    """An appeal about this absence is being looked at."""

    code = "scheduling.appeal_open"
    message = gettext_noop("这次爽约的申诉已经收到，正在处理，不用重复提交。")


class AppealDecided(Refusal):
    """The appeal does not stand where the decision expects it: somebody else decided meanwhile, or nothing would change."""

    code = "scheduling.appeal_decided"
    message = gettext_noop("这个申诉已经这样处理过，或刚由别人处理。请刷新后再看。")


class ReasonNeeded(Refusal):
    """A decision or an appeal without words; ``fields`` says where."""

    code = "scheduling.reason_needed"
    message = gettext_noop("请写明理由。")


class AppealAct(Word):
    """What a person decides about an appeal."""

    ACCEPT = "accept", gettext_noop("申诉成立")
    REFUSE = "refuse", gettext_noop("申诉不成立")


class SuspensionAct(Word):
    """What may become of a suspension."""

    LIFT = "lift", gettext_noop("解除")
    RESTORE = "restore", gettext_noop("恢复")


class ReviewPattern(Word):
    """A booking pattern that looks like resale (rule AP-10)."""

    MANY_PATIENTS = "many_patients", gettext_noop("一个账号短期内为很多人预约")
    CYCLES = "cycles", gettext_noop("反复抢约又退掉热门号")
    SHARED_DEVICE = "shared_device", gettext_noop("一部手机或电脑上有很多账号")
    HANDOVER = "handover", gettext_noop("退掉后几分钟内由另一个账号约走同一时段")
