"""Decisions about changes of the day: who must know by when, what may be chosen, whom a delay makes collide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.organizations.words import PractitionerTitle
from jiuyi.domains.scheduling.words import ChangeChoice, ChangeKind, NumberClass
from jiuyi.domains.scheduling.words.changes import TellingChanges
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.periods import Period

SHORTEST_DELAY_MINUTES = 5
_INSTANT = timedelta(microseconds=1)
_C = ChangeChoice
_CHOICES: Mapping[ChangeKind, tuple[ChangeChoice, ...]] = {
    ChangeKind.STOP: (_C.SUBSTITUTE, _C.MOVE, _C.REFUND),
    ChangeKind.SUBSTITUTE: (_C.KEEP, _C.MOVE, _C.REFUND),
    ChangeKind.DELAY: (_C.KEEP, _C.MOVE, _C.REFUND),
    ChangeKind.ROOM: (_C.KEEP,),
}
_RANK: Mapping[PractitionerTitle, int] = {
    PractitionerTitle.CHIEF: 2,
    PractitionerTitle.ASSOCIATE_CHIEF: 1,
}
_NEEDED: Mapping[NumberClass, int] = {
    NumberClass.RENOWNED: 2,
    NumberClass.CHIEF: 2,
    NumberClass.ASSOCIATE_CHIEF: 1,
}


@dataclass(frozen=True, slots=True)
class OtherVisit:
    """Another appointment of the same person on that day."""

    appointment_id: UUID
    organization_id: UUID
    window: Period


def choices_of(kind: ChangeKind) -> tuple[ChangeChoice, ...]:
    """What a booked person may make of a change, the gentlest first. Source: rule AP-7."""
    return _CHOICES[kind]


def default_choice(kind: ChangeKind) -> ChangeChoice:
    """What silence means: a session that does not take place is paid back, everything else stays as it is now."""
    return ChangeChoice.REFUND if kind is ChangeKind.STOP else ChangeChoice.KEEP


def may_substitute(title: PractitionerTitle, number_class: NumberClass) -> bool:
    """Whether a doctor of this title may see patients who booked this class of number: never one of a lower rank (rule AP-7)."""
    return _RANK.get(title, 0) >= _NEEDED.get(number_class, 0)


def is_sudden(*, decided_at: datetime, window_start: datetime, parameters: TellingChanges) -> bool:
    """Whether a change comes less than the planned notice before the visit; exactly the notice is still planned."""
    return window_start - decided_at < timedelta(hours=parameters.planned_hours)


def call_due_at(*, decided_at: datetime, window_start: datetime, parameters: TellingChanges) -> datetime:
    """From when somebody who is not known to know stands on the list of calls. Source: rule AP-7."""
    sudden = is_sudden(decided_at=decided_at, window_start=window_start, parameters=parameters)
    minutes = parameters.known_within_minutes_sudden if sudden else parameters.known_within_minutes_planned
    return decided_at + timedelta(minutes=minutes)


def choose_until(*, decided_at: datetime, window_start: datetime, parameters: TellingChanges) -> datetime:
    """Until when a person may choose: the hours of the rule, at most until the visit would have begun, at least two hours."""
    latest = min(decided_at + timedelta(hours=parameters.choose_within_hours), window_start)
    return max(latest, decided_at + timedelta(hours=2))


def delay_fits(*, ends_at: datetime, minutes: int, was_away: bool, parameters: TellingChanges) -> bool:
    """Whether a session may be shifted so far: 5 minutes to the longest delay, and over by 24:00 of the same day.

    A doctor who was away until unknown may be back without any shift.
    """
    shortest = 0 if was_away else SHORTEST_DELAY_MINUTES
    same_day = service_date(ends_at + timedelta(minutes=minutes) - _INSTANT) == service_date(ends_at - _INSTANT)
    return shortest <= minutes <= parameters.longest_delay_minutes and same_day


def collision(
    *, before: Period, after: Period, organization_id: UUID, others: Iterable[OtherVisit], road_minutes: int
) -> OtherVisit | None:
    """The first other visit that the shifted window makes impossible: they overlap, or leave no time for the road elsewhere.

    One that was impossible before the shift is not blamed on it. Windows that only touch are possible. Source: §21 延诊.
    """

    def clash(window: Period, other: OtherVisit) -> bool:
        road = timedelta(minutes=road_minutes if other.organization_id != organization_id else 0)
        return window.start < other.window.end + road and other.window.start < window.end + road

    made = [each for each in others if clash(after, each) and not clash(before, each)]
    return min(made, key=lambda each: (each.window.start, each.appointment_id), default=None)
