"""Patterns of bookings that look like resale, laid before a person and judged by nobody else. Source: rule AP-10; C5."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.words import ResalePatterns
from jiuyi.domains.scheduling.words.conduct import ReviewPattern


@dataclass(frozen=True, slots=True)
class Trace:
    """One booking by a patient's account: for whom, from which device, which window, and when it was given up (None: never)."""

    appointment_id: UUID
    account_id: UUID
    person_id: UUID
    device_hash: str
    session_id: UUID
    window_start: datetime
    booked_at: datetime
    given_up_at: datetime | None
    hot: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern with what carries it: counts and ids, no names."""

    subject_kind: str
    subject_id: str
    pattern: ReviewPattern
    evidence: dict[str, object]


def findings(traces: Iterable[Trace], *, now: datetime, parameters: ResalePatterns) -> list[Finding]:
    """Every pattern in the bookings of the patients' accounts, in a fixed order; staff and village doctors book without one."""
    known = sorted(traces, key=lambda trace: (trace.booked_at, trace.appointment_id))
    return [
        *_many_patients(_since(known, now, parameters.patients_days), parameters),
        *_cycles(_since(known, now, parameters.cycle_days), parameters),
        *_shared_devices(_since(known, now, parameters.device_days), parameters),
        *_handovers(_since(known, now, parameters.handover_days), parameters),
    ]


def longest_days(parameters: ResalePatterns) -> int:
    """How far back bookings have to be known."""
    return max(parameters.patients_days, parameters.cycle_days, parameters.device_days, parameters.handover_days)


def _since(traces: Iterable[Trace], now: datetime, days: int) -> list[Trace]:
    return [trace for trace in traces if trace.booked_at > now - timedelta(days=days)]


def _many_patients(traces: list[Trace], parameters: ResalePatterns) -> list[Finding]:
    patients: dict[UUID, set[UUID]] = defaultdict(set)
    for trace in traces:
        patients[trace.account_id].add(trace.person_id)
    return [
        Finding("account", str(account), ReviewPattern.MANY_PATIENTS, {"patients": len(found), "days": parameters.patients_days})
        for account, found in patients.items()
        if len(found) > parameters.patients
    ]


def _cycles(traces: list[Trace], parameters: ResalePatterns) -> list[Finding]:
    given_up: dict[UUID, list[str]] = defaultdict(list)
    for trace in traces:
        if trace.hot and trace.given_up_at is not None:
            given_up[trace.account_id].append(str(trace.appointment_id))
    return [
        Finding("account", str(account), ReviewPattern.CYCLES, {"times": len(ids), "appointments": ids[:20], "days": parameters.cycle_days})
        for account, ids in given_up.items()
        if len(ids) >= parameters.cycles
    ]


def _shared_devices(traces: list[Trace], parameters: ResalePatterns) -> list[Finding]:
    accounts: dict[str, set[UUID]] = defaultdict(set)
    for trace in traces:
        if trace.device_hash:
            accounts[trace.device_hash].add(trace.account_id)
    return [
        Finding("device", device, ReviewPattern.SHARED_DEVICE, {"accounts": sorted(map(str, found))[:20], "days": parameters.device_days})
        for device, found in accounts.items()
        if len(found) >= parameters.accounts_on_a_device
    ]


def _handovers(traces: list[Trace], parameters: ResalePatterns) -> list[Finding]:
    """Given up by one account, and the same window booked by another for somebody else within minutes, again and again."""
    near = timedelta(minutes=parameters.handover_minutes)
    windows: dict[tuple[UUID, datetime], list[Trace]] = defaultdict(list)
    for trace in traces:
        windows[trace.session_id, trace.window_start].append(trace)
    passed: dict[UUID, list[str]] = defaultdict(list)
    for of_window in windows.values():
        for given in of_window:
            taken = next((other for other in of_window if _took_over(given, other, near)), None)
            if taken is not None:
                passed[given.account_id].append(f"{given.appointment_id}>{taken.appointment_id}")
    return [
        Finding(
            "account", str(account), ReviewPattern.HANDOVER, {"times": len(pairs), "pairs": pairs[:20], "days": parameters.handover_days}
        )
        for account, pairs in passed.items()
        if len(pairs) >= parameters.handovers
    ]


def _took_over(given: Trace, other: Trace, near: timedelta) -> bool:
    if given.given_up_at is None or other.account_id == given.account_id or other.person_id == given.person_id:
        return False
    return timedelta(0) <= other.booked_at - given.given_up_at <= near
