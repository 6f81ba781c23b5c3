"""Workers follow the journal: nothing is skipped, nothing blocks, everything is heard at least once."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jiuyi.foundation import journal, tailing
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.journal import JournalRow, Listener, When
from jiuyi.foundation.models import ListenerFailure
from jiuyi.kernel.ids import new_id
from tests.foundation.conftest import another_connection, eventually
from tests.foundation.test_journal import ThingPainted

INSERT = "INSERT INTO foundation_journalentry (name, actor_kind, actor_id, person_id) VALUES ('test.ThingPainted', 'system', %s, %s)"

pytestmark = pytest.mark.django_db(transaction=True)


# An earlier test's entry may settle late, when another session's older transaction ends: each test knows its own.
mine: set[UUID] = set()


@pytest.fixture
def heard() -> list[UUID]:
    mine.clear()
    return []


@pytest.fixture(autouse=True)
def _listening(heard):
    before = journal.registered_listeners()
    journal.register_listeners([Listener("test.ThingPainted", lambda row: heard.append(row.person_id), When.AFTER_COMMIT)])
    journal.skip_to_end()
    yield
    journal.register_listeners(before)
    journal.skip_to_end()


def paint(now) -> UUID:
    person = new_id()
    mine.add(person)
    journal.record(ThingPainted(thing_id=new_id(), person_id=person), actor=SYSTEM, now=now)
    return person


def hears(heard, *people) -> bool:
    def check() -> bool:
        journal.run_listeners_once()
        return all(person in heard for person in people)

    return eventually(check)


def test_committed_events_are_heard_once_in_order(heard, now):
    people = [paint(now) for _ in range(5)]
    assert hears(heard, *people)
    assert [person for person in heard if person in people] == people
    journal.run_listeners_once()
    assert len([person for person in heard if person in people]) == 5


def test_an_older_transaction_that_commits_later_is_not_skipped(heard, now):
    early, late = new_id(), new_id()
    with another_connection() as older:
        older.execute(INSERT, [SYSTEM.id, early])  # open: it has the smaller id and the older transaction
        with another_connection() as younger:
            younger.execute(INSERT, [SYSTEM.id, late])
        for _ in range(3):
            journal.run_listeners_once()
        assert late not in heard  # committed, but something can still appear before it
        assert early not in heard
        older.commit()
    assert hears(heard, early, late)
    assert heard.index(early) < heard.index(late)


def test_a_row_with_a_smaller_id_in_a_younger_transaction_is_not_skipped(heard, now):
    """Ids come from a sequence, so their order is not the order of the transactions."""
    first, second = new_id(), new_id()
    with another_connection() as older, another_connection() as younger:
        older.execute("SELECT pg_current_xact_id()")
        younger.execute(INSERT, [SYSTEM.id, first])
        younger.commit()
        older.execute(INSERT, [SYSTEM.id, second])
        journal.run_listeners_once()
        assert first not in heard
        older.commit()
    assert hears(heard, first, second)


def test_reading_by_id_alone_would_have_lost_the_row(now):
    """The proof that the test above can see what it guards against."""
    early, late = new_id(), new_id()
    by_id = "SELECT id, person_id FROM foundation_journalentry WHERE id > %s ORDER BY id"
    with another_connection() as older, another_connection() as reader:
        start = reader.execute("SELECT coalesce(max(id), 0) FROM foundation_journalentry").fetchone()[0]
        reader.commit()
        older.execute(INSERT, [SYSTEM.id, early])
        with another_connection() as younger:
            younger.execute(INSERT, [SYSTEM.id, late])
        seen = reader.execute(by_id, [start]).fetchall()
        reader.commit()
        older.commit()
        seen += reader.execute(by_id, [max(number for number, _ in seen)]).fetchall()
    assert late in [person for _, person in seen]
    assert early not in [person for _, person in seen]


def test_a_rolled_back_event_is_never_heard(heard, now):
    ghost = new_id()
    with another_connection() as other:
        other.execute(INSERT, [SYSTEM.id, ghost])
        other.rollback()
    person = paint(now)
    assert hears(heard, person)
    assert ghost not in heard


def test_events_that_interest_nobody_are_passed(heard, now):
    journal.register_listeners([])
    paint(now)
    assert eventually(lambda: journal.run_listeners_once() >= 0 and journal.count_lag() == 0)
    assert not mine & set(heard)


def test_a_failing_listener_blocks_nobody_and_is_tried_again(heard, now):
    broken = {"is": True}

    def fails(row: JournalRow) -> None:
        if row.person_id in mine:
            if broken["is"]:
                message = "no"
                raise RuntimeError(message)
            heard.append(row.id)

    fine = Listener("test.ThingPainted", lambda row: heard.append(row.person_id), When.AFTER_COMMIT)
    journal.register_listeners([Listener("test.ThingPainted", fails, When.AFTER_COMMIT), fine])
    people = [paint(now), paint(now)]
    assert hears(heard, *people)
    assert ListenerFailure.objects.count() == 2
    assert set(ListenerFailure.objects.values_list("error", flat=True)) == {"RuntimeError"}

    assert tailing.retry_failures(now) == 0  # not yet due
    assert tailing.retry_failures(now + timedelta(minutes=1)) == 0
    assert set(ListenerFailure.objects.values_list("attempts", flat=True)) == {2}
    broken["is"] = False
    assert tailing.retry_failures(now + timedelta(hours=1)) == 2
    assert not ListenerFailure.objects.exists()
    assert len([number for number in heard if isinstance(number, int)]) == 2


def test_after_eight_attempts_a_person_has_to_look(heard, now):
    def fails(row: JournalRow) -> None:
        if row.person_id in mine:
            raise RuntimeError

    journal.register_listeners([Listener("test.ThingPainted", fails, When.AFTER_COMMIT)])
    paint(now)
    assert eventually(lambda: journal.run_listeners_once() >= 0 and ListenerFailure.objects.exists())
    for day in range(1, tailing.MAX_ATTEMPTS + 2):
        tailing.retry_failures(now + timedelta(days=day))
    assert ListenerFailure.objects.get().attempts == tailing.MAX_ATTEMPTS
    assert tailing.count_given_up() == 1


def test_what_a_failing_listener_wrote_is_undone(heard, now):
    def writes_and_fails(row: JournalRow) -> None:
        if row.person_id in mine:
            ListenerFailure.objects.create(entry_id=-1, recorded_at=now, listener="half done", error="")
            raise RuntimeError

    journal.register_listeners([Listener("test.ThingPainted", writes_and_fails, When.AFTER_COMMIT)])
    paint(now)
    assert eventually(lambda: journal.run_listeners_once() >= 0 and ListenerFailure.objects.exists())
    assert not ListenerFailure.objects.filter(listener="half done").exists()


def test_consumers_read_at_their_own_pace(heard, now):
    journal.skip_to_end("test.other")
    person = paint(now)
    assert hears(heard, person)
    assert eventually(lambda: journal.run_listeners_once("test.other") >= 1)
    assert heard.count(person) == 2


def test_two_workers_never_share_an_entry(heard, now):
    people = {paint(now) for _ in range(30)}
    barrier = threading.Barrier(3)

    def work() -> None:
        barrier.wait()
        eventually(lambda: journal.run_listeners_once() >= 0 and people <= set(heard))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(person for person in heard if person in people) == sorted(people)


def test_after_a_restore_into_another_cluster_nothing_is_lost_or_heard_twice(heard, now):
    """Transaction numbers start again there: simulated by a cursor and rows far ahead of this cluster's."""
    old, new = new_id(), new_id()
    far = "'9000000000000000000'"
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(era) FROM foundation_era")
        (era,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO foundation_journalentry (name, actor_kind, actor_id, person_id, xid, era)"
            f" VALUES ('test.ThingPainted', 'system', %s, %s, {far}, %s)",
            [SYSTEM.id, old, era],
        )
    journal.run_listeners_once()
    assert old not in heard  # a transaction of the future, as it seems
    with connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_era SET cluster = 1 WHERE era = %s", [era])
    tailing.begin_era_if_restored()
    tailing.begin_era_if_restored()  # the second time it is at home
    journal.record(ThingPainted(thing_id=new_id(), person_id=new), actor=SYSTEM, now=now)
    assert hears(heard, old, new)
    assert [person for person in heard if person in {old, new}] == [old, new]
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(era) FROM foundation_era")
        assert cursor.fetchone() == (era + 1,)
