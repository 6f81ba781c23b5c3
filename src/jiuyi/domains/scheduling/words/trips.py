"""Words of a village's trip to the hospital."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Invalid, Refusal
from jiuyi.kernel.text import gettext_noop


class TripTimes(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much time people off a van need before their first window and after their last."""

    rule_id: ClassVar[str] = "RF-8"
    title: ClassVar[str] = gettext_noop("村医集中预约的步行和返程时间")
    source: ClassVar[str] = gettext_noop("家庭医生预约转诊（规则 RF-8、AP-4）；默认下车后留 20 分钟、返程前留 30 分钟")

    walk_minutes: Annotated[int, Meta(ge=0, le=120)] = 20
    back_minutes: Annotated[int, Meta(ge=0, le=240)] = 30


class BadTrip(Invalid):
    """A trip that cannot be planned as typed; ``fields`` names every reason."""

    code = "scheduling.bad_trip"
    message = gettext_noop("行程内容需要改正。")


class TripFull(Refusal):
    """All seats of the van are taken."""

    code = "scheduling.trip_full"
    message = gettext_noop("这趟车已经坐满，请另排一趟车。")


class AlreadyOnTrip(Refusal):
    """The person has a seat on this trip."""

    code = "scheduling.already_on_trip"
    message = gettext_noop("这个人已经在这趟车的名单里。")


class ConsentMissing(Invalid):
    """Whoever has not signed up with the family doctor must have agreed, and how is written down."""

    code = "scheduling.consent_missing"
    message = gettext_noop("没有签约的居民，要写明本人怎样同意代为预约，例如“本人当面同意”。")


class NoWindowFits(Refusal):
    """No free window lies between the van's arrival and its return."""

    code = "scheduling.no_window_fits"
    message = gettext_noop("这个科室在到达和返程之间没有空位，请换科室或换一天。")


class NoWish(Refusal):
    """No department was chosen for this person."""

    code = "scheduling.no_wish"
    message = gettext_noop("还没有给这个人选科室。")
