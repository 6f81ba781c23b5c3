"""Jobs go by name, roll back with their transaction, and every name leads somewhere."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from jiuyi.foundation import clock, jobs
from jiuyi.kernel.ids import new_id
from tests.foundation.conftest import another_connection, eventually

done: list[tuple[object, ...]] = []


@jobs.task("test.paint")
def paint(thing_id: UUID, coats: int) -> None:
    done.append((thing_id, coats))


@jobs.timetable("test.chime", cron="0 0 1 1 *")
def chime(now) -> None:
    done.append(("chimed", now))


@jobs.sweep("test.dust", seconds=0.1)
def dust(now) -> None:
    done.append(("dusted", now))


@pytest.fixture(autouse=True)
def _nothing_done():
    done.clear()


def waiting(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=name).count()


def run_waiting_jobs() -> None:
    with jobs.app.replace_connector(jobs.app.connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(queues=["jiuyi"], wait=False, install_signal_handlers=False, listen_notify=False)


def test_a_job_rolls_back_with_its_transaction(db):
    with transaction.atomic():
        jobs.defer("test.paint", thing_id=new_id(), coats=1)
        assert waiting("test.paint") == 1
        transaction.set_rollback(True)
    assert waiting("test.paint") == 0


def test_a_wrong_name_is_noticed_at_once(db):
    with pytest.raises(jobs.UnknownTask):
        jobs.defer("test.sing")
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_the_job_with_real_ids():
    thing = new_id()
    jobs.defer("test.paint", thing_id=thing, coats=2)
    jobs.defer("test.paint", thing_id=thing, coats=3, at=clock.now() + timedelta(days=1))
    run_waiting_jobs()
    assert done == [(thing, 2)]


def test_the_timetable_strikes_with_the_houses_own_time(db):
    jobs.app.tasks["test.chime"](timestamp=0)
    ((name, at),) = done
    assert name == "chimed"
    assert abs(at - clock.now()) < timedelta(seconds=5)


def test_a_sweep_is_done_with_the_present_time(db, now):
    assert jobs.run_sweep("test.dust", now=now) is True
    assert done == [("dusted", now)]


@pytest.mark.django_db(transaction=True)
def test_a_sweep_is_done_by_one_worker_at_a_time(now):
    with another_connection() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('sweep:test.dust', 0))")
        assert jobs.run_sweep("test.dust", now=now) is False
    assert done == []
    assert eventually(lambda: jobs.run_sweep("test.dust", now=now))


@pytest.mark.django_db(transaction=True)
def test_sweeps_go_on_until_told_to_stop_and_survive_a_mistake(monkeypatch):
    def fails(now) -> None:
        done.append(("failed",))
        raise RuntimeError

    monkeypatch.setattr(jobs, "_sweeps", {"test.fail": jobs.Sweep("test.fail", 0.1, fails), "test.dust": jobs.sweeps()["test.dust"]})
    stop = threading.Event()
    sweeper = threading.Thread(target=jobs.run_sweeps, args=[stop])
    sweeper.start()
    assert eventually(lambda: len([one for one in done if one[0] == "dusted"]) >= 2 and done.count(("failed",)) >= 2)
    stop.set()
    sweeper.join(timeout=5)
    assert not sweeper.is_alive()
    assert jobs.run_sweep("test.dust")  # its lock was given back


def test_every_job_and_sweep_belongs_to_somebody():
    for name in [*jobs.task_names(), *jobs.sweeps()]:
        owner, _, verb = name.partition(".")
        assert owner, name
        assert verb, name


def test_every_timetable_is_registered_under_its_own_name():
    periodic = {key for _, key in jobs.app.periodic_registry.periodic_tasks}
    assert "foundation.make_partitions" in periodic
    assert periodic <= jobs.task_names()
