"""The mini-programme's door: the same journeys as the pages, in JSON."""

from datetime import timedelta

import pytest
from django.test import Client

from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel
from jiuyi.foundation import audit, clock, tokens
from jiuyi.kernel.ids import new_id
from tests.factories import callers, clinic_day, people
from tests.factories.clinic_day import NOW, PHONE, TOMORROW


@pytest.fixture
def phone(day):
    """The family's mini-programme."""
    return callers.mini_programme(day.account)


def test_signing_in_by_the_code_on_the_phone(day, monkeypatch):
    caller = callers.MiniProgramme("")
    later = NOW + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    asked = caller.post("sign-in/code/", {"phone": PHONE, "device": "an-installation"})
    signed = caller.post("sign-in/", {"phone": PHONE, "device": "an-installation", "code": people.sent_code(PHONE)})
    wrong = caller.post("sign-in/", {"phone": PHONE, "device": "an-installation", "code": "000000"})

    assert asked.status_code == 204
    assert signed.status_code == 200
    assert signed.json()["account_id"] == str(day.account.id)
    assert tokens.bearer(signed.json()["token"], request_id=None, now=later).actor.id == day.account.id
    assert (wrong.status_code, wrong.json()["code"]) == (422, "identity.wrong_code")


def test_a_token_ends(day, phone, monkeypatch):
    assert phone.get("people/").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: NOW + tokens.TOKEN_LIFE)
    assert phone.get("people/").status_code == 401
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert phone.post("sign-out/").status_code == 204
    answer = phone.get("people/")
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_again")


@pytest.mark.parametrize(
    ("_case", "authorization"),
    [("none", None), ("another scheme", "Basic abc"), ("a guess", "Bearer abc"), ("empty", "Bearer ")],
)
def test_nobody_without_a_token(day, _case, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    answer = Client().get("/api/v1/bookings/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_again")


def test_from_hospital_to_window(day, phone):
    (hospital,) = phone.get("hospitals/").json()
    (department,) = phone.get(f"hospitals/{hospital['id']}/departments/").json()
    (doctor,) = phone.get(f"departments/{department['id']}/doctors/").json()
    found = phone.get(f"departments/{department['id']}/doctors/{doctor['id']}/sessions/", day=TOMORROW.date().isoformat()).json()
    windows = phone.get(f"sessions/{found[0]['id']}/windows/").json()
    terms = phone.get(f"sessions/{found[0]['id']}/quote/", window_start=windows[0]["start"]).json()

    assert hospital["id"] == str(day.hospital_id)
    assert [each["id"] for each in found] == [str(day.tomorrow_id)]
    assert [each["free"] for each in windows] == [1, 1, 1, 1]
    assert terms["fee_fen"] == doctor["fee_fen"]
    assert len(phone.get("red-flags/").json()) == 12


def test_booking_paying_and_cancelling(day, phone):
    key = new_id()
    made = phone.book(day.person_id, day.tomorrow_id, TOMORROW, key=key)
    again = phone.book(day.person_id, day.tomorrow_id, TOMORROW, key=key)
    booked = made.json()
    begun = phone.post(f"bookings/{booked['id']}/payment/", {"return_url": "https://example.test/back"}, key=new_id())
    shown = phone.get(f"bookings/{booked['id']}/").json()
    facts = schedule.facts_appointment(booked["id"])

    assert made.status_code == 200
    assert again.json() == booked
    assert booked["held"]
    assert begun.json()["url"].startswith("/cashier-of-tests/")
    assert (shown["status"], shown["voucher"], shown["channel"]) == ("held", None, "mini_programme")
    assert facts.channel is BookingChannel.MINI_PROGRAMME
    assert facts.account_id == day.account.id
    assert made.headers["Cache-Control"] == "no-store"

    clinic_day.arrives(begun.json()["payment_id"])
    assert phone.get(f"bookings/{booked['id']}/").json()["voucher"] == facts.voucher
    gone = phone.post(f"bookings/{booked['id']}/cancel/", {"reason": "recovered"}).json()
    assert gone == {"refunded_fen": facts.fee_fen, "late": False}
    assert schedule.facts_appointment(booked["id"]).status is AppointmentStatus.CANCELLED


def test_moving_a_booking_keeps_it(day, phone):
    booked = clinic_day.book(day)
    key, there = new_id(), {"session_id": str(day.tomorrow_id), "window_start": (TOMORROW + timedelta(minutes=30)).isoformat()}
    first, again = (phone.post(f"bookings/{booked.appointment_id}/reschedule/", there, key=key) for _ in range(2))
    assert (first.status_code, first.json()["refunded_fen"]) == (200, 0)
    assert again.status_code == 200
    assert schedule.facts_appointment(booked.appointment_id).window_start == TOMORROW + timedelta(minutes=30)


def test_a_place_that_is_gone_is_refused_with_the_nearest(day, phone):
    clinic_day.book(day, person_id=day.mother_id)
    answer = phone.book(day.person_id, day.tomorrow_id, TOMORROW)

    assert answer.status_code == 422
    body = answer.json()
    assert (body["code"], body["conflicts"]) == ("scheduling.place_gone", ["place_gone"])
    assert body["nearest"][0]["session_id"] == str(day.tomorrow_id)
    assert body["message"].startswith("这个时段刚刚约满")
    assert not [each for each in schedule.facts_appointments_of_person(day.person_id) if each.status is AppointmentStatus.HELD]


def test_the_answer_is_in_the_callers_language(day, phone):
    wish = {"person_id": str(day.person_id), "session_id": str(new_id()), "window_start": TOMORROW.isoformat(), "no_red_flags": True}
    answer = phone.post("bookings/", wish, key=new_id(), **{"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.json()["message"].isascii()


def test_red_flags_come_before_a_booking(day, phone):
    answer = phone.book(day.person_id, day.tomorrow_id, TOMORROW, no_red_flags=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "emergency_first")
    assert schedule.facts_appointments_of_person(day.person_id) == []


def test_anothers_booking_is_not_found_and_the_attempt_is_seen(day, phone):
    booked = clinic_day.book(day)
    stranger = callers.mini_programme(people.signed_in("12000000002"))
    for answer in (
        stranger.get(f"bookings/{booked.appointment_id}/"),
        stranger.post(f"bookings/{booked.appointment_id}/cancel/"),
        stranger.post(f"bookings/{booked.appointment_id}/payment/", {"return_url": "/"}, key=new_id()),
        stranger.book(day.person_id, day.today_id, clinic_day.OPENS),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert schedule.facts_appointment(booked.appointment_id).status is AppointmentStatus.BOOKED
    assert len(audit.entries(kind=audit.AuditKind.REFUSED, object_id=booked.appointment_id)) >= 3


def test_another_account_cannot_use_the_same_key_for_its_own(day, phone):
    key = new_id()
    phone.book(day.person_id, day.tomorrow_id, TOMORROW, key=key)
    other = people.signed_in("12000000002")
    other_person = people.claim(other, name="赵小满", number=people.id_number(people.date(1990, 1, 2), serial=55))
    made = callers.mini_programme(other).book(other_person, day.tomorrow_id, TOMORROW + timedelta(minutes=15), key=key)
    assert made.status_code == 200


@pytest.mark.parametrize(
    ("_case", "body"),
    [("no body", {}), ("a naive time", {"window_start": "2026-03-03T09:00:00"}), ("no person", {"person_id": "x"})],
)
def test_a_misshapen_wish_names_its_fields(day, phone, _case, body):
    answer = phone.post("bookings/", body, key=new_id())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["fields"]


def test_no_key_no_booking(day, phone):
    answer = phone.post("bookings/", {})
    assert answer.status_code == 422
    assert "idempotency_key" in " ".join(answer.json()["fields"]).replace("-", "_").lower()


def test_the_description_and_its_page_load_under_our_policy(db):
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]
    text = page.content.decode()
    assert "https://" not in text
    assert '<script type="application/json"' in text
    assert "<script>" not in text
    assert Client().get("/api/v1/openapi.json").json()["paths"]
