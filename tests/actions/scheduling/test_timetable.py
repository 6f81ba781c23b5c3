"""The standing timetable becomes sessions: weeks ahead, once, without holidays and exceptions, every conflict named."""

from datetime import UTC, date, datetime, time

import pytest

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions import generating, timetable
from jiuyi.domains.scheduling.actions.sessions import NewSession
from jiuyi.domains.scheduling.actions.timetable import NewTemplate
from jiuyi.domains.scheduling.queries import timetable as reading
from jiuyi.domains.scheduling.rules import DayKind
from jiuyi.domains.scheduling.words import (
    BadSession,
    ExceptionKind,
    HalfDay,
    NumberClass,
    Pool,
    SessionKind,
    SessionStatus,
    WeekRhythm,
)
from jiuyi.domains.scheduling.words.planning import BadException, BadTemplate, PlanConflict, PlanOutcome
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.clock import instant_at
from jiuyi.kernel.refusals import NotAllowed
from tests.factories import institutions, schedules

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 0, tzinfo=UTC)  # Monday 08:00
TODAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 15)


@pytest.fixture
def county():
    return institutions.build_county(NOW)


@pytest.fixture
def doctor_id(county):
    return institutions.add_doctor(county.hospital_id, county.medicine_id, room_id=county.room_id, now=NOW)


def new(county, doctor_id, **changes):
    values = {
        "practitioner_id": doctor_id,
        "department_id": county.medicine_id,
        "room_id": county.room_id,
        "weekday": 1,
        "start_minute": 480,
        "end_minute": 690,
        "number_class": NumberClass.ORDINARY,
        "per_window": 3,
        "valid_from": TODAY,
    }
    return NewTemplate(**{**values, **changes})


def add(county, doctor_id, **changes):
    return timetable.add_template(actor=SYSTEM, now=NOW, template=new(county, doctor_id, **changes))


def generate(county, until=SUNDAY, now=NOW):
    return generating.generate_sessions(actor=SYSTEM, now=now, department_id=county.medicine_id, until=until)


def outcomes(generation):
    return [(row.day, row.outcome) for row in generation.rows]


def test_sessions_are_generated_once(county, doctor_id):
    add(county, doctor_id)
    first = generate(county)
    assert outcomes(first) == [(date(2026, 3, 3), PlanOutcome.PUBLISHED), (date(2026, 3, 10), PlanOutcome.PUBLISHED)]
    again = generate(county)
    assert outcomes(again) == [(date(2026, 3, 3), PlanOutcome.EXISTS), (date(2026, 3, 10), PlanOutcome.EXISTS)]
    assert [row.session_id for row in again.rows] == [row.session_id for row in first.rows]
    assert models.ClinicSession.objects.count() == 2
    session = models.ClinicSession.objects.get(pk=first.rows[0].session_id)
    assert (session.capacity, session.starts_at, session.room_id) == (42, instant_at(date(2026, 3, 3), time(8)), county.room_id)
    assert models.Place.objects.filter(session=session, pool=Pool.ONSITE).count() == 11


def test_a_preview_writes_nothing(county, doctor_id):
    add(county, doctor_id)
    preview = generating.preview_sessions(actor=SYSTEM, now=NOW, department_id=county.medicine_id, until=SUNDAY)
    assert [row.outcome for row in preview.rows] == [PlanOutcome.NEW, PlanOutcome.NEW]
    assert not models.ClinicSession.objects.exists()


@pytest.mark.parametrize(
    ("_case", "changes", "days"),
    [
        ("odd weeks", {"rhythm": WeekRhythm.ODD}, [date(2026, 3, 10)]),
        ("even weeks", {"rhythm": WeekRhythm.EVEN}, [date(2026, 3, 3)]),
        ("from a later day", {"valid_from": date(2026, 3, 4)}, [date(2026, 3, 10)]),
        ("until a day", {"valid_until": date(2026, 3, 10)}, [date(2026, 3, 3)]),
        ("today, not over yet", {"weekday": 0}, [date(2026, 3, 2), date(2026, 3, 9)]),
        ("today, over", {"weekday": 0, "start_minute": 420, "end_minute": 480}, [date(2026, 3, 9)]),
        ("Saturdays", {"weekday": 5}, [date(2026, 3, 7), date(2026, 3, 14)]),
    ],
)
def test_which_days_a_template_makes(county, doctor_id, _case, changes, days):
    add(county, doctor_id, **changes)
    assert [row.day for row in generate(county).of(PlanOutcome.PUBLISHED)] == days


def test_a_holiday_has_no_session_and_a_make_up_day_has(county, doctor_id):
    now = datetime(2026, 9, 28, 0, tzinfo=UTC)
    add(county, doctor_id, weekday=3, valid_from=date(2026, 9, 1))
    add(county, doctor_id, weekday=0, valid_from=date(2026, 9, 1))
    rows = generate(county, until=date(2026, 10, 11), now=now).rows
    assert {(row.day, row.outcome) for row in rows} == {
        (date(2026, 9, 28), PlanOutcome.PUBLISHED),
        (date(2026, 10, 1), PlanOutcome.HOLIDAY),
        (date(2026, 10, 5), PlanOutcome.HOLIDAY),
        (date(2026, 10, 8), PlanOutcome.PUBLISHED),
        (date(2026, 10, 10), PlanOutcome.PUBLISHED),  # a Saturday that makes up for a Monday
    }


def test_what_is_decided_by_hand_wins_over_the_calendar(county, doctor_id):
    add(county, doctor_id)
    timetable.decide_day(actor=SYSTEM, now=NOW, day=date(2026, 3, 3), working=False, note="停水")
    assert outcomes(generate(county)) == [(date(2026, 3, 3), PlanOutcome.HOLIDAY), (date(2026, 3, 10), PlanOutcome.PUBLISHED)]
    assert reading.calendar_days(date(2026, 3, 3), 1)[0] == reading.DayFacts(
        day=date(2026, 3, 3), kind=DayKind.HOLIDAY, decided=True, provisional=False, note="停水"
    )
    timetable.decide_day(actor=SYSTEM, now=NOW, day=date(2026, 3, 3), working=None)
    assert reading.is_working_day(date(2026, 3, 3))
    assert len(generate(county).of(PlanOutcome.PUBLISHED)) == 1


@pytest.mark.parametrize(
    ("_case", "of_doctor", "half_day", "outcome"),
    [
        ("the doctor is away", True, None, PlanOutcome.EXCEPTION),
        ("the department is closed", False, None, PlanOutcome.EXCEPTION),
        ("the morning", True, HalfDay.MORNING, PlanOutcome.EXCEPTION),
        ("the afternoon only", True, HalfDay.AFTERNOON, PlanOutcome.PUBLISHED),
    ],
)
def test_exceptions(county, doctor_id, _case, of_doctor, half_day, outcome):
    add(county, doctor_id)
    timetable.add_exception(
        actor=SYSTEM,
        now=NOW,
        department_id=county.medicine_id,
        practitioner_id=doctor_id if of_doctor else None,
        first_day=date(2026, 3, 3),
        last_day=date(2026, 3, 4),
        kind=ExceptionKind.LEAVE,
        half_day=half_day,
    )
    assert outcomes(generate(county)) == [(date(2026, 3, 3), outcome), (date(2026, 3, 10), PlanOutcome.PUBLISHED)]


def test_an_exception_takes_what_nobody_booked_off_the_schedule_and_names_the_rest(county, doctor_id):
    add(county, doctor_id)
    booked, empty = (row.session_id for row in generate(county).rows)
    where = schedules.Clinic(county.hospital_id, county.medicine_id, county.room_id, doctor_id)
    place = models.Place.objects.filter(session_id=booked, pool=Pool.PUBLIC).order_by("window_start").first()
    schedules.book(booked, schedules.person(where), window_start=place.window_start, now=NOW)
    cleared = timetable.add_exception(
        actor=SYSTEM,
        now=NOW,
        department_id=county.medicine_id,
        practitioner_id=doctor_id,
        first_day=TODAY,
        last_day=SUNDAY,
        kind=ExceptionKind.LEAVE,
    )
    assert (cleared.withdrawn, cleared.still_booked) == ([empty], [booked])
    assert dict(models.ClinicSession.objects.values_list("id", "status")) == {booked: SessionStatus.OPEN, empty: SessionStatus.STOPPED}
    timetable.remove_exception(actor=SYSTEM, now=NOW, exception_id=cleared.id, department_id=county.medicine_id)
    assert outcomes(generate(county)) == [(date(2026, 3, 3), PlanOutcome.EXISTS), (date(2026, 3, 10), PlanOutcome.PUBLISHED)]


def test_days_that_run_backward_are_refused(county, doctor_id):
    with pytest.raises(BadException):
        timetable.add_exception(
            actor=SYSTEM,
            now=NOW,
            department_id=county.medicine_id,
            practitioner_id=doctor_id,
            first_day=SUNDAY,
            last_day=TODAY,
            kind=ExceptionKind.LEAVE,
        )
    assert not models.TemplateException.objects.exists()


def test_a_changed_template_leaves_the_past_and_moves_the_future(county, doctor_id):
    template_id = add(county, doctor_id)
    generate(county)
    later = date(2026, 3, 9)
    changed = timetable.change_template(
        actor=SYSTEM,
        now=NOW,
        template_id=template_id,
        from_day=later,
        template=new(county, doctor_id, start_minute=840, end_minute=1020, valid_from=later),
    )
    assert len(changed.withdrawn) == 1
    assert outcomes(generate(county)) == [(date(2026, 3, 3), PlanOutcome.EXISTS), (date(2026, 3, 10), PlanOutcome.PUBLISHED)]
    starts = models.ClinicSession.objects.filter(status=SessionStatus.OPEN).order_by("starts_at").values_list("starts_at", flat=True)
    assert list(starts) == [instant_at(date(2026, 3, 3), time(8)), instant_at(date(2026, 3, 10), time(14))]
    assert [(each.id, each.valid_until) for each in reading.templates(county.medicine_id, on=TODAY)] == [
        (template_id, later),
        (changed.id, None),
    ]


def test_a_template_that_never_began_leaves_no_trace(county, doctor_id):
    template_id = add(county, doctor_id, valid_from=date(2026, 3, 9))
    generate(county)
    timetable.end_template(actor=SYSTEM, now=NOW, template_id=template_id, last_day=TODAY)
    assert not models.ScheduleTemplate.objects.exists()
    assert set(models.ClinicSession.objects.values_list("status", flat=True)) == {SessionStatus.STOPPED}


def test_everything_wrong_with_a_template_is_named_at_once(county, doctor_id):
    wrong = {"weekday": 7, "end_minute": 400, "slot_minutes": 20, "per_window": 0, "valid_until": TODAY}
    with pytest.raises(BadTemplate) as refused:
        add(county, doctor_id, **wrong)
    assert set(refused.value.fields) == set(wrong)
    assert not models.ScheduleTemplate.objects.exists()


@pytest.mark.parametrize(
    ("_case", "elsewhere", "start", "fields"),
    [
        ("free afternoon", False, 840, set()),
        ("same hours", False, 600, {"start_minute"}),
        ("next minute here", False, 690, set()),
        ("next minute elsewhere", True, 690, {"end_minute"}),
        ("an hour's road less a minute", True, 749, {"end_minute"}),
        ("an hour's road", True, 750, set()),
    ],
)
def test_a_doctor_is_in_one_place_and_needs_time_for_the_road(county, doctor_id, _case, elsewhere, start, fields):
    add(county, doctor_id)
    department_id = institutions.add_department(county.township_id, "中医馆", "ZY", now=NOW) if elsewhere else county.medicine_id
    changes = {"department_id": department_id, "room_id": None, "start_minute": start, "end_minute": start + 60}
    if not fields:
        assert add(county, doctor_id, **changes)
        return
    with pytest.raises(BadTemplate) as refused:
        add(county, doctor_id, **changes)
    assert set(refused.value.fields) == fields
    assert models.ScheduleTemplate.objects.count() == 1


def test_one_bad_row_never_fails_the_batch_and_names_all_its_conflicts(county, doctor_id):
    good = add(county, doctor_id, weekday=2)
    add(county, doctor_id)
    visitor = institutions.add_doctor(county.township_id, county.medicine_id, name="林远", now=NOW)
    bad = add(county, visitor, room_id=None, weekday=3, slot_minutes=None)
    generating.publish_one_off(
        actor=SYSTEM,
        now=NOW,
        session=NewSession(
            practitioner_id=doctor_id,
            department_id=county.medicine_id,
            room_id=county.room_id,
            starts_at=instant_at(date(2026, 3, 3), time(9)),
            ends_at=instant_at(date(2026, 3, 3), time(10)),
            number_class=NumberClass.ORDINARY,
            per_window=1,
            visible_at=NOW,
        ),
    )
    rows = generate(county, until=date(2026, 3, 8)).rows
    assert [(row.day, row.outcome, row.conflicts) for row in rows] == [
        (date(2026, 3, 3), PlanOutcome.CONFLICT, (PlanConflict.DOCTOR_BUSY,)),
        (date(2026, 3, 4), PlanOutcome.PUBLISHED, ()),
        (date(2026, 3, 5), PlanOutcome.CONFLICT, (PlanConflict.NO_ROOM, PlanConflict.NO_CONTACT)),
    ]
    assert [row.template_id for row in rows][1:] == [good, bad]


def test_a_shared_room_is_only_pointed_out(county, doctor_id):
    add(county, doctor_id)
    other = institutions.add_doctor(county.hospital_id, county.medicine_id, name="周启明", now=NOW)
    add(county, other)
    rows = generate(county, until=date(2026, 3, 4)).rows
    assert [row.outcome for row in rows] == [PlanOutcome.PUBLISHED] * 2
    assert sorted(row.conflicts for row in rows) == [(), (PlanConflict.ROOM_SHARED,)]


def one_off(county, doctor_id, **changes):
    values = {
        "practitioner_id": doctor_id,
        "department_id": county.medicine_id,
        "room_id": county.room_id,
        "starts_at": instant_at(date(2026, 3, 5), time(9)),
        "ends_at": instant_at(date(2026, 3, 5), time(11)),
        "number_class": NumberClass.RENOWNED,
        "per_window": 1,
        "visible_at": NOW,
    }
    return generating.publish_one_off(actor=SYSTEM, now=NOW, session=NewSession(**{**values, **changes}))


@pytest.mark.catalogue("C14", part="publication fails loudly if a field is missing")
def test_a_visiting_expert_is_not_published_with_a_field_missing(county):
    visitor = institutions.add_doctor(county.township_id, county.medicine_id, name="林远", now=NOW)
    for missing in ({"room_id"}, {"contact"}, {"how_to_book"}, {"room_id", "contact", "how_to_book"}):
        given = {"room_id": county.room_id, "contact": "门诊办 0100-2000", "how_to_book": "电话预约"}
        given |= {name: None if name == "room_id" else " " for name in missing}
        with pytest.raises(BadSession) as refused:
            one_off(county, visitor, **given)
        assert set(refused.value.fields) == missing
    assert not models.ClinicSession.objects.exists()
    session_id = one_off(county, visitor, contact="门诊办 0100-2000", how_to_book="电话预约")
    (shown,) = reading.visiting_sessions(TODAY, 7, now=NOW)
    assert (shown.session_id, shown.kind, shown.contact) == (session_id, SessionKind.VISITING, "门诊办 0100-2000")
    assert shown.free > 0


def test_everything_against_a_one_off_session_is_named_at_once(county):
    visitor = institutions.add_doctor(county.township_id, county.medicine_id, name="林远", now=NOW)
    one_off(county, visitor, contact="门诊办 0100-2000", how_to_book="电话预约")
    with pytest.raises(BadSession) as refused:
        one_off(county, visitor, per_window=0, slot_minutes=20)
    assert set(refused.value.fields) == {"starts_at", "contact", "how_to_book", "per_window", "slot_minutes"}
    assert models.ClinicSession.objects.count() == 1


def test_only_who_publishes_here_touches_the_timetable(county, doctor_id):
    nurse = institutions.staff_actor("nurse", county.hospital_id)
    elsewhere = institutions.staff_actor("secretary", county.township_id)
    for actor in (nurse, elsewhere):
        with pytest.raises(NotAllowed):
            timetable.add_template(actor=actor, now=NOW, template=new(county, doctor_id))
        with pytest.raises(NotAllowed):
            generating.generate_sessions(actor=actor, now=NOW, department_id=county.medicine_id, until=SUNDAY)
    with pytest.raises(NotAllowed):
        timetable.decide_day(actor=nurse, now=NOW, day=TODAY, working=False)
    assert not models.ScheduleTemplate.objects.exists()
    secretary = institutions.staff_actor("secretary", county.hospital_id)
    assert timetable.add_template(actor=secretary, now=NOW, template=new(county, doctor_id))
