"""The demo's clock can be moved, for Python and SQL alike; a real one never."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.foundation import clock, grants
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.models import ClockOffset
from jiuyi.kernel.refusals import NotAllowed


def sql_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT jiuyi_now()")
        return cursor.fetchone()[0]


def is_near(instant: datetime, expected: datetime) -> bool:
    return abs(instant - expected) < timedelta(seconds=5)


def test_without_an_offset_it_is_the_true_time(db):
    assert is_near(clock.now(), datetime.now(UTC))
    assert is_near(sql_now(), datetime.now(UTC))
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("offset", [timedelta(hours=9, minutes=30), -timedelta(days=400), timedelta()])
def test_an_offset_moves_python_and_sql_alike(db, settings, offset):
    settings.DEMO = True
    clock.set_offset(offset, actor=SYSTEM)
    assert is_near(clock.now(), datetime.now(UTC) + offset)
    assert is_near(sql_now(), datetime.now(UTC) + offset)


def test_another_process_sees_it_within_a_second(db, settings, monkeypatch):
    settings.DEMO = True
    ticks = [100.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: ticks[0])
    assert clock.offset() == timedelta()
    ClockOffset.objects.create(offset=timedelta(hours=1))  # as another process does
    ticks[0] += 0.99
    assert clock.offset() == timedelta()
    ticks[0] += 0.01
    assert clock.offset() == timedelta(hours=1)


def test_outside_the_demo_it_is_refused_and_nothing_changes(db, settings):
    settings.DEMO = False
    with pytest.raises(NotAllowed):
        clock.set_offset(timedelta(hours=1), actor=SYSTEM)
    assert not ClockOffset.objects.exists()
    assert is_near(clock.now(), datetime.now(UTC))


def test_what_a_demo_left_behind_is_ignored_and_removed(db, settings):
    ClockOffset.objects.create(offset=timedelta(hours=1))
    settings.DEMO = False
    assert clock.offset() == timedelta()
    settings.APPLICATION_ROLE = None
    grants.apply()
    assert is_near(sql_now(), datetime.now(UTC))


def test_there_is_one_clock(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockOffset.objects.create(id=2, offset=timedelta())
