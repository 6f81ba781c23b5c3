"""Words of the amount on sale: raising, lowering, and the forecast that proposes it (C3)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop


class DemandForecasting(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How demand is forecast, and how far a proposal may go. A person decides on every proposal."""

    rule_id: ClassVar[str] = "AP-5"
    title: ClassVar[str] = gettext_noop("号源动态调整与需求预测")
    source: ClassVar[str] = gettext_noop("市级三年行动方案：根据就诊量变化动态调整号源投放量；减号不动已有预约（规则 AP-5）")

    weeks: Annotated[int, Meta(ge=2, le=12)] = 6
    trend_days: Annotated[int, Meta(ge=5, le=28)] = 7
    max_trend_percent: Annotated[int, Meta(ge=0, le=200)] = 80
    days_ahead: Annotated[int, Meta(ge=1, le=6)] = 3
    fill_percent: Annotated[int, Meta(ge=50, le=100)] = 95
    max_change_percent: Annotated[int, Meta(ge=0, le=100)] = 30
    min_capacity: Annotated[int, Meta(ge=1, le=100)] = 4


class TooFewFree(Refusal):
    """Only free places can be withdrawn, and there are fewer than asked; nothing was changed."""

    code = "scheduling.too_few_free"
    message = gettext_noop("现在只能收回 {can_go} 个空号，最低减到 {lowest} 个；还差的 {short} 个已有人预约，请先为他们改约，或办理停诊。")


class NothingToChange(Refusal):
    """The capacity asked for is not below (or above) the present one."""

    code = "scheduling.nothing_to_change"
    message = gettext_noop("班次现有 {capacity} 个号，请填写与它不同的号数。")


class NoWindowLeft(Refusal):
    """Every window of the session that was meant is over, or is not one of its windows."""

    code = "scheduling.no_window_left"
    message = gettext_noop("选的时段已经过去或不属于这个班次，不能再加号源。")


class AmountOutOfRange(Refusal):
    """More places than a session can have, or fewer than one."""

    code = "scheduling.amount_out_of_range"
    message = gettext_noop("号数应在 {least} 到 {most} 之间。")


class AlreadyDecided(Refusal):
    """Somebody decided about the proposal before, or its session has begun or stopped."""

    code = "scheduling.already_decided"
    message = gettext_noop("这条建议已经处理过，或班次已经开始。请刷新后再看。")


class ReasonMissing(Refusal):
    """A decision is recorded with its reason."""

    code = "scheduling.reason_missing"
    message = gettext_noop("请填写理由，例如“下周有义诊”。")
