"""What becomes of a place that was drawn: paid or lapsed, and what whoever was there is told about it."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.scheduling.models import ClinicSession, Place
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, DrawOutcome
from jiuyi.foundation import journal, notices
from jiuyi.foundation.models import JournalEntry
from jiuyi.journeys import booking, release_telling, releases
from tests.factories import clinic_day
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW, charge_of, status_of

pytestmark = pytest.mark.django_db
RELEASE = NOW + 10 * MINUTE


@pytest.fixture
def undrawn(day):
    """Tomorrow's session is released in ten minutes, by a draw."""
    ClinicSession.objects.filter(pk=day.tomorrow_id).update(draws=True, visible_at=RELEASE)
    Place.objects.filter(session_id=day.tomorrow_id).update(visible_at=RELEASE)
    return day


def enters(day, *, window=TOMORROW):
    return releases.enter(
        actor=day.account,
        now=NOW,
        person_id=day.person_id,
        session_id=day.tomorrow_id,
        wishes=[window],
        any_window=False,
        pay_at_arrival=False,
        channel=BookingChannel.WEB,
    )


def room(day, now):
    return releases.room(actor=day.account, now=now, person_id=day.person_id, session_id=day.tomorrow_id)


def hear(day):
    for entry in JournalEntry.objects.filter(name="scheduling.DrawDecided", person_id=day.person_id):
        release_telling.drawn(journal.row_of(entry))


def told():
    return [row.template for row in notices.outbox(limit=50) if row.template in {"drawn", "not_drawn"}]


def test_a_drawn_place_that_was_not_paid_is_not_shown_as_kept(undrawn):
    enters(undrawn)
    assert releases.draw_due(now=RELEASE) == 1
    assert room(undrawn, RELEASE).has_won
    appointment_id = room(undrawn, RELEASE).entry.appointment_id
    assert (status_of(appointment_id), charge_of(appointment_id).status) == (AppointmentStatus.HELD, ChargeStatus.UNPAID)
    assert booking.expire_due(now=RELEASE + 29 * MINUTE) == 0
    assert booking.expire_due(now=RELEASE + 30 * MINUTE) == 1
    assert charge_of(appointment_id).status is ChargeStatus.CANCELLED
    assert not room(undrawn, RELEASE + 30 * MINUTE).has_won
    hear(undrawn)
    assert told() == []


def test_whoever_has_booked_with_the_pass_is_not_told_that_nothing_was_drawn(undrawn):
    enters(undrawn)
    late = RELEASE + timedelta(seconds=25)  # no worker draws: everybody may book
    sealed = releases.issue(
        actor=undrawn.account,
        now=late,
        person_id=undrawn.person_id,
        session_id=undrawn.tomorrow_id,
        channel=BookingChannel.WEB,
        pay_at_arrival=True,
    )
    taken = releases.claim_with_pass(now=late, sealed=sealed, window_start=TOMORROW + 15 * MINUTE)
    releases.draw_due(now=late + MINUTE)
    assert room(undrawn, late + MINUTE).entry.outcome is DrawOutcome.LOST
    hear(undrawn)
    assert told() == []
    assert status_of(taken) is AppointmentStatus.BOOKED
    assert clinic_day.charge_of(booking.charge_claimed(appointment_id=taken, now=late) and taken).status is ChargeStatus.UNPAID


def test_the_drawn_and_those_left_out_are_told(undrawn):
    enters(undrawn)
    releases.draw_due(now=RELEASE)
    hear(undrawn)
    assert told() == ["drawn"]
