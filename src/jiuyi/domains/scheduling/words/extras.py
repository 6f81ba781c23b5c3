"""Words of extra places (加号): why one is given, and what stands against it."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class ExtraReason(Word):
    """Why a doctor sees somebody beyond the capacity."""

    CONDITION = "condition", gettext_noop("病情需要")
    RESULTS = "results", gettext_noop("持结果复诊")
    COURSE = "course", gettext_noop("连续治疗")
    FAR_AWAY = "far_away", gettext_noop("远道而来")
    OTHER = "other", gettext_noop("其他原因")


class ExtraPlaces(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many extra places one session may have: the smaller of a number and a share of its places, at least one."""

    rule_id: ClassVar[str] = "AP-8"
    title: ClassVar[str] = gettext_noop("加号数量")
    source: ClassVar[str] = gettext_noop("市级预约诊疗规范：严控加号数量，建立加号可追溯机制；默认每班次 5 个或 20%（规则 AP-8）")

    per_session: Annotated[int, Meta(ge=0, le=50)] = 5
    places_percent: Annotated[int, Meta(ge=0, le=100)] = 20


class ExtraLimitReached(Refusal):
    """The session has as many extra places as it may have."""

    code = "scheduling.extra_limit_reached"
    message = gettext_noop("本班次最多加 {limit} 个号，已经加满。请约下一个班次，或请科室负责人调整。")


class NotYourSession(Refusal):
    """Only the session's doctor, or an assistant in the same room, gives extra places."""

    code = "scheduling.not_your_session"
    message = gettext_noop("只有本班次的医生或同诊室的助手可以加号。")
    status = 403


class ExtraNeedsIdentity(Refusal):
    """An extra place is given to somebody whose papers were seen."""

    code = "scheduling.extra_needs_identity"
    message = gettext_noop("加号要实名：请先到窗口核验患者证件，再加号。")


class SessionOver(Refusal):
    """The session's day is over."""

    code = "scheduling.session_over"
    message = gettext_noop("这个班次的日期已过，不能加号。")
