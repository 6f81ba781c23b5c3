"""The waiting list (候补) and the cooling of places that were given up: acts, parameters and refusals."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class WaitingAct(Word):
    """What may happen to somebody's entry on the waiting list; docs/states/waiting.md is the table."""

    OFFER = "offer", gettext_noop("留号")
    ACCEPT = "accept", gettext_noop("接受")
    DECLINE = "decline", gettext_noop("不要这个号")
    MISS = "miss", gettext_noop("超时未答复")
    MISS_LAST = "miss_last", gettext_noop("最后一次超时")
    WITHDRAW = "withdraw", gettext_noop("医院收回")
    LEAVE = "leave", gettext_noop("退出候补")
    RUN_OUT = "run_out", gettext_noop("日期已过")


class Cooling(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a given-up place of a sought-after session rests before everybody can see it; both minutes 0: not at all."""

    rule_id: ClassVar[str] = "AP-10"
    title: ClassVar[str] = gettext_noop("退回号源再放出")
    source: ClassVar[str] = gettext_noop("防倒号：热门号退号后随机 5–30 分钟再放出，候补优先；离就诊不足 2 小时立即放出（规则 AP-10）")

    min_minutes: Annotated[int, Meta(ge=0, le=240)] = 5
    max_minutes: Annotated[int, Meta(ge=0, le=240)] = 30
    urgent_minutes: Annotated[int, Meta(ge=0, le=1440)] = 120
    hot_free_percent: Annotated[int, Meta(ge=0, le=100)] = 10


class WaitingTerms(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When places are offered from the waiting list, for how long, and how often somebody may let one go by."""

    rule_id: ClassVar[str] = "AP-10W"
    title: ClassVar[str] = gettext_noop("候补")
    source: ClassVar[str] = gettext_noop("候补先于再放号；只在 8 至 21 点、来得及到院时留号；没有手机的由人工打电话（规则 AP-10）")

    opens_minute_of_day: Annotated[int, Meta(ge=0, le=1439)] = 480
    closes_minute_of_day: Annotated[int, Meta(ge=1, le=1440)] = 1260
    answer_minutes: Annotated[int, Meta(ge=10, le=240)] = 30
    call_answer_minutes: Annotated[int, Meta(ge=10, le=480)] = 90
    least_answer_minutes: Annotated[int, Meta(ge=5, le=60)] = 5
    early_minutes: Annotated[int, Meta(ge=0, le=60)] = 10
    offers_missed: Annotated[int, Meta(ge=1, le=10)] = 2
    together_hours: Annotated[int, Meta(ge=0, le=336)] = 24
    wish_days: Annotated[int, Meta(ge=1, le=60)] = 30


class AlreadyWaiting(Refusal):
    """One person waits once for a department."""

    code = "scheduling.already_waiting"
    message = gettext_noop("就诊人已经在这个科室候补。需要改日期，请先退出原来的候补。")


class BadWish(Refusal):
    """A wish that cannot come true as typed; ``fields`` names every reason."""

    code = "scheduling.bad_wish"
    message = gettext_noop("候补的内容需要改正。")


class OfferOver(Refusal):
    """The offered place was answered already, or its time is up."""

    code = "scheduling.offer_over"
    message = gettext_noop("为您留的这个号已经不在了，没有扣款。如果还在候补中，有号会再通知您。")


class NotWaiting(Refusal):
    """The entry is closed: booked, left or over."""

    code = "scheduling.not_waiting"
    message = gettext_noop("这条候补已经结束。需要的话可以重新登记候补。")
