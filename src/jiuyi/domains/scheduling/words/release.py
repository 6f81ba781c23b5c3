"""When places are released, and which shares of a session are kept for whom."""

from typing import Annotated, ClassVar

from msgspec import Meta

from jiuyi.kernel.parameters import ConflictingValues, RuleParameters
from jiuyi.kernel.text import gettext_noop

ALL_PERCENT = 100

Percent = Annotated[int, Meta(ge=0, le=ALL_PERCENT)]
DaysAhead = Annotated[int, Meta(ge=1, le=60)]
LaterDays = Annotated[int, Meta(ge=0, le=60)]
MinuteOfDay = Annotated[int, Meta(ge=0, le=1439)]

_TOO_MUCH = gettext_noop("后面各批加起来不能超过 100%。")
_TOO_EARLY = gettext_noop("这一批不能早于前面的一批。")
_SHARES = gettext_noop("这一组各项加起来不能超过 100%。")
_DAY_ORDER = gettext_noop("上班、午休和下班的时刻要依次排列。")


class ReleaseMoment(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the places of a day become visible, by class of number, at once or in batches, by a draw or first come.

    The first batch is what the later ones leave. A batch never comes before the one it follows.
    """

    rule_id: ClassVar[str] = "AP-3"
    title: ClassVar[str] = gettext_noop("放号时间与预约周期")
    source: ClassVar[str] = gettext_noop(
        "各地常见 7、14、28 天；默认 14 天、早 7 点，知名专家提前一周；在场者随机排序，不按手快（规则 AP-3、§21）"
    )

    days_ahead: DaysAhead = 14
    release_minute_of_day: MinuteOfDay = 420
    expert_days_ahead: DaysAhead = 14
    expert_minute_of_day: MinuteOfDay = 420
    renowned_days_ahead: DaysAhead = 7
    renowned_minute_of_day: MinuteOfDay = 420
    second_percent: Percent = 0
    second_days_ahead: LaterDays = 3
    second_minute_of_day: MinuteOfDay = 420
    third_percent: Percent = 0
    third_days_ahead: LaterDays = 1
    third_minute_of_day: MinuteOfDay = 420
    by_draw: bool = True
    timetable_days: Annotated[int, Meta(ge=7, le=120)] = 28

    def __post_init__(self) -> None:
        """Refuse batches that exceed the whole or run backward, all of them by name."""
        fields: dict[str, str] = {}
        if self.second_percent + self.third_percent > ALL_PERCENT:
            fields |= {"second_percent": _TOO_MUCH, "third_percent": _TOO_MUCH}
        second = (-self.second_days_ahead, self.second_minute_of_day)
        third = (-self.third_days_ahead, self.third_minute_of_day)
        latest_first = max(
            (-self.days_ahead, self.release_minute_of_day),
            (-self.expert_days_ahead, self.expert_minute_of_day),
            (-self.renowned_days_ahead, self.renowned_minute_of_day),
        )
        if self.second_percent and second < latest_first:
            fields |= {"second_days_ahead": _TOO_EARLY}
        if self.third_percent and third < max(latest_first, second if self.second_percent else latest_first):
            fields |= {"third_days_ahead": _TOO_EARLY}
        if fields:
            raise ConflictingValues(fields)


class PoolShares(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which shares of a session are kept for whom, from when they are sold to them, and from when to everybody.

    A share is rounded half up and is at least one place where it is more than nothing. What is not kept is public.
    """

    rule_id: ClassVar[str] = "AP-4"
    title: ClassVar[str] = gettext_noop("号源分配与回流")
    source: ClassVar[str] = gettext_noop(
        "市级三年行动方案：一定比例号源留给现场和基层；默认现场 25%（专家 10%），基层前一工作日 16:00 回流（规则 AP-4、§21）"
    )

    onsite_percent: Percent = 25
    township_percent: Percent = 20
    referral_percent: Percent = 5
    return_percent: Percent = 10
    expert_onsite_percent: Percent = 10
    expert_township_percent: Percent = 20
    expert_referral_percent: Percent = 5
    expert_return_percent: Percent = 10
    urgent_places: Annotated[int, Meta(ge=0, le=5)] = 1
    onsite_minute_of_day: MinuteOfDay = 360
    onsite_back_minutes: Annotated[int, Meta(ge=0, le=720)] = 0
    township_head_start_hours: Annotated[int, Meta(ge=0, le=80)] = 8
    township_from_minute_of_day: MinuteOfDay = 555
    township_until_minute_of_day: MinuteOfDay = 690
    township_back_minute_of_day: MinuteOfDay = 960
    township_kept_places: Annotated[int, Meta(ge=0, le=5)] = 1
    office_opens_minute_of_day: MinuteOfDay = 480
    office_noon_minute_of_day: MinuteOfDay = 720
    office_reopens_minute_of_day: MinuteOfDay = 810
    office_closes_minute_of_day: MinuteOfDay = 1050

    def __post_init__(self) -> None:
        """Refuse shares of more than the whole and hours out of order, all of them by name."""
        fields: dict[str, str] = {}
        for group in ("", "expert_"):
            names = [f"{group}{share}_percent" for share in ("onsite", "township", "referral", "return")]
            if sum(getattr(self, name) for name in names) > ALL_PERCENT:
                fields |= dict.fromkeys(names, _SHARES)
        if self.township_until_minute_of_day <= self.township_from_minute_of_day:
            fields["township_until_minute_of_day"] = gettext_noop("要晚于开始的时刻。")
        hours = (
            self.office_opens_minute_of_day,
            self.office_noon_minute_of_day,
            self.office_reopens_minute_of_day,
            self.office_closes_minute_of_day,
        )
        if not hours[0] < hours[1] <= hours[2] < hours[3]:
            fields["office_opens_minute_of_day"] = _DAY_ORDER
        if fields:
            raise ConflictingValues(fields)
