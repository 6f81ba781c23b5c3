"""Partners' door: hold, confirm, cancel, agree; signed, never replayed, nothing of anybody else."""

from datetime import date, timedelta

import pytest

from jiuyi.domains.identity import queries as directory
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel
from jiuyi.foundation import access, clock, machine_keys
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.enrolled_devices import actor_of_device
from jiuyi.journeys import booking, partnering
from jiuyi.kernel.ids import new_id
from tests.factories import callers, clinic_day, people
from tests.factories.clinic_day import NOW, TOMORROW

NUMBER = people.id_number(date(1975, 6, 7), serial=44)
SOMEBODY = {"name": "郑春燕", "id_number": NUMBER}


@pytest.fixture
def platform(day):
    """A partner of the hospital."""
    return callers.partner(day.hospital_id)


def test_hold_confirm_cancel_and_agree(day, platform):
    key = new_id()
    held = platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY).json()
    firm = platform.call("POST", f"bookings/{key}/confirm/").json()
    facts = schedule.facts_appointment(held["id"])
    listed = platform.call("GET", f"reconciliation/?day={facts.service_date}").json()

    assert (held["status"], held["voucher"]) == ("held", None)
    assert (firm["status"], firm["voucher"]) == ("booked", facts.voucher)
    assert facts.channel is BookingChannel.PARTNER
    actor = actor_of_device(platform.device_id, None)
    assert [(each["key"], each["status"]) for each in listed] == [(partnering.house_key(actor, key), "booked")]

    gone = platform.call("POST", f"bookings/{key}/cancel/").json()
    assert gone["status"] == "cancelled"
    (row,) = platform.call("GET", f"reconciliation/?day={facts.service_date}").json()
    assert row["status"] == "cancelled"
    assert clinic_day.charge_of(facts.appointment_id).status.value == "cancelled"


def test_every_call_may_be_repeated(day, platform):
    key = new_id()
    first, second = (platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY).json() for _ in range(2))
    confirmed = [platform.call("POST", f"bookings/{key}/confirm/").json() for _ in range(2)]
    cancelled = [platform.call("POST", f"bookings/{key}/cancel/").json() for _ in range(2)]

    assert first == second
    assert confirmed[0] == confirmed[1]
    assert cancelled[0] == cancelled[1]
    assert len(schedule.facts_appointments_of_session(day.tomorrow_id, live_only=False)) == 1


def test_a_key_is_never_answered_with_somebody_elses_place(day, platform):
    key = new_id()
    held = platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY).json()
    others = [SOMEBODY | {"name": "孙立"}, {"name": "孙立", "id_number": people.id_number(date(1970, 1, 1), serial=45)}]
    for other in others:
        answer = platform.hold(key, day.tomorrow_id, TOMORROW, **other)
        assert (answer.status_code, answer.json()["code"]) == (422, "scheduling.key_conflict")
    assert platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY).json() == held
    assert len(schedule.facts_appointments_of_session(day.tomorrow_id, live_only=False)) == 1


def test_a_hold_that_lapsed_is_not_confirmed(day, platform):
    key = new_id()
    held = platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY).json()
    booking.expire_due(now=NOW + timedelta(minutes=30))
    answer = platform.call("POST", f"bookings/{key}/confirm/")
    assert (answer.status_code, answer.json()["code"]) == (422, "scheduling.hold_expired")
    assert schedule.facts_appointment(held["id"]).status is AppointmentStatus.EXPIRED


@pytest.mark.parametrize(
    ("_case", "how", "code"),
    [
        ("another secret", {"secret": "x"}, "bad_signature"),
        ("six minutes old", {"at": int((NOW - timedelta(minutes=6)).timestamp())}, "bad_signature"),
        ("six minutes ahead", {"at": int((NOW + timedelta(minutes=6)).timestamp())}, "bad_signature"),
        ("a short nonce", {"nonce": "abc"}, "bad_signature"),
        ("no scheme", {"header": "Bearer abc"}, "bad_signature"),
        ("rubbish", {"header": "JIUYI-HMAC-SHA256 key=, at=99999999999999999999"}, "bad_signature"),
    ],
)
def test_only_a_right_signature_acts(day, platform, _case, how, code):
    answer = platform.hold(new_id(), day.tomorrow_id, TOMORROW, **SOMEBODY, **how)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert schedule.facts_appointments_of_session(day.tomorrow_id) == []


def test_five_minutes_of_clock_skew_are_taken(day, platform):
    at = int((NOW - timedelta(minutes=5)).timestamp())
    assert platform.hold(new_id(), day.tomorrow_id, TOMORROW, **SOMEBODY, at=at).status_code == 200


def test_a_replay_is_refused_and_changes_nothing(day, platform):
    key = new_id()
    first = platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY, nonce="once-and-never-again")
    platform.call("POST", f"bookings/{key}/cancel/")
    again = platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY, nonce="once-and-never-again")
    assert first.status_code == 200
    assert (again.status_code, again.json()["code"]) == (401, "replayed")
    assert schedule.facts_appointments_of_session(day.tomorrow_id) == []


def test_a_signature_of_one_call_fits_no_other(day, platform):
    key = new_id()
    platform.hold(key, day.tomorrow_id, TOMORROW, **SOMEBODY)
    header = platform.signed("POST", f"/api/partner/v1/bookings/{key}/confirm/", b"")
    answer = platform.call("POST", f"bookings/{key}/cancel/", header=header)
    assert answer.status_code == 401


def test_a_partner_sees_only_its_own(day, platform):
    mine, theirs = new_id(), clinic_day.book(day, window_start=TOMORROW + timedelta(minutes=30))
    platform.hold(mine, day.tomorrow_id, TOMORROW, **SOMEBODY)
    other = callers.partner(day.hospital_id, "银行手机应用")

    for answer in (
        other.call("GET", f"bookings/{mine}/"),
        other.call("POST", f"bookings/{mine}/confirm/"),
        other.call("POST", f"bookings/{mine}/cancel/"),
        platform.call("GET", f"bookings/{theirs.appointment_id}/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert other.call("GET", f"reconciliation/?day={TOMORROW.date()}").json() == []
    # The same key of another partner is another key.
    number = people.id_number(date(1970, 1, 1), serial=45)
    assert other.hold(mine, day.tomorrow_id, TOMORROW + timedelta(minutes=15), name="孙立", id_number=number).status_code == 200


def test_a_booking_elsewhere_is_not_betrayed(day, platform):
    clinic_day.book(day, window_start=TOMORROW + timedelta(minutes=30))
    answer = platform.hold(new_id(), day.tomorrow_id, TOMORROW, name="李秀兰", id_number=people.LI_NUMBER)
    assert (answer.status_code, answer.json()["code"]) == (422, "book_at_the_desk")


def test_nobody_changes_a_known_persons_phone_from_outside(day, platform):
    before = directory.facts_phone(day.person_id)
    wish = {"session_id": str(day.tomorrow_id), "window_start": TOMORROW.isoformat(), "name": "李秀兰", "id_number": people.LI_NUMBER}
    answer = platform.call("PUT", f"bookings/{new_id()}/", wish | {"phone": "12000000077"})
    assert answer.status_code == 200
    assert directory.facts_phone(day.person_id) == before


def test_a_revoked_key_is_nobodys(day, platform):
    machine_keys.revoke(actor=SYSTEM, now=NOW, key_id=platform.issued.key_id)
    answer = platform.hold(new_id(), day.tomorrow_id, TOMORROW, **SOMEBODY)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")


def test_who_calls_too_often_waits(day, platform, monkeypatch):
    monkeypatch.setattr(machine_keys, "CALLS_PER_MINUTE", 3)
    answers = [platform.call("GET", f"reconciliation/?day={TOMORROW.date()}").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=1))
    platform.now = NOW + timedelta(minutes=1)
    assert platform.call("GET", f"reconciliation/?day={TOMORROW.date()}").status_code == 200


def test_a_partner_opens_no_record(day, platform):
    actor = actor_of_device(platform.device_id, new_id())
    assert not access.may(actor, "person.open", day.hospital_id)
    assert not access.may(actor, "appointment.open", day.hospital_id)
