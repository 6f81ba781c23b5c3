"""Which place of a session is kept for whom, and when it is sold: shares, batches, head start and flowing back.

The same windows and the same parameters always give the same plan.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from jiuyi.domains.scheduling.rules.appointments import EXPERT_CLASSES
from jiuyi.domains.scheduling.words.appointments import NumberClass, Pool
from jiuyi.domains.scheduling.words.release import ALL_PERCENT, PoolShares, ReleaseMoment
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.periods import Period

IsWorking = Callable[[date], bool]
_A_DAY = timedelta(days=1)
_HALF_PERCENT = ALL_PERCENT // 2


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """One place of a session to be published: whose it is, from when it is sold, from when to everybody (rule AP-4)."""

    window: Period
    pool: Pool
    visible_at: datetime
    flows_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """When the public places of one day's session are sold: the first moment, then (percent, moment) of the later batches."""

    at: datetime
    later: tuple[tuple[int, datetime], ...]


def rounded_share(percent: int, total: int) -> int:
    """A share in places: rounded half up, at least 1 where the share is more than nothing and there is anything to share."""
    if percent == 0 or total == 0:
        return 0
    return max(1, (percent * total + _HALF_PERCENT) // ALL_PERCENT)


def release_at(day: date, number_class: NumberClass, parameters: ReleaseMoment) -> datetime:
    """The instant at which the public places of a day become visible, the first batch.  Source: rule AP-3."""
    return release_of(day, number_class, parameters).at


def release_of(day: date, number_class: NumberClass, parameters: ReleaseMoment) -> Release:
    """All moments of the public release of one day.  Source: rule AP-3."""
    if number_class is NumberClass.RENOWNED:
        days, minute = parameters.renowned_days_ahead, parameters.renowned_minute_of_day
    elif number_class in EXPERT_CLASSES:
        days, minute = parameters.expert_days_ahead, parameters.expert_minute_of_day
    else:
        days, minute = parameters.days_ahead, parameters.release_minute_of_day
    batches = (
        (parameters.second_percent, parameters.second_days_ahead, parameters.second_minute_of_day),
        (parameters.third_percent, parameters.third_days_ahead, parameters.third_minute_of_day),
    )
    later = tuple((percent, _minute_of(day - timedelta(days=ahead), of_day)) for percent, ahead, of_day in batches if percent)
    return Release(_minute_of(day - timedelta(days=days), minute), later)


def plan_places(
    windows: Sequence[Period], *, number_class: NumberClass, shares: PoolShares, release: Release, is_working: IsWorking
) -> list[PlacePlan]:
    """One plan for each window given (a window that sells three places stands there three times), in the same order.

    On-site places lie in the first half of the session, the townships' in the hours of the bus, the others evenly. Where
    a small session cannot serve every share, on-site goes before township, referral, return, urgent; unless the shares
    are the whole, one place stays public. No place is kept longer than its window.  Source: rules AP-3, AP-4, §21; C6, C8.
    """
    if not windows:
        return []
    order = sorted(range(len(windows)), key=lambda index: (windows[index].start, index))
    pools = dict.fromkeys(order, Pool.PUBLIC)
    for pool, count in sorted(_counts(len(windows), number_class, shares).items(), key=lambda each: _CHOOSES.index(each[0])):
        for index in _chosen(pool, count, [index for index in order if pools[index] is Pool.PUBLIC], windows, shares):
            pools[index] = pool
    moments = _moments(windows, shares, release, is_working)
    kept = [index for index in order if pools[index] is Pool.TOWNSHIP][: shares.township_kept_places]
    plans = {
        index: _reserved(windows[index], pools[index], moments, kept=index in kept) for index in order if pools[index] is not Pool.PUBLIC
    }
    public = [index for index in order if pools[index] is Pool.PUBLIC]
    plans |= {index: PlacePlan(windows[index], Pool.PUBLIC, at) for index, at in _batches(public, release).items()}
    return [plans[index] for index in range(len(windows))]


def fit_to_taken(planned: Sequence[PlacePlan], taken: Mapping[int, Pool]) -> list[PlacePlan]:
    """The plan, with the pools that were sold already where they were sold; what is sold counts in its share.

    A free place keeps its pool while its share is not filled; the others take what the shares still lack. So the counts
    stay what the rule says, as far as what was sold allows.
    """
    lacking = Counter(plan.pool for plan in planned) - Counter(taken.values())
    plans = [replace(plan, pool=taken.get(index, plan.pool)) for index, plan in enumerate(planned)]
    homeless = []
    for index, plan in enumerate(planned):
        if index in taken:
            continue
        if lacking[plan.pool]:
            lacking[plan.pool] -= 1
        else:
            homeless.append(index)
    donors = (plan for index, plan in enumerate(planned) if index in taken)
    for index, donor in zip(homeless, (plan for plan in donors if _takes(lacking, plan.pool)), strict=False):
        plans[index] = _at_window(donor, planned[index].window)
    return plans


def _takes(lacking: Counter[Pool], pool: Pool) -> bool:
    """Whether a share still lacks a place; the one that is given to it is counted."""
    if not lacking[pool]:
        return False
    lacking[pool] -= 1
    return True


# Who chooses first: whoever is bound to the fewest hours. Who goes without first in a small session: the last of _YIELDS.
_CHOOSES = (Pool.TOWNSHIP, Pool.ONSITE, Pool.REFERRAL, Pool.RETURN, Pool.URGENT)
_YIELDS = (Pool.ONSITE, Pool.TOWNSHIP, Pool.REFERRAL, Pool.RETURN, Pool.URGENT)


def _counts(total: int, number_class: NumberClass, shares: PoolShares) -> dict[Pool, int]:
    if number_class is NumberClass.EMERGENCY:  # nobody waits for a share in an emergency
        return {}
    expert = number_class in EXPERT_CLASSES
    percents = {
        Pool.ONSITE: shares.expert_onsite_percent if expert else shares.onsite_percent,
        Pool.TOWNSHIP: shares.expert_township_percent if expert else shares.township_percent,
        Pool.REFERRAL: shares.expert_referral_percent if expert else shares.referral_percent,
        Pool.RETURN: shares.expert_return_percent if expert else shares.return_percent,
    }
    wanted = {pool: rounded_share(percent, total) for pool, percent in percents.items()} | {Pool.URGENT: shares.urgent_places}
    left = total if sum(percents.values()) == ALL_PERCENT else total - 1
    given = {}
    for pool in _YIELDS:
        given[pool] = min(wanted[pool], left)
        left -= given[pool]
    return given


def _chosen(pool: Pool, count: int, free: Sequence[int], windows: Sequence[Period], shares: PoolShares) -> list[int]:
    """The places of a pool: evenly in the stretch where it belongs, then the nearest beside it."""
    if pool is Pool.TOWNSHIP:
        day = service_date(windows[0].start)
        bus = _minute_of(day, shares.township_from_minute_of_day), _minute_of(day, shares.township_until_minute_of_day)
        liked = [index for index in free if bus[0] <= windows[index].start < bus[1]]
    elif pool is Pool.ONSITE:
        first, last = min(window.start for window in windows), max(window.end for window in windows)
        liked = [index for index in free if windows[index].start < first + (last - first) / 2]
    else:
        liked = list(free)
    liked = liked or list(free)
    chosen = _evenly(liked, min(count, len(liked)))
    rest = [index for index in free if index not in chosen]
    if pool is Pool.TOWNSHIP:  # later than the bus is better than before it
        rest.sort(key=lambda index: (windows[index].start < windows[liked[0]].start, windows[index].start, index))
    return chosen + rest[: count - len(chosen)]


def _evenly(items: Sequence[int], count: int) -> list[int]:
    """``count`` of the items, as even as whole positions allow; the middle one of one."""
    return [items[(2 * number + 1) * len(items) // (2 * count)] for number in range(count)]


def _batches(public: Sequence[int], release: Release) -> dict[int, datetime]:
    """When each public place is sold: later batches are spread evenly too, and the first keeps what they leave."""
    moments = dict.fromkeys(public, release.at)
    for percent, at in release.later:
        first = [index for index in public if moments[index] == release.at]
        for index in _evenly(first, min(rounded_share(percent, len(public)), len(first))):
            moments[index] = max(at, release.at)
    return moments


@dataclass(frozen=True, slots=True)
class _Moments:
    public: datetime
    township: datetime
    onsite: datetime
    back: datetime  # the afternoon of the last working day before
    onsite_back: datetime
    back_minutes: int


def _moments(windows: Sequence[Period], shares: PoolShares, release: Release, is_working: IsWorking) -> _Moments:
    starts_at = min(window.start for window in windows)
    day = service_date(starts_at)
    back = _minute_of(last_working_day_before(day, is_working), shares.township_back_minute_of_day)
    return _Moments(
        public=release.at,
        township=working_hours_before(release.at, shares.township_head_start_hours, shares, is_working),
        onsite=_minute_of(day, shares.onsite_minute_of_day),
        back=min(back, starts_at),
        onsite_back=starts_at - timedelta(minutes=shares.onsite_back_minutes),
        back_minutes=shares.onsite_back_minutes,
    )


def _reserved(window: Period, pool: Pool, moments: _Moments, *, kept: bool) -> PlacePlan:
    """A place of a share. What is kept for the same day goes back as long before its own window as an on-site place."""
    if pool is Pool.ONSITE:
        return PlacePlan(window, pool, min(moments.onsite, moments.onsite_back), moments.onsite_back)
    if pool is Pool.URGENT:
        return PlacePlan(window, pool, moments.public, moments.onsite_back)
    if pool is Pool.TOWNSHIP:
        back = window.start - timedelta(minutes=moments.back_minutes) if kept else moments.back
        return PlacePlan(window, pool, moments.township, max(back, moments.back))
    return PlacePlan(window, pool, moments.public, moments.back)


def last_working_day_before(day: date, is_working: IsWorking) -> date:
    """The nearest worked day before, within a month; else the day before."""
    return next((day - _A_DAY * back for back in range(1, 32) if is_working(day - _A_DAY * back)), day - _A_DAY)


def working_hours_before(instant: datetime, hours: int, shares: PoolShares, is_working: IsWorking) -> datetime:
    """The instant that lies ``hours`` of office time before another; an instant outside the office counts from its last closing.

    Looks back two months at most.
    """
    left = timedelta(hours=hours)
    if not left:
        return instant
    day = service_date(instant)
    for back in range(62):
        for start, end in reversed(_office(day - _A_DAY * back, shares, is_working)):
            end_here = min(end, instant)
            if end_here <= start:
                continue
            if end_here - start >= left:
                return end_here - left
            left -= end_here - start
    return instant - timedelta(hours=hours)


def _office(day: date, shares: PoolShares, is_working: IsWorking) -> list[tuple[datetime, datetime]]:
    if not is_working(day):
        return []
    return [
        (_minute_of(day, shares.office_opens_minute_of_day), _minute_of(day, shares.office_noon_minute_of_day)),
        (_minute_of(day, shares.office_reopens_minute_of_day), _minute_of(day, shares.office_closes_minute_of_day)),
    ]


def _at_window(plan: PlacePlan, window: Period) -> PlacePlan:
    """The same plan for another window; it never outlasts it."""
    back = plan.flows_back_at
    return replace(plan, window=window, flows_back_at=min(back, window.start) if back is not None else None)


def _minute_of(day: date, minute: int) -> datetime:
    return instant_at(day, time(minute // 60, minute % 60))
