"""The gate in this process, on the test's own database."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from msgspec import structs
from psycopg.conninfo import make_conninfo

from jiuyi.desks.gate.application import Gate
from jiuyi.domains.scheduling import queries
from jiuyi.domains.scheduling.actions import cancel_appointment, passes, stop_session
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelReason, open_pass, seal_pass
from jiuyi.foundation import clock
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.project.gate import gate_settings
from tests.factories import schedules
from tests.factories.schedules import PATIENT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def opens():
    """Tomorrow at a full hour, far from midnight: the gate reads the real clock."""
    return (clock.now() + timedelta(days=1)).replace(hour=2, minute=0, second=0, microsecond=0)


def database_url():
    values = connection.settings_dict
    named = {
        "dbname": values["NAME"],
        "user": values["USER"],
        "password": values["PASSWORD"],
        "host": values["HOST"],
        "port": values["PORT"],
    }
    return make_conninfo(**{name: value for name, value in named.items() if value})


def sealed(session_id, person_id, *, pay_at_arrival=False):
    pass_id = passes.issue_pass(
        actor=PATIENT,
        now=clock.now(),
        person_id=person_id,
        session_id=session_id,
        channel=BookingChannel.WEB,
        account_id=None,
        fee_fen=1500,
        fee_rule=None,
    )
    return passes.sealed(pass_id=pass_id, pay_at_arrival=pay_at_arrival)


def ask(*calls, lanes=2):
    """All calls at the same moment; (status, body or location) of each in order."""

    async def run():
        gate = Gate(gate_settings(settings.SECRET_KEY, database_url(), lanes=lanes))
        await gate.start()
        try:
            for _ in range(100):
                if gate.alive:
                    break
                await asyncio.sleep(0.02)
            return await asyncio.gather(*(one(gate, *call) for call in calls))
        finally:
            await gate.stop()

    return asyncio.run(run())


async def one(gate, method, path, body=b"", content_type=b"application/json"):
    sent = []
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(received)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"content-type", content_type), (b"accept-language", b"zh-CN")]}
    await gate(scope, receive, send)
    location = dict(sent[0]["headers"]).get(b"location")
    return sent[0]["status"], location.decode() if location else json.loads(sent[1]["body"] or b"null")


def claim(text, start, **more):
    return "POST", "/gate/v1/claim", json.dumps({"pass": text, "window_start": start.isoformat()} | more).encode()


def session(clinic, opens, **more):
    return schedules.session(clinic, starts_at=opens, now=clock.now(), visible_at=clock.now() - timedelta(minutes=1), **more)


def test_a_pass_takes_a_place_and_asked_again_gives_the_same_answer(clinic, opens):
    session_id, person_id = session(clinic, opens), schedules.person(clinic)
    text = sealed(session_id, person_id)
    (status, first), (again_status, again) = ask(claim(text, opens))[0], ask(claim(text, opens))[0]
    assert (status, first["code"], first["status"], first["repeated"]) == (200, "claimed", "held", False)
    assert (again_status, again["appointment_id"], again["voucher"], again["repeated"]) == (
        200,
        first["appointment_id"],
        first["voucher"],
        True,
    )
    facts = queries.facts_appointment(first["appointment_id"])
    assert (facts.person_id, facts.status, facts.voucher) == (person_id, AppointmentStatus.HELD, first["voucher"])


def test_a_rush_for_three_places(clinic, opens):
    session_id = session(clinic, opens, minutes=15, per_window=3)
    texts = [sealed(session_id, person_id) for person_id in schedules.people(clinic, 40)]
    answers = ask(*(claim(text, opens) for text in texts))
    assert Counter(body["code"] for _, body in answers) == {"claimed": 3, "scheduling.place_gone": 37}
    assert queries.count_place_difference() == 0


def test_one_persons_many_taps_in_one_batch_are_one_booking(clinic, opens):
    session_id = session(clinic, opens, per_window=5)
    text = sealed(session_id, schedules.person(clinic))
    answers = ask(*(claim(text, opens) for _ in range(20)), lanes=1)
    assert {(status, body["appointment_id"]) for status, body in answers} == {(200, answers[0][1]["appointment_id"])}
    assert sum(not body["repeated"] for _, body in answers) == 1


def test_a_second_pass_of_the_same_person_is_not_told_duplicate_when_the_first_was_refused(clinic, opens):
    """A trap that a prototype fell into: two requests of one person in one batch."""
    full = session(clinic, opens, minutes=15)
    schedules.book(full, schedules.person(clinic, "占号人"), window_start=opens, now=clock.now())
    doctor = schedules.doctor(clinic.organization_id, "钱医生")
    other = session(clinic, opens, minutes=15, practitioner_id=doctor)
    person_id = schedules.person(clinic)
    first, second = sealed(full, person_id), sealed(other, person_id)
    answers = ask(claim(first, opens), claim(second, opens), lanes=1)
    assert [body["code"] for _, body in answers] == ["scheduling.place_gone", "claimed"]


def test_a_poisoned_request_spoils_no_other(clinic, opens):
    session_id, nobody = session(clinic, opens, per_window=5), new_id()
    good = [sealed(session_id, person_id) for person_id in schedules.people(clinic, 3)]
    found = open_pass(good[0], passes.pass_key(), now=clock.now())
    poison = seal_pass(structs.replace(found, person_id=nobody, pass_id=new_id()), passes.pass_key())
    answers = ask(*(claim(text, opens) for text in [good[0], poison, good[1], good[2]]), lanes=1)
    assert [body["code"] for _, body in answers] == ["claimed", "invalid", "claimed", "claimed"]


@pytest.mark.parametrize(
    ("_case", "change", "status", "code"),
    [
        ("forged", lambda text, start, ids: claim(text[:40] + "x" * 10 + text[50:], start), 403, "scheduling.pass_forged"),
        ("of another session", lambda text, start, ids: claim(text, start, session_id=str(new_id())), 403, "scheduling.pass_foreign"),
        ("of another person", lambda text, start, ids: claim(text, start, person_id=str(new_id())), 403, "scheduling.pass_foreign"),
        ("no such window", lambda text, start, ids: claim(text, start + timedelta(minutes=7)), 404, "scheduling.no_such_window"),
        ("no pass", lambda text, start, ids: ("POST", "/gate/v1/claim", b"{}"), 422, "invalid"),
        ("no JSON", lambda text, start, ids: ("POST", "/gate/v1/claim", b"\xff\x00"), 422, "invalid"),
        ("too long", lambda text, start, ids: ("POST", "/gate/v1/claim", b"{" + b" " * 9000 + b"}"), 422, "invalid"),
        ("elsewhere", lambda text, start, ids: ("GET", "/gate/v1/nothing"), 404, "not_found"),
    ],
)
def test_what_the_gate_refuses_changes_nothing(clinic, opens, _case, change, status, code):
    session_id, person_id = session(clinic, opens), schedules.person(clinic)
    text = sealed(session_id, person_id)
    ((answered, body),) = ask(change(text, opens, (session_id, person_id)))
    assert (answered, body["code"]) == (status, code)
    assert body["message"]
    assert queries.facts_appointments_of_session(session_id, live_only=False) == []
    assert ask(claim(text, opens))[0][0] == 200  # the pass itself is as good as before


def test_a_pass_does_not_beat_a_stop(clinic, opens):
    session_id = session(clinic, opens)
    text = sealed(session_id, schedules.person(clinic))
    stop_session(actor=SYSTEM, now=clock.now(), session_id=session_id)
    ((status, body),) = ask(claim(text, opens))
    assert (status, body["code"]) == (422, "scheduling.session_stopped")


def test_a_full_window_is_answered_with_the_nearest_free_ones_and_every_conflict(clinic, opens):
    session_id = session(clinic, opens)
    schedules.book(session_id, schedules.person(clinic, "占号人"), window_start=opens, now=clock.now())
    text = sealed(session_id, schedules.person(clinic))
    answers = ask(("GET", f"/gate/v1/availability/{clinic.department_id}/"), claim(text, opens), claim(text, opens))
    assert answers[0][1]["sessions"][0]["windows"][0]["free"] == 0
    ((_, body),) = ask(claim(text, opens))
    assert body["conflicts"] == ["scheduling.place_gone"]


def test_a_pass_that_has_booked_one_window_does_not_book_another(clinic, opens):
    session_id = session(clinic, opens)
    text = sealed(session_id, schedules.person(clinic))
    ask(claim(text, opens))
    ((_, body),) = ask(claim(text, opens + timedelta(minutes=15)))
    assert body["code"] == "scheduling.pass_used"


def test_a_form_is_answered_with_a_page(clinic, opens):
    session_id = session(clinic, opens, minutes=15)
    first, second = (sealed(session_id, person_id) for person_id in schedules.people(clinic, 2))
    kind = b"application/x-www-form-urlencoded"

    def form(text):
        return "POST", "/gate/v1/claim", urlencode({"pass": text, "window_start": opens.isoformat()}).encode(), kind

    ((status, location),) = ask(form(first))
    assert status == 303
    assert location.startswith("/appointments/")
    ((status, location),) = ask(form(second))
    assert status == 303
    assert location.startswith(f"/release/{session_id}/")
    assert location.endswith("said=scheduling.place_gone")


def test_availability_is_what_can_be_booked(clinic, opens):
    session_id = session(clinic, opens, per_window=2)
    taken = schedules.book(session_id, schedules.person(clinic), window_start=opens, now=clock.now())
    path = f"/gate/v1/availability/{clinic.department_id}/"
    ((_, body),) = ask(("GET", path))
    assert abs(body["as_of"] - clock.now().timestamp()) < 5
    assert [window["free"] for window in body["sessions"][0]["windows"]] == [1, 2, 2, 2]
    cancel_appointment(actor=PATIENT, now=clock.now(), appointment_id=taken.appointment_id, reason=CancelReason.PLAN_CHANGED)
    assert ask(("GET", "/gate/v1/availability/nothing/"))[0][0] == 404
