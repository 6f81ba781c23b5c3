"""Publishing sessions, and what they offer; with the speed that pages count on."""

import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.words import BadSession, DoctorBusy, HalfDay, NumberClass, WindowPassed
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def new_session(clinic, **changes) -> actions.NewSession:
    starts_at = changes.pop("starts_at", OPENS)
    return actions.NewSession(**{
        "practitioner_id": clinic.practitioner_id, "department_id": clinic.department_id, "room_id": clinic.room_id,
        "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "number_class": NumberClass.ORDINARY, "per_window": 2,
        "visible_at": NOW,
    } | changes)  # fmt: skip


def publish(*sessions, actor=SYSTEM):
    return actions.publish_sessions(actor=actor, now=NOW, sessions=sessions)


def test_a_session_has_windows_of_fifteen_minutes_with_its_places(clinic):
    wanted = new_id()
    assert publish(new_session(clinic, id=wanted)) == [wanted]
    windows = queries.session_windows(wanted, NOW)
    assert [(w.start, w.end, w.free, w.total, w.passed) for w in windows] == [
        (OPENS + n * QUARTER, OPENS + (n + 1) * QUARTER, 2, 2, False) for n in range(4)
    ]
    facts = queries.facts_session(wanted, NOW)
    assert (facts.capacity, facts.free, facts.half_day, facts.service_date) == (8, 8, HalfDay.MORNING, date(2026, 3, 3))
    assert queries.window_end(wanted, OPENS) == OPENS + QUARTER
    for missing in (lambda: queries.facts_session(new_id(), NOW), lambda: queries.session_windows(new_id(), NOW)):
        with pytest.raises(NotFound):
            missing()


@pytest.mark.catalogue("C2", part="no published outpatient window is longer than 15 minutes")
def test_every_reason_is_named_at_once_and_nothing_is_published(clinic):
    good = new_session(clinic)
    for changes, fields in (
        ({"slot_minutes": 16, "per_window": 0, "ends_at": OPENS}, {"slot_minutes", "per_window", "ends_at"}),
        ({"ends_at": OPENS + DAY}, {"ends_at"}),
        ({"slot_minutes": -1}, {"slot_minutes"}),
    ):
        with pytest.raises(BadSession) as caught:
            publish(good, new_session(clinic, starts_at=OPENS + 2 * DAY, **({"ends_at": OPENS + 2 * DAY} | changes)))
        assert fields <= set(caught.value.fields)
    with pytest.raises(NotAllowed):
        publish(good, actor=PATIENT)
    assert queries.sessions_on(clinic.department_id, OPENS.date(), NOW) == []
    assert len(publish(good)) == 1


def test_a_session_may_end_at_midnight(clinic):
    evening = OPENS + timedelta(hours=10)  # 18:00
    [session_id] = publish(new_session(clinic, starts_at=evening, ends_at=evening + timedelta(hours=6)))
    assert len(queries.session_windows(session_id, NOW)) == 24


def test_a_doctor_is_in_one_place_at_a_time_anywhere(clinic):
    [first] = publish(new_session(clinic))
    with pytest.raises(DoctorBusy):
        publish(new_session(clinic, starts_at=OPENS + timedelta(minutes=59)))
    # Touching is not overlapping, and a stopped session is in nobody's way.
    publish(new_session(clinic, starts_at=OPENS + timedelta(hours=1)))
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=first)
    publish(new_session(clinic))


def test_one_that_has_begun_is_published_and_sells_what_is_left(clinic):
    now = OPENS + timedelta(minutes=20)
    [session_id] = actions.publish_sessions(actor=SYSTEM, now=now, sessions=[new_session(clinic, visible_at=OPENS - DAY)])
    assert [(w.passed, w.free) for w in queries.session_windows(session_id, now)] == [(True, 0), (False, 2), (False, 2), (False, 2)]
    with pytest.raises(WindowPassed):
        schedules.book(session_id, schedules.person(clinic), window_start=OPENS, now=now)
    assert schedules.book(session_id, schedules.person(clinic), window_start=OPENS + QUARTER, now=now)


def test_unreleased_and_stopped_sessions_offer_nothing(clinic):
    [hidden, stopped] = publish(new_session(clinic, visible_at=NOW + timedelta(seconds=1)), new_session(clinic, starts_at=OPENS + DAY))
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=stopped)
    assert queries.sessions_on(clinic.department_id, OPENS.date(), NOW) == []
    assert sum(w.free for w in queries.session_windows(hidden, NOW)) == 0
    assert queries.departments_with_sessions(clinic.organization_id, NOW) == []
    assert [s.session_id for s in queries.sessions_on(clinic.department_id, OPENS.date(), NOW + timedelta(seconds=1))] == [hidden]


def test_what_a_department_offers(clinic):
    second = schedules.doctor(clinic.organization_id, "吴敏")
    [first, other, later] = publish(
        new_session(clinic, per_window=1),
        new_session(clinic, practitioner_id=second, number_class=NumberClass.CHIEF, starts_at=OPENS + timedelta(hours=6)),
        new_session(clinic, starts_at=OPENS + 3 * DAY),
    )
    for number, person in enumerate(schedules.people(clinic, 4)):
        schedules.book(first, person, window_start=OPENS + number * QUARTER)
    days = queries.available_days(clinic.department_id, OPENS.date(), 4, NOW)
    assert [(d.free, d.total, d.sessions) for d in days] == [(8, 12, 2), (0, 0, 0), (0, 0, 0), (8, 8, 1)]
    assert [s.session_id for s in queries.sessions_on(clinic.department_id, OPENS.date(), NOW)] == [first, other]
    assert [(d.practitioner_id, d.number_class, d.next_day, d.free) for d in queries.doctors_available(clinic.department_id, NOW)] == [
        (second, NumberClass.CHIEF, date(2026, 3, 3), 8), (clinic.practitioner_id, NumberClass.ORDINARY, date(2026, 3, 6), 8),
    ]  # fmt: skip
    [offer] = queries.departments_with_sessions(clinic.organization_id, NOW)
    assert (offer.department_id, offer.next_day) == (clinic.department_id, date(2026, 3, 3))
    assert queries.organizations_with_sessions(NOW) == {clinic.organization_id}
    ahead = queries.sessions_ahead(clinic.department_id, clinic.practitioner_id, OPENS.date(), 4, NOW)
    assert [s.session_id for s in ahead] == [first, later]
    assert [s.session_id for s in queries.sessions_of_practitioner(second, OPENS.date(), NOW)] == [other]


def test_two_weeks_of_a_county_are_published_and_read_quickly(clinic):
    """80 doctors × 14 days × 2 half-days × 40 places. Times are generous for a busy machine; the number of statements is exact."""
    doctors = [schedules.doctor(clinic.organization_id, f"医{number}") for number in range(80)]
    sessions = [
        new_session(clinic, practitioner_id=doctor, starts_at=start, ends_at=start + timedelta(minutes=150), per_window=4)
        for doctor in doctors
        for day in range(14)
        for start in (OPENS + day * DAY, OPENS + day * DAY + timedelta(hours=6))
    ]
    began = time.perf_counter()
    session_id = publish(*sessions)[0]
    assert time.perf_counter() - began < 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scheduling_place")
        assert cursor.fetchone() == (80 * 14 * 2 * 40,)
        cursor.execute("ANALYZE scheduling_place, scheduling_clinicsession")
    reads = {
        # All 80 doctors stand in one department here: twenty times what a real page asks for.
        "available_days": (1, 0.5, lambda: queries.available_days(clinic.department_id, OPENS.date(), 14, NOW)),
        "doctors_available": (1, 0.5, lambda: queries.doctors_available(clinic.department_id, NOW)),
        "sessions_on": (1, 0.1, lambda: queries.sessions_on(clinic.department_id, OPENS.date(), NOW)),
        "sessions_ahead": (1, 0.1, lambda: queries.sessions_ahead(clinic.department_id, doctors[0], OPENS.date(), 14, NOW)),
        "session_windows": (1, 0.1, lambda: queries.session_windows(session_id, NOW)),
        "departments_with_sessions": (1, 0.1, lambda: queries.departments_with_sessions(clinic.organization_id, NOW)),
        "organizations_with_sessions": (1, 0.1, lambda: queries.organizations_with_sessions(NOW)),
        "nearest_free": (1, 0.5, lambda: queries.nearest_free(session_id, OPENS, NOW)),
    }
    for name, (statements, seconds, read) in reads.items():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            took = []
            for _ in range(3):
                began = time.perf_counter()
                assert read()
                took.append(time.perf_counter() - began)
        print(f"{name}: {min(took) * 1000:.1f} ms")  # noqa: T201  # shown by -s
        assert len(captured) == 3 * statements, name
        assert min(took) < seconds, name
