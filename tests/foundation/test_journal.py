"""What happened is written in the same transaction, and can never be changed."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from jiuyi.foundation import audit, grants, journal, partitions
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.journal import Listener, When
from jiuyi.foundation.models import JournalEntry
from jiuyi.kernel.events import Event
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Refusal
from tests.foundation.conftest import another_connection

TABLES = ["foundation_journalentry", "foundation_auditentry"]
CHANGES = ["UPDATE {} SET actor_kind = 'staff'", "DELETE FROM {}", "TRUNCATE {}"]


@dataclass(frozen=True, kw_only=True)
class ThingPainted(Event):
    name: ClassVar[str] = "test.ThingPainted"
    thing_id: UUID


@pytest.fixture(autouse=True)
def _own_listeners():
    before = journal.registered_listeners()
    yield
    journal.register_listeners(before)


def test_an_event_is_stored_with_who_where_whom_and_when(db, now):
    thing, person, scope = new_id(), new_id(), new_id()
    journal.record(ThingPainted(thing_id=thing, person_id=person, scope_id=scope), actor=SYSTEM, now=now)
    (row,) = journal.entries_of_person(person)
    assert (row.name, row.recorded_at, row.actor_kind, row.actor_id) == ("test.ThingPainted", now, "system", SYSTEM.id)
    assert (row.scope_id, row.person_id, row.payload) == (scope, person, {"thing_id": str(thing)})


def test_a_rolled_back_change_leaves_no_event(db, now):
    person = new_id()
    with transaction.atomic():
        journal.record(ThingPainted(thing_id=new_id(), person_id=person), actor=SYSTEM, now=now)
        transaction.set_rollback(True)
    assert journal.entries_of_person(person) == []


def test_a_listener_in_the_same_transaction_hears_at_once(db, now):
    heard = []
    listener = Listener("test.ThingPainted", lambda event, *, actor, now: heard.append((event, actor, now)), When.SAME_TRANSACTION)
    journal.register_listeners([listener])
    event = ThingPainted(thing_id=new_id())
    journal.record(event, actor=SYSTEM, now=now)
    assert heard == [(event, SYSTEM, now)]


def test_its_refusal_undoes_the_change(db, now):
    def refuse(event, *, actor, now):
        raise Refusal

    journal.register_listeners([Listener("test.ThingPainted", refuse, When.SAME_TRANSACTION)])
    person = new_id()
    with pytest.raises(Refusal), transaction.atomic():
        journal.record(ThingPainted(thing_id=new_id(), person_id=person), actor=SYSTEM, now=now)
    assert journal.entries_of_person(person) == []


def test_the_database_keeps_time_for_rows_written_by_sql(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_journalentry (name, actor_kind, actor_id) VALUES ('test.BySql', 'system', %s)"
            " RETURNING recorded_at BETWEEN now() - interval '1 minute' AND now() + interval '1 minute', xid = pg_current_xact_id()",
            [SYSTEM.id],
        )
        assert cursor.fetchone() == (True, True)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_not_even_the_owner_can_change_what_was_written(db, now, table, change):
    journal.record(ThingPainted(thing_id=new_id()), actor=SYSTEM, now=now)
    audit.privileged(SYSTEM, act="test.act", now=now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_nor_a_single_partition(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree('foundation_journalentry') WHERE isleaf")
        leaves = [name for (name,) in cursor.fetchall()]
    assert len(leaves) >= 6
    for leaf in leaves:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {leaf}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_application_role_has_no_right_to(application_role, table, change):
    with another_connection(application_role) as other, pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        other.execute(change.format(table))


@pytest.mark.django_db(transaction=True)
def test_nor_on_any_partition_nor_on_the_eras(application_role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM unnest(%s::regclass[]) AS root, pg_partition_tree(root)", [TABLES])
        tables = [name for (name,) in cursor.fetchall()]
    for table in [*tables, "foundation_era", "django_migrations"]:
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [application_role, table, right])
                assert cursor.fetchone() == (False,), (table, right)


@pytest.mark.django_db(transaction=True)
def test_but_it_may_insert_and_read(application_role):
    person = new_id()
    with another_connection(application_role) as other:
        assert other.execute("SELECT current_user").fetchone() == (application_role,)
        other.execute(
            "INSERT INTO foundation_journalentry (name, actor_kind, actor_id, person_id) VALUES ('test.ByApplication', 'system', %s, %s)",
            [SYSTEM.id, person],
        )
        other.execute(
            "INSERT INTO foundation_auditentry (kind, act, actor_kind, person_id) VALUES ('opened', 'test', 'system', %s)", [person]
        )
        assert other.execute("SELECT count(*) FROM foundation_auditentry WHERE person_id = %s", [person]).fetchone() == (1,)
    assert [row.name for row in journal.entries_of_person(person)] == ["test.ByApplication"]


@pytest.mark.django_db(transaction=True)
def test_it_works_with_all_other_tables_but_owns_none(application_role):
    with another_connection(application_role) as other:
        other.execute("UPDATE foundation_notice SET failure = '' WHERE false")
        other.execute("DELETE FROM foundation_node WHERE false")
        other.execute("SELECT jiuyi_now()")
        other.execute("UPDATE foundation_journalcursor SET entry_id = entry_id WHERE false")
        for forbidden in ("CREATE TABLE mine (id int)", "ALTER TABLE foundation_node ADD x int", "TRUNCATE foundation_node"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), other.transaction():
                other.execute(forbidden)


@pytest.mark.django_db(transaction=True)
def test_a_departments_append_only_table_is_treated_alike(application_role):
    grants.register_append_only("foundation_clockoffset")
    try:
        assert grants.apply()
        with another_connection(application_role) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("DELETE FROM foundation_clockoffset")
    finally:
        grants._append_only.discard("foundation_clockoffset")
        assert grants.apply()


@pytest.mark.django_db(transaction=True)
def test_without_the_role_no_privileges_are_given(settings):
    settings.APPLICATION_ROLE = "jiuyi_nobody"
    assert grants.apply() is False
    settings.APPLICATION_ROLE = None
    assert grants.apply() is False


class TestPartitions:
    def test_this_month_and_the_next_are_ready(self, db, now):
        partitions.ensure_partitions()
        assert partitions.ensure_partitions() == []
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO foundation_journalentry (name, actor_kind, actor_id) VALUES ('test.Today', 'system', %s)"
                " RETURNING tableoid::regclass::text",
                [SYSTEM.id],
            )
            (leaf,) = cursor.fetchone()
        assert leaf.startswith("foundation_journalentry_y20")

    def test_a_row_of_no_month_is_kept(self, db, now):
        before, person = partitions.count_default_rows(), new_id()
        journal.record(ThingPainted(thing_id=new_id(), person_id=person), actor=SYSTEM, now=now.replace(year=1999))
        assert len(journal.entries_of_person(person)) == 1
        assert partitions.count_default_rows() == before + 1

    def test_a_month_whose_rows_came_too_early_stays_in_the_default(self, db):
        far = "date_trunc('month', now()) + interval '9 months 10 days'"
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO foundation_journalentry (recorded_at, name, actor_kind, actor_id)"
                f" VALUES ({far}, 'test.Early', 'system', %s) RETURNING tableoid::regclass::text",
                [SYSTEM.id],
            )
            assert cursor.fetchone() == ("foundation_journalentry_default",)
        made = partitions.ensure_partitions(months_ahead=9)
        assert len([name for name in made if name.startswith("foundation_journal")]) == 5
        assert len([name for name in made if name.startswith("foundation_audit")]) == 6
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {made[-1]}")

    def test_too_far_ahead_is_a_mistake(self, db):
        with pytest.raises(DatabaseError, match="months_ahead"), transaction.atomic():
            partitions.ensure_partitions(months_ahead=25)

    @pytest.mark.django_db(transaction=True)
    def test_the_application_role_may_ask_for_them(self, application_role):
        with another_connection(application_role) as other:
            other.execute("SELECT foundation_ensure_partitions(4)").fetchall()
            leaf = other.execute(
                "INSERT INTO foundation_journalentry (recorded_at, name, actor_kind, actor_id)"
                " VALUES (now() + interval '4 months', 'test.Later', 'system', %s) RETURNING tableoid::regclass::text",
                [SYSTEM.id],
            ).fetchone()
            assert leaf[0] != "foundation_journalentry_default"
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(f"DELETE FROM {leaf[0]}")


def test_emptying_the_test_database_leaves_the_journal_alone():
    assert JournalEntry._meta.managed is False
    assert "foundation_journalentry" not in connection.introspection.django_table_names(only_existing=False)
