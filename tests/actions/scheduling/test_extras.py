"""加号: only the session's doctor, known people, within the limit, each traceable; refused ones leave nothing behind."""

from datetime import timedelta

import pytest

from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions.extras import add_extra
from jiuyi.domains.scheduling.queries.extras import facts_extras
from jiuyi.domains.scheduling.words import AlreadyBookedThatDay, BookingMode, CancelReason, Party, Pool, SessionStopped
from jiuyi.domains.scheduling.words.extras import ExtraLimitReached, ExtraNeedsIdentity, ExtraReason, NotYourSession, SessionOver
from jiuyi.foundation import journal
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day, people, rooms
from tests.factories.clinic_day import OPENS
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@pytest.fixture
def day(db):
    return clinic_day.clinic_day()


@pytest.fixture(autouse=True)
def _places_agree_in_the_end(db):
    yield
    assert queries.count_place_difference() == 0


def known_person(day, serial=41):
    account = people.signed_in(f"120000001{serial:02d}")
    person_id = people.claim(
        account, name=f"王{chr(0x4E00 + 300 + serial)}", number=people.id_number(people.date(1970, 2, 3), serial=serial)
    )
    people.verify(account, person_id, day.hospital_id)
    return person_id


def extra(day, person_id, **changes):
    values = {
        "actor": day.room.doctor,
        "now": NOW,
        "session_id": day.today_id,
        "person_id": person_id,
        "reason": ExtraReason.CONDITION,
        "urgent": False,
        "fee_fen": 1500,
        "fee_rule": None,
        "idempotency_key": new_id(),
    }
    return add_extra(**{**values, **changes})


def state():
    return (models.Appointment.objects.count(), list(models.Place.objects.order_by("pk").values_list("pk", "state")))


def test_an_extra_place_stands_after_all_windows_and_apart_from_the_capacity(day):
    person_id = known_person(day)
    taken = extra(day, person_id)
    facts = queries.facts_appointment(taken.appointment_id)
    place = models.Place.objects.get(pk=facts.place_id)
    assert facts.window_start == OPENS + HOUR
    assert (place.extra, place.pool) == (True, Pool.EXTRA)
    assert models.Appointment.objects.get(pk=facts.appointment_id).mode == BookingMode.EXTRA
    assert models.ClinicSession.objects.get(pk=day.today_id).capacity == 4
    found = facts_extras(day.today_id, now=NOW)
    assert (found.limit, found.given, found.left) == (1, 1, 0)
    assert (found.rows[0].reason, found.rows[0].urgent) == (ExtraReason.CONDITION, False)
    assert any(each.name == "scheduling.ExtraAdded" for each in journal.entries_of_person(person_id))


def test_an_urgent_one_is_seen_in_the_window_that_runs(day):
    taken = extra(day, known_person(day), urgent=True, now=OPENS + timedelta(minutes=20))
    assert taken.window_start == OPENS + QUARTER


def test_the_same_request_again_makes_no_second_place(day):
    person_id, key = known_person(day), new_id()
    first = extra(day, person_id, idempotency_key=key)
    before = state()
    assert extra(day, person_id, idempotency_key=key).appointment_id == first.appointment_id
    assert state() == before


def test_the_limit_is_the_limit_and_a_cancelled_one_makes_room(day):
    first = extra(day, known_person(day))
    other = known_person(day, serial=42)
    before = state()
    with pytest.raises(ExtraLimitReached) as refused:
        extra(day, other)
    assert refused.value.data["limit"] == 1
    assert state() == before
    actions.cancel_appointment(actor=SYSTEM, now=NOW, appointment_id=first.appointment_id, reason=CancelReason.OTHER, by=Party.STAFF)
    assert extra(day, other)


def test_what_stands_against_an_extra_place(day):
    person_id = known_person(day)
    stranger_id, stranger = rooms.colleague(day.room)
    beside = models.ClinicSession.objects.get(pk=day.today_id)
    booked = clinic_day.book(day, person_id=day.person_id, window_start=OPENS).appointment_id
    assert booked
    before = state()
    for refusal, changes in (
        (NotYourSession, {"actor": stranger}),
        (NotYourSession, {"actor": day.room.clerk}),
        (ExtraNeedsIdentity, {"person_id": day.mother_id}),
        (AlreadyBookedThatDay, {"person_id": day.person_id}),
        (SessionOver, {"now": NOW + timedelta(days=1)}),
    ):
        with pytest.raises(refusal):
            extra(day, **{"person_id": person_id, **changes})
        assert state() == before
    assert stranger_id != beside.practitioner_id
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=day.today_id)
    before = state()
    with pytest.raises((SessionStopped, ExtraLimitReached)):
        extra(day, person_id)
    assert state() == before


def test_no_channel_sells_an_extra_place(day):
    taken = extra(day, known_person(day))
    assert not any(window.start == taken.window_start for window in queries.session_windows(day.today_id, NOW))
