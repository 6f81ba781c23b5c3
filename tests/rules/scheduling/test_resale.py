"""Patterns that look like resale: where each begins, and what is none."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jiuyi.domains.scheduling.rules.resale import Trace, findings
from jiuyi.domains.scheduling.words import ResalePatterns
from jiuyi.domains.scheduling.words.conduct import ReviewPattern

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PACK = ResalePatterns()
ACCOUNT, OTHER = UUID(int=1), UUID(int=2)


def trace(number: int, *, account=ACCOUNT, person=None, device="", ago=timedelta(days=1), given_up=None, hot=True, session=None) -> Trace:
    booked_at = NOW - ago
    return Trace(
        appointment_id=UUID(int=1000 + number),
        account_id=account,
        person_id=UUID(int=person if person is not None else number),
        device_hash=device,
        session_id=UUID(int=session if session is not None else number),
        window_start=NOW + timedelta(days=3),
        booked_at=booked_at,
        given_up_at=None if given_up is None else booked_at + given_up,
        hot=hot,
    )


def patterns(traces) -> list[ReviewPattern]:
    return [each.pattern for each in findings(traces, now=NOW, parameters=PACK)]


MINUTES = [timedelta(minutes=number) for number in range(120)]


def handovers(count: int, *, after: int = 10, to=OTHER, same_person: bool = False) -> list[Trace]:
    """Given up after a minute and taken by another account so many minutes later."""
    found = []
    for number in range(count):
        found.append(trace(number, session=500 + number, ago=MINUTES[60], given_up=MINUTES[1], hot=False))
        found.append(
            trace(
                100 + number, account=to, session=500 + number, ago=MINUTES[59 - after], person=number if same_person else None, hot=False
            )
        )
    return found


@pytest.mark.catalogue("C5", part="patterns: many patients, cycles on sought-after places, many accounts on a device, handing over")
@pytest.mark.parametrize(
    ("_case", "traces", "expected"),
    [
        ("nothing", [], []),
        ("five patients are a family", [trace(n) for n in range(5)], []),
        ("six are looked at", [trace(n) for n in range(6)], [ReviewPattern.MANY_PATIENTS]),
        ("six patients, one long ago", [trace(n, ago=timedelta(days=30 if n else 1)) for n in range(6)], []),
        ("six bookings of two patients", [trace(n, person=n % 2) for n in range(6)], []),
        ("twice taken and given up", [trace(n, person=0, given_up=MINUTES[5]) for n in range(2)], []),
        ("three times", [trace(n, person=0, given_up=MINUTES[5]) for n in range(3)], [ReviewPattern.CYCLES]),
        ("three times, but nobody seeks those", [trace(n, person=0, given_up=MINUTES[5], hot=False) for n in range(3)], []),
        ("three accounts on a device", [trace(n, account=UUID(int=n), device="d") for n in range(3)], []),
        ("four", [trace(n, account=UUID(int=n), device="d") for n in range(4)], [ReviewPattern.SHARED_DEVICE]),
        ("four without a known device", [trace(n, account=UUID(int=n)) for n in range(4)], []),
        ("handed over once", handovers(1), []),
        ("twice", handovers(2), [ReviewPattern.HANDOVER]),
        ("twice, the minute after the limit", handovers(2, after=11), []),
        ("taken again by the same account", handovers(2, to=ACCOUNT), []),
        ("by the same patient from another phone", handovers(2, same_person=True), []),
    ],
)
def test_where_a_pattern_begins(_case, traces, expected):
    assert patterns(reversed(traces)) == expected


def test_the_evidence_is_counts_and_ids():
    (found,) = findings([trace(n) for n in range(6)], now=NOW, parameters=PACK)
    assert (found.subject_kind, found.subject_id, found.evidence) == ("account", str(ACCOUNT), {"patients": 6, "days": 30})
