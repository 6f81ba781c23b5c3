"""Openings, refusals and privileges are witnessed; a refusal survives every rollback."""

import pytest
from django.db import DatabaseError, connection, transaction

from jiuyi.foundation import audit
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.foundation.audit import AuditKind
from jiuyi.kernel.ids import new_id
from tests.foundation.conftest import another_connection


def somebody(*, request_id=True) -> Actor:
    return Actor(ActorKind.STAFF, new_id(), frozenset(), new_id() if request_id else None)


def test_one_row_per_request_record_and_person(db, now):
    actor, person, other = somebody(), new_id(), new_id()
    for _ in range(3):
        audit.opened(actor, record="person", person_id=person, now=now)
    audit.opened(actor, record="visit", person_id=person, now=now)
    audit.opened(actor, record="person", person_id=other, now=now)
    audit.opened(actor, record="person", person_id=person, object_id=new_id(), now=now)
    assert len(audit.entries(request_id=actor.request_id)) == 4
    again = Actor(actor.kind, actor.id, frozenset(), new_id())
    audit.opened(again, record="person", person_id=person, now=now)
    assert len(audit.entries(actor_id=actor.id)) == 5


def test_without_a_request_every_opening_counts(db, now):
    actor, person = somebody(request_id=False), new_id()
    for _ in range(2):
        audit.opened(actor, record="person", person_id=person, now=now)
    assert len(audit.entries(person_id=person)) == 2


def test_a_list_of_records_without_a_person_is_one_row(db, now):
    actor, queue = somebody(), new_id()
    for _ in range(2):
        audit.opened(actor, record="waiting_list", person_id=None, object_id=queue, now=now)
    assert len(audit.entries(object_id=queue)) == 1


def test_who_what_whom_and_why(db, now):
    actor, person = somebody(), new_id()
    audit.privileged(actor, act="person.unmask", object_id="thing", person_id=person, reason="补录医保", now=now)
    (row,) = audit.entries(actor_id=actor.id)
    assert (row.kind, row.act, row.object_id, row.person_id, row.reason) == (
        "privileged",
        "person.unmask",
        "thing",
        person,
        "补录医保",
    )
    assert (row.actor_kind, row.request_id, row.recorded_at) == ("staff", actor.request_id, now)


def test_filters_narrow_and_the_newest_comes_first(db, now):
    actor = somebody()
    for act in ("first", "second"):
        audit.privileged(actor, act=act, now=now)
    assert [row.act for row in audit.entries(actor_id=actor.id)] == ["second", "first"]
    assert [row.act for row in audit.entries(actor_id=actor.id, act="first", kind=AuditKind.PRIVILEGED)] == ["first"]
    assert audit.entries(actor_id=actor.id, kind=AuditKind.REFUSED) == []
    assert len(audit.entries(actor_id=actor.id, limit=1)) == 1


def test_a_reason_that_is_too_long_is_cut_not_lost(db, now):
    actor = somebody()
    audit.privileged(actor, act="test", reason="长" * 900, now=now)
    assert len(audit.entries(actor_id=actor.id)[0].reason) == 500


@pytest.mark.django_db(transaction=True)
def test_a_refusal_after_the_rollback_stays(now):
    actor, wanted = somebody(), new_id()
    with transaction.atomic():
        audit.opened(actor, record="visit", person_id=None, object_id=wanted, now=now)
        transaction.set_rollback(True)
    audit.refused(actor, act="visit.open", object_id=wanted, code="not_found", now=now)
    with another_connection() as other:
        rows = other.execute("SELECT kind, code, actor_id FROM foundation_auditentry WHERE object_id = %s", [str(wanted)])
        assert rows.fetchall() == [("refused", "not_found", actor.id)]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_inside_a_transaction_that_rolls_back_stays_too(now):
    wanted = new_id()
    with transaction.atomic():
        audit.refused(SYSTEM, act="visit.open", object_id=wanted, code="not_found", now=now)
        transaction.set_rollback(True)
    assert [row.code for row in audit.entries(object_id=wanted)] == ["not_found"]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_written_although_the_transaction_is_already_broken(now):
    wanted = new_id()
    with transaction.atomic():
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column")
        transaction.set_rollback(True)
        audit.refused(SYSTEM, act="visit.open", object_id=wanted, code="not_found", now=now)
    assert len(audit.entries(object_id=wanted)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_stranger_is_refused_as_nobody(now):
    wanted = new_id()
    audit.refused(None, act="visit.open", object_id=wanted, code="not_allowed", now=now)
    (row,) = audit.entries(object_id=wanted)
    assert (row.actor_kind, row.actor_id) == ("nobody", None)
