"""Reminders: the day before and on the morning, once each, by day, by the person's own way, and never of what is cancelled."""

from datetime import timedelta

import pytest

from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import ContactManner
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.foundation import notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.notices import Channel
from jiuyi.journeys import booking, changing, reminding
from jiuyi.journeys.reaching_rules import Reminder, reminder_due
from tests.factories import clinic_day, rooms
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOW + 4 * HOUR  # today, 13:00


def reminded():
    return [row for row in notices.outbox(limit=50) if row.template.startswith("reminder")]


@pytest.mark.parametrize(
    ("_case", "now", "expected"),
    [
        ("the day before at 8:00", TOMORROW - 25 * HOUR, Reminder.DAY_BEFORE),
        ("a minute before 8:00", TOMORROW - 25 * HOUR - MINUTE, None),
        ("the day before, 20:59", TOMORROW - 12 * HOUR - MINUTE, Reminder.DAY_BEFORE),
        ("the day before, 21:00", TOMORROW - 12 * HOUR, None),
        ("the morning, 8:00", TOMORROW - HOUR, Reminder.MORNING),
        ("when the window begins", TOMORROW, None),
        ("two days before", TOMORROW - 48 * HOUR, None),
    ],
)
def test_when_a_reminder_is_due(_case, now, expected):
    assert reminder_due(now=now, window_start=TOMORROW, booked_at=TOMORROW - timedelta(days=9)) is expected


@pytest.mark.parametrize(
    ("_case", "ago", "expected"), [("just booked", 3 * HOUR - MINUTE, None), ("three hours ago", 3 * HOUR, "day_before")]
)
def test_nobody_is_reminded_of_what_they_have_just_booked(_case, ago, expected):
    assert reminder_due(now=LATER, window_start=TOMORROW, booked_at=LATER - ago) == expected


@pytest.mark.catalogue("C25", part="reminders the day before and on the morning, once each, not of what was cancelled or stopped")
def test_each_visit_is_reminded_of_twice_in_all(day):
    clinic_day.book(day)
    for now in (LATER, LATER + HOUR, TOMORROW - HOUR, TOMORROW - HOUR + MINUTE):
        reminding.remind_due(now=now)
    assert sorted(row.template for row in reminded()) == ["reminder.day_before", "reminder.morning"]


@pytest.mark.parametrize("_case", ["cancelled", "stopped", "night"])
def test_nobody_is_reminded_of_what_does_not_take_place_or_at_night(day, _case):
    booked = clinic_day.book(day)
    if _case == "cancelled":
        booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    elif _case == "stopped":
        changing.stop(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id, reason="医生生病")
    assert reminding.remind_due(now=LATER + 9 * HOUR if _case == "night" else LATER) == 0
    assert reminded() == []


def test_a_moved_visit_is_reminded_of_at_its_new_time(day):
    clinic_day.book(day)
    reminding.remind_due(now=LATER)
    changing.delay(actor=SYSTEM, now=LATER, session_id=day.tomorrow_id, minutes=30, reason="手术")
    reminding.remind_due(now=LATER + HOUR)
    assert ["09:30–09:45" in row.text for row in reminded()].count(True) == 1


def test_a_household_that_takes_no_text_is_on_the_list_of_calls_once(day):
    person_id = rooms.somebody(day.room)
    identity.add_contact(
        actor=day.room.clerk,
        now=NOW,
        person_id=person_id,
        phone="12000000021",
        manner=ContactManner.VOICE_ONLY,
        organization_id=day.hospital_id,
    )
    clinic_day.book(day, actor=day.room.clerk, person_id=person_id)
    for now in (LATER, TOMORROW - HOUR):
        reminding.remind_due(now=now)
    assert [row.channel for row in reminded()] == [Channel.CALL_LIST]
