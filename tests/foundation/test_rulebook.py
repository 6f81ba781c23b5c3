"""The nearest node's value that was in force at the time of the event; who changed it, when and why."""

import threading
from datetime import timedelta
from typing import Annotated, ClassVar

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuyi.foundation import access, audit, rulebook
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.models import JournalEntry, RuleVersion
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound
from tests.foundation.conftest import NOW, plant_tree, staff_at


class Grace(RuleParameters, frozen=True, kw_only=True):
    rule_id: ClassVar[str] = "TEST-1"
    title: ClassVar[str] = "宽限时间"
    source: ClassVar[str] = "test default"

    minutes: Annotated[int, msgspec.Meta(ge=0, le=120)] = 30
    days: Annotated[int, msgspec.Meta(ge=1)] = 3


DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _roles():
    access.register_roles({"admin": frozenset({access.CHANGE_RULES})})


def change(scope_id, minutes, valid_from, *, now=NOW, actor=SYSTEM, **more):
    given = {"values": {"minutes": minutes}, "reason": "院长办公会", "source": "院发〔2026〕1号"} | more
    return rulebook.change_rule(actor=actor, now=now, rule_id="TEST-1", scope_id=scope_id, valid_from=valid_from, **given)


def minutes(scope_id, at) -> int:
    return rulebook.rule(Grace, scope_id=scope_id, at=at).parameters.minutes


def test_the_shipped_default_is_version_0(tree, now):
    found = rulebook.rule(Grace, scope_id=tree.ward, at=now)
    assert found.parameters == Grace()
    assert found.reference == RuleReference("TEST-1", 0)
    assert found.source == "test default"
    assert rulebook.rule_version(Grace, 0).parameters == Grace()


def test_a_change_counts_at_the_node_and_below(tree, now):
    reference = change(tree.hospital, 15, now)
    found = rulebook.rule(Grace, scope_id=tree.ward, at=now)
    assert (found.parameters, found.reference, found.source) == (Grace(minutes=15), reference, "院发〔2026〕1号")
    assert minutes(tree.hospital, now) == 15
    assert minutes(tree.township, now) == minutes(tree.county, now) == minutes(None, now) == 30


def test_the_nearest_node_wins(tree, now):
    change(tree.ward, 5, now)
    change(None, 20, now)
    change(tree.hospital, 15, now)
    assert [minutes(node, now) for node in (tree.ward, tree.hospital, tree.township, tree.county, None)] == [5, 15, 20, 20, 20]


@pytest.mark.parametrize(
    ("_case", "when", "expected"),
    [
        ("the moment before", -timedelta(microseconds=1), 30),
        ("the moment itself", timedelta(), 15),
        ("long after", 400 * DAY, 15),
    ],
)
def test_a_change_starts_at_its_moment(tree, now, _case, when, expected):
    change(tree.hospital, 15, now)
    assert minutes(tree.hospital, now + when) == expected


def test_a_later_change_closes_the_former_and_the_past_stays(tree, now):
    first = change(tree.hospital, 15, now)
    second = change(tree.hospital, 20, now + 10 * DAY, now=now + 5 * DAY)
    assert (first.version, second.version) == (1, 2)
    assert minutes(tree.hospital, now + 10 * DAY - timedelta(microseconds=1)) == 15
    assert minutes(tree.hospital, now + 10 * DAY) == 20
    newest, oldest = rulebook.history("TEST-1")
    assert (oldest.valid_from, oldest.valid_to, newest.valid_from, newest.valid_to) == (now, now + 10 * DAY, now + 10 * DAY, None)
    assert (newest.reason, newest.changed_by, newest.changed_at, newest.scope_name) == (
        "院长办公会",
        SYSTEM.id,
        now + 5 * DAY,
        "医院",
    )


def test_a_change_before_a_planned_one_ends_where_that_begins(tree, now):
    change(tree.hospital, 15, now + 10 * DAY)
    change(tree.hospital, 20, now)
    assert [minutes(tree.hospital, now + day * DAY) for day in (-1, 0, 9, 10, 99)] == [30, 20, 20, 15, 15]


def test_a_change_for_the_same_moment_replaces_the_planned_one_but_its_row_stays(tree, now):
    planned = change(tree.hospital, 15, now + DAY)
    change(tree.hospital, 20, now + DAY)
    assert minutes(tree.hospital, now + DAY) == 20
    assert [row.replaced_at for row in rulebook.history("TEST-1")] == [None, now]
    assert rulebook.rule_version(Grace, planned.version).parameters.minutes == 15


def test_a_stored_decision_can_always_be_explained(tree, now):
    reference = change(tree.hospital, 15, now)
    change(tree.hospital, 20, now + DAY)
    assert rulebook.rule_version(Grace, reference.version).parameters.minutes == 15
    with pytest.raises(NotFound):
        rulebook.rule_version(Grace, 99)


def test_a_change_is_recorded_and_witnessed(tree, now):
    admin = staff_at(tree.hospital, "admin")
    reference = change(tree.ward, 15, now, actor=admin)
    row = RuleVersion.objects.get(version=reference.version)
    assert JournalEntry.objects.filter(name="foundation.RuleChanged", payload__rule_version_id=str(row.id)).count() == 1
    assert [entry.reason for entry in audit.entries(act="rulebook.change", actor_id=admin.id)] == ["院长办公会"]


@pytest.mark.parametrize(
    ("_case", "more", "fields"),
    [
        ("below the limit", {"values": {"minutes": -1}}, {"minutes"}),
        ("above the limit", {"values": {"minutes": 121}}, {"minutes"}),
        ("text instead of a number", {"values": {"minutes": "15"}}, {"minutes"}),
        ("an unknown parameter", {"values": {"hours": 1}}, {"hours"}),
        ("no reason", {"reason": "  "}, {"reason"}),
        ("no grounds", {"source": ""}, {"source"}),
        (
            "everything at once",
            {"values": {"minutes": 121, "days": 0, "hours": 1}, "reason": "", "source": ""},
            {"minutes", "days", "hours", "reason", "source"},
        ),
    ],
)
def test_wrong_changes_are_refused_with_all_that_is_wrong(tree, now, _case, more, fields):
    with pytest.raises(Invalid) as refused:
        change(tree.hospital, 15, now, **more)
    assert set(refused.value.fields) == fields
    assert not RuleVersion.objects.exists()
    assert minutes(tree.hospital, now) == 30


def test_the_past_cannot_be_changed(tree, now):
    with pytest.raises(Invalid) as refused:
        change(tree.hospital, 15, now - timedelta(seconds=1))
    assert set(refused.value.fields) == {"valid_from"}
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize(("_case", "held_at", "changed_at"), [("above", "ward", "hospital"), ("the whole house", "hospital", None)])
def test_rules_are_changed_within_ones_own_node_only(tree, now, _case, held_at, changed_at):
    admin = staff_at(getattr(tree, held_at), "admin")
    with pytest.raises(NotAllowed):
        change(getattr(tree, changed_at) if changed_at else None, 15, now, actor=admin)
    assert not RuleVersion.objects.exists()


def test_unknown_rules_and_nodes(tree, now):
    with pytest.raises(NotFound):
        rulebook.change_rule(actor=SYSTEM, now=now, rule_id="NO-1", scope_id=None, values={}, valid_from=now, reason="x", source="x")
    with pytest.raises(NotFound):
        change(new_id(), 15, now)
    with pytest.raises(NotFound):
        minutes(new_id(), now)


def test_every_pack_is_known_with_working_defaults():
    packs = rulebook.packs()
    assert packs["TEST-1"] is Grace
    assert list(packs) == sorted(packs)
    for rule_id, kind in packs.items():
        assert kind.rule_id == rule_id
        assert kind.title, rule_id
        assert kind.source, rule_id
        assert rulebook.read_parameters(kind, kind().as_json()) == kind(), rule_id


def test_two_packs_of_one_name_are_a_mistake():
    class Double(RuleParameters, frozen=True, kw_only=True):
        rule_id: ClassVar[str] = "TEST-1"
        title: ClassVar[str] = "重复"
        source: ClassVar[str] = "test"

    try:
        with pytest.raises(ValueError, match="TEST-1"):
            rulebook.packs()
    finally:
        Double.rule_id = "TEST-2"


@pytest.mark.parametrize(
    ("_case", "first", "second", "allowed"),
    [
        ("touching", (0, 5), (5, None), True),
        ("overlapping", (0, 6), (5, None), False),
        ("both open", (0, None), (5, None), False),
        ("backward", (5, 5), (9, None), False),
    ],
)
def test_the_database_allows_one_value_at_a_time(tree, now, _case, first, second, allowed):
    def insert(version, period):
        start, end = period
        RuleVersion.objects.create(
            rule_id="TEST-1",
            version=version,
            scope_id=tree.hospital,
            values={},
            valid_from=now + start * DAY,
            valid_to=None if end is None else now + end * DAY,
            reason="test",
            source="test",
            changed_by_kind="system",
            changed_by=SYSTEM.id,
            changed_at=now,
        )

    def both():
        with transaction.atomic():
            insert(1, first)
            insert(2, second)

    if allowed:
        both()
    else:
        with pytest.raises(IntegrityError):
            both()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(["county", "hospital", "ward"]), st.integers(0, 120), st.integers(0, 12), st.integers(0, 3)),
        max_size=8,
    )
)
def test_any_history_of_changes_reads_as_if_each_said_until_further_notice(db, changes):
    """The model: at each node the change with the latest start not after the day counts; of two with one start the later made."""
    with transaction.atomic():
        tree = plant_tree()
        made: dict[str, dict[int, int]] = {"county": {}, "hospital": {}, "ward": {}}
        today = 0
        for node, value, ahead, pause in changes:
            today += pause
            change(getattr(tree, node), value, NOW + (today + ahead) * DAY, now=NOW + today * DAY)
            made[node][today + ahead] = value
        for day in range(-1, 40, 3):
            for depth, node in enumerate(("county", "hospital", "ward")):
                expected = 30
                for above in ("county", "hospital", "ward")[: depth + 1]:
                    starts = [start for start in made[above] if start <= day]
                    expected = made[above][max(starts)] if starts else expected
                assert minutes(getattr(tree, node), NOW + day * DAY) == expected
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_both_stand_one_after_the_other(now):
    tree = plant_tree()
    barrier, made = threading.Barrier(4), []

    def work(number):
        barrier.wait()
        made.append(change(tree.hospital, number, now + number * DAY).version)
        connection.close()

    workers = [threading.Thread(target=work, args=[number]) for number in (1, 2, 3, 4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [1, 2, 3, 4]
    assert [minutes(tree.hospital, now + day * DAY) for day in range(5)] == [30, 1, 2, 3, 4]
