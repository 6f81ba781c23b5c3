"""Midnight: nobody who checked in before it is forgotten, and yesterday's line closes at its hour."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jiuyi.domains.queueing import actions, queries, rules
from jiuyi.domains.queueing.words import CallingParameters
from tests.factories import rooms

MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # 00:00 in Shanghai, Monday 23 November
SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("_case", "after_midnight", "days"),
    [
        ("a minute before", timedelta(minutes=-1), (SUNDAY,)),
        ("midnight itself", timedelta(0), (MONDAY, SUNDAY)),
        ("a second before six", timedelta(hours=6, seconds=-1), (MONDAY, SUNDAY)),
        ("six itself", timedelta(hours=6), (MONDAY,)),
    ],
)
def test_days_in_line(_case: str, after_midnight: timedelta, days: tuple[date, ...]) -> None:
    assert rules.days_in_line(MIDNIGHT + after_midnight, CallingParameters())[: len(days)] == days
    if len(days) == 1 and days == (MONDAY,):
        assert rules.days_in_line(MIDNIGHT + after_midnight, CallingParameters()) == days


@pytest.mark.django_db
def test_who_checked_in_at_2350_on_a_sunday_is_called_on_monday() -> None:
    room = rooms.waiting_room()
    person = rooms.somebody(room)
    ticket = rooms.waits(room, person, now=MIDNIGHT - timedelta(minutes=10))
    later = MIDNIGHT + timedelta(minutes=5)
    assert queries.people_ahead(ticket.ticket_id, now=later) == 0
    assert [p.ticket_id for p in queries.line(room.queue_id, room.practitioner_id, now=later)] == [ticket.ticket_id]
    called = actions.call_next(
        actor=room.doctor, now=later, queue_id=room.queue_id, practitioner_id=room.practitioner_id, room_id=room.room_id
    )
    assert called is not None
    assert called.ticket_id == ticket.ticket_id
    held = queries.ticket_of_practitioner(room.practitioner_id, now=later)
    assert held is not None
    assert held.ticket_id == ticket.ticket_id
    # A new number of the new day starts again at one, beside yesterday's.
    assert rooms.waits(room, rooms.somebody(room), now=later).number == 1
