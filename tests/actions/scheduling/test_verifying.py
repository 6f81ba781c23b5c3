"""The nightly addition, its journal row, its alarm, and the command."""

import argparse
import contextlib
import json

import pytest
from django.db import connection

from jiuyi.domains.scheduling import tasks
from jiuyi.foundation import jobs
from jiuyi.project.commands import verify
from tests.factories import schedules
from tests.factories.schedules import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture(autouse=True)
def this_database(monkeypatch):
    monkeypatch.setattr(verify.session, "database", contextlib.nullcontext)
    monkeypatch.setattr(verify.session, "setup", lambda: None)


def last_verified() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payload::text FROM foundation_journalentry WHERE name = 'scheduling.PlacesVerified' ORDER BY id DESC LIMIT 1"
        )
        return json.loads(cursor.fetchone()[0])


def test_a_night_without_differences(clinic, capsys):
    schedules.book(schedules.session(clinic), schedules.person(clinic))
    tasks.verify_places(NOW)
    assert last_verified() == {"sessions": 1, "places": 4, "differences": 0}
    assert verify.run(argparse.Namespace(what="places")) == 0
    printed = capsys.readouterr().out
    assert "没有差异" in printed
    assert "班次 1 个" in printed


def test_a_difference_fails_the_job_and_the_command_and_is_named(clinic, capsys):
    session_id = schedules.session(clinic)
    booked = schedules.book(session_id, schedules.person(clinic))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE scheduling_place SET state = 'free' WHERE state = 'taken'")
    with pytest.raises(tasks.PlacesDisagree, match="place_not_taken"):
        tasks.verify_places(NOW)
    assert last_verified()["differences"] == 1
    assert verify.run(argparse.Namespace(what="places")) == 1
    printed = capsys.readouterr().out
    assert str(session_id) in printed
    assert str(booked.appointment_id) in printed


def test_it_stands_on_the_timetable(db):
    assert "scheduling.verify_places" in jobs.task_names()
    assert jobs.last_done("scheduling.verify_places") is None
