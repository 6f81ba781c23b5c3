"""Absences, what they lead to and how that is undone. Source: rules AP-13, AP-14 with §21; C4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.words import AbsencePenalty, AppealState, Excuse, Party, SuspensionState
from jiuyi.domains.scheduling.words.conduct import AppealAct, SuspensionAct

# state → act → (next state, who may). docs/states/appeal.md and docs/states/suspension.md show the same tables.
APPEAL_MOVES: Mapping[AppealState, Mapping[AppealAct, tuple[AppealState, frozenset[Party]]]] = {
    AppealState.OPEN: {
        AppealAct.ACCEPT: (AppealState.ACCEPTED, frozenset({Party.STAFF})),
        AppealAct.REFUSE: (AppealState.REFUSED, frozenset({Party.STAFF})),
    },
    AppealState.ACCEPTED: {AppealAct.REFUSE: (AppealState.REFUSED, frozenset({Party.STAFF}))},
    AppealState.REFUSED: {AppealAct.ACCEPT: (AppealState.ACCEPTED, frozenset({Party.STAFF}))},
}
SUSPENSION_MOVES: Mapping[SuspensionState, Mapping[SuspensionAct, tuple[SuspensionState, frozenset[Party]]]] = {
    SuspensionState.ACTIVE: {SuspensionAct.LIFT: (SuspensionState.LIFTED, frozenset({Party.STAFF, Party.SYSTEM}))},
    SuspensionState.LIFTED: {SuspensionAct.RESTORE: (SuspensionState.ACTIVE, frozenset({Party.STAFF, Party.SYSTEM}))},
}


@dataclass(frozen=True, slots=True, order=True)
class Strike:
    """Something that counts: a visit day that was missed, or the day of a cancellation where the pack counts those."""

    day: date
    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class Closure:
    """Remote doors are closed in ``[from_day, until_day)``, because of these appointments in order of time."""

    from_day: date
    until_day: date
    appointment_ids: tuple[UUID, ...]


def suspension_of(strikes: Iterable[Strike], *, parameters: AbsencePenalty) -> Closure | None:
    """What the last of a person's absences leads to, or None.

    ``absences`` of them within ``window_days`` calendar days, half-open ``[d, d + window_days)`` and counted on the visit date,
    close the remote doors for ``closed_days`` from the last visit date on; on ``until_day`` itself they are open again.
    Source: rule AP-14; C4.
    """
    return _closure(
        strikes, needed=parameters.absences, window=timedelta(days=parameters.window_days), closed=timedelta(days=parameters.closed_days)
    )


def closure_by_cancellations(strikes: Iterable[Strike], *, parameters: AbsencePenalty) -> Closure | None:
    """The same for cancellations, where the pack counts them (P4); None where it does not."""
    if not parameters.cancellations:
        return None
    window, closed = timedelta(days=parameters.cancellation_days), timedelta(days=parameters.cancellation_closed_days)
    return _closure(strikes, needed=parameters.cancellations, window=window, closed=closed)


def _closure(strikes: Iterable[Strike], *, needed: int, window: timedelta, closed: timedelta) -> Closure | None:
    recent = sorted(strikes)[-needed:]
    if len(recent) < needed or recent[-1].day >= recent[0].day + window:
        return None
    last = recent[-1].day
    return Closure(last, last + closed, tuple(strike.appointment_id for strike in recent))


def counted_now(strikes: Iterable[Strike], *, today: date, parameters: AbsencePenalty) -> int:
    """How many absences a further one today would be added to."""
    return sum(strike.day > today - timedelta(days=parameters.window_days) for strike in strikes)


def is_warned_only(age: int | None, *, parameters: AbsencePenalty) -> bool:
    """Whether somebody of this age (周岁, None unknown) is only told, never blocked: the old and the minors."""
    return age is not None and (age >= parameters.warn_only_from_age or age < parameters.warn_only_under_age)


def excuse_of(
    *, day: date, stopped: bool, delayed: bool, deceased_on: date | None, emergency_visit: bool, clinical_visit: bool
) -> Excuse | None:
    """Why an absence does not count by itself, or None; any clinical act of the day counts as attended (§21). Source: rule AP-13."""
    reasons = (
        (deceased_on is not None and deceased_on <= day, Excuse.DECEASED),
        (stopped, Excuse.STOPPED),
        (emergency_visit, Excuse.ADMITTED),
        (clinical_visit, Excuse.ATTENDED),
        (delayed, Excuse.HOSPITAL_DELAY),
    )
    return next((excuse for holds, excuse in reasons if holds), None)


def is_counted_cancellation(
    *, cancelled_at: datetime, booked_at: datetime, day: date, cancelled_day: date, regret_minutes: int, same_day_only: bool
) -> bool:
    """Whether a cancellation by the patient counts in a pack that counts them: never within the time of regret after booking."""
    if cancelled_at <= booked_at + timedelta(minutes=regret_minutes):
        return False
    return cancelled_day == day or not same_day_only


def appeal_until(absent_on: date, *, parameters: AbsencePenalty) -> date:
    """The last day on which an appeal is taken; it counts until 24:00."""
    return absent_on + timedelta(days=parameters.appeal_days)
