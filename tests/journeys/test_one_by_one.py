"""A sweep serves everybody else, whatever happens with one."""

import pytest

from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import Excuse
from jiuyi.foundation import notices
from jiuyi.journeys import absences, reaching, reminding, waiting
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW
from tests.journeys.test_changing import stops, told


def test_one_that_stumbles_is_left_out():
    assert one_by_one([1, 0, 2], lambda each: 4 // each, name="test") == 6


@pytest.fixture
def two(day):
    """Two visits of tomorrow morning."""
    first = clinic_day.book(day).appointment_id
    second = clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW + 15 * MINUTE).appointment_id
    return first, second


def stumbling(act, is_bad):
    def done(*args, **request):
        if is_bad(*args, **request):
            raise ZeroDivisionError
        return act(*args, **request)

    return done


def test_a_reminder_that_cannot_be_written_stops_no_other(day, two, monkeypatch):
    bad = stumbling(reminding._remind, lambda appointment, *_, **__: appointment.appointment_id == two[0])
    monkeypatch.setattr(reminding, "_remind", bad)
    assert reminding.remind_due(now=NOW + 240 * MINUTE) == 1
    assert [row.template for row in notices.outbox(limit=50) if row.template.startswith("reminder")] == ["reminder.day_before"]


def test_a_person_who_cannot_be_told_of_a_stop_stops_no_other(day, two, monkeypatch):
    stops(day)
    monkeypatch.setattr(reaching, "tell", stumbling(reaching.tell, lambda notice, **_: notice.appointment_id == two[0]))
    assert reaching.tell_untold(now=NOW) == 1
    assert len(told()) >= 1


def test_a_department_that_cannot_be_served_stops_no_other(day, monkeypatch):
    served = []

    def serve(department_id, *, now):
        if not served:
            served.append(department_id)
            raise ZeroDivisionError
        return 1

    monkeypatch.setattr(entries, "departments_to_serve", lambda: [new_id(), new_id()])
    monkeypatch.setattr(waiting, "_serve_department", serve)
    assert waiting.serve(now=NOW) == 1


def test_an_absence_that_cannot_be_judged_stops_no_other(day, two, monkeypatch):

    now = TOMORROW + 240 * MINUTE
    assert len(scheduling.mark_noshows(now=now)) == 2
    bad = stumbling(lambda _: Excuse.STOPPED, lambda absence: absence.appointment_id == two[0])
    monkeypatch.setattr(absences, "excuse_for", bad)
    assert absences.judge_due(now=now) == 1
