"""Words of changes of the day: who may, what is refused, and how soon people must know (rule AP-7)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop


class TellingChanges(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon a booked person is known to know of a change, and how long they may choose."""

    rule_id: ClassVar[str] = "AP-7"
    title: ClassVar[str] = gettext_noop("停诊、替诊、延诊的通知")
    source: ClassVar[str] = gettext_noop("逐一通知并可改约或全额退号；计划停诊至少提前 24 小时，没有确认知晓的转人工电话（规则 AP-7）")

    planned_hours: Annotated[int, Meta(ge=1, le=336)] = 24
    known_within_minutes_planned: Annotated[int, Meta(ge=10, le=4320)] = 720
    known_within_minutes_sudden: Annotated[int, Meta(ge=5, le=720)] = 20
    call_again_minutes: Annotated[int, Meta(ge=5, le=1440)] = 30
    choose_within_hours: Annotated[int, Meta(ge=1, le=336)] = 48
    longest_delay_minutes: Annotated[int, Meta(ge=15, le=720)] = 240


class NotSameClass(Refusal):
    """A substitute sees the patients only for the fee they agreed to."""

    code = "scheduling.not_same_class"
    message = gettext_noop("替诊医生的号别要与原班次相同。没有合适的人选时，请停诊，由患者改约或退号。")


class SessionOver(Refusal):
    """The session has ended."""

    code = "scheduling.session_ended"
    message = gettext_noop("这个班次已经结束，不能再变更。")


class NothingChanged(Refusal):
    """The session is like that already."""

    code = "scheduling.nothing_changed"
    message = gettext_noop("班次已经是这样了，没有需要变更的。")


class DelayTooLong(Refusal):
    """A delay of nothing, of too much, or past midnight."""

    code = "scheduling.delay_too_long"
    message = gettext_noop("延后的时间要在 5 分钟以上、最长时限以内，并且当天看完。时间太久请停诊，由患者改约或退号。")


class RoomElsewhere(Refusal):
    """The room belongs to another institution."""

    code = "scheduling.room_elsewhere"
    message = gettext_noop("所选诊室不在这家机构，请重新选择。")


class AlreadyChosen(Refusal):
    """The person's place has gone another way already."""

    code = "scheduling.already_chosen"
    message = gettext_noop("这个预约已经按之前的选择办好了，不用再办。请看“我的预约”。")


class ChoiceNotOffered(Refusal):
    """This change does not offer that choice."""

    code = "scheduling.choice_not_offered"
    message = gettext_noop("这次变更没有这个选项，请从页面上的选项里选择。")
