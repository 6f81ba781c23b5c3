"""When a place that was given up is seen again; the random delay comes from outside, so that the rule stays a function."""

from datetime import datetime, time, timedelta

from jiuyi.domains.scheduling.words import Cooling, WaitingTerms
from jiuyi.kernel.clock import instant_at, local

_DAY = timedelta(days=1)


def is_hot(*, free: int, capacity: int, is_waited_for: bool, parameters: Cooling) -> bool:
    """Whether a session is so sought after that what is given up cools: somebody waits for it, or little else is free.

    ``free`` are the session's other free places, ``capacity`` all of them. Without any minutes nothing ever cools.
    """
    if not parameters.max_minutes:
        return False
    return is_waited_for or free * 100 <= parameters.hot_free_percent * capacity


def offers_open(now: datetime, terms: WaitingTerms) -> bool:
    """Whether places are offered at this hour: from 8:00 until just before 21:00."""
    clock = local(now)
    return terms.opens_minute_of_day <= clock.hour * 60 + clock.minute < terms.closes_minute_of_day


def next_opening(now: datetime, terms: WaitingTerms) -> datetime:
    """The instant from which places are offered again: ``now`` itself during the hours."""
    if offers_open(now, terms):
        return now
    opening = time(terms.opens_minute_of_day // 60, terms.opens_minute_of_day % 60)
    today = instant_at(local(now).date(), opening)
    return today if today > now else instant_at(local(now).date() + _DAY, opening)


def visible_again_at(
    *,
    now: datetime,
    released_at: datetime,
    window_start: datetime,
    delay_minutes: int,
    is_waited_for: bool,
    parameters: Cooling,
    terms: WaitingTerms,
) -> datetime:
    """From when everybody sees a place given up at ``now``; never before its own release.

    Two hours before the window there is no delay. At night a place somebody waits for rests until offers are made again,
    because the waiting list is served first, but never into its last two hours.  Source: rule AP-10; §21.
    """
    urgent_from = window_start - timedelta(minutes=parameters.urgent_minutes)
    if now > urgent_from:
        return max(now, released_at)
    begins = next_opening(now, terms) if is_waited_for else now
    bounded = min(max(delay_minutes, parameters.min_minutes), max(parameters.min_minutes, parameters.max_minutes))
    return max(min(begins + timedelta(minutes=bounded), urgent_from), released_at)
