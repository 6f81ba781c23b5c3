"""The tree: one root, paths, what lies within what."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuyi.foundation import scopes
from jiuyi.foundation.models import Node
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound


def test_a_path_leads_from_the_root_to_the_node(tree):
    assert scopes.path(tree.ward) == (tree.county, tree.hospital, tree.ward)
    assert scopes.path(tree.county) == (tree.county,)
    assert scopes.root_id() == tree.county
    assert scopes.name(tree.ward) == "科室"


@pytest.mark.parametrize(
    ("_case", "node", "ancestor", "within"),
    [
        ("itself", "ward", "ward", True),
        ("its parent", "ward", "hospital", True),
        ("the root", "ward", "county", True),
        ("not downward", "hospital", "ward", False),
        ("not sideways", "township", "hospital", False),
    ],
)
def test_within(tree, _case, node, ancestor, within):
    assert scopes.is_within(getattr(tree, node), getattr(tree, ancestor)) is within


def test_descendants_include_the_node_itself(tree):
    assert scopes.descendant_ids(tree.hospital) == {tree.hospital, tree.ward}
    assert scopes.descendant_ids(tree.county) == {tree.county, tree.hospital, tree.ward, tree.township}
    assert scopes.descendant_ids(new_id()) == set()


def test_a_node_may_bring_its_own_id(tree):
    wanted = new_id()
    assert scopes.add_node(parent_id=tree.county, name="乡", id=wanted) == wanted


def test_an_unknown_parent_is_refused(tree):
    count = Node.objects.count()
    with pytest.raises(NotFound):
        scopes.add_node(parent_id=new_id(), name="乡")
    assert Node.objects.count() == count
    assert scopes.is_within(new_id(), tree.county) is False


def test_there_is_no_second_root(tree):
    with pytest.raises(ValueError, match="one root"):
        scopes.add_node(parent_id=None, name="another county")


def test_the_database_refuses_a_second_root_too(tree):
    other = new_id()
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.create(id=other, parent=None, path=[other], name="another county")


def test_an_empty_tree_has_no_root(db):
    with pytest.raises(NotFound):
        scopes.root_id()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=st.lists(st.integers(min_value=0, max_value=30), max_size=12))
def test_any_tree_agrees_with_walking_upward(db, parents):
    with transaction.atomic():
        nodes = [scopes.add_node(parent_id=None, name="0")]
        above = {nodes[0]: None}
        for number, wanted in enumerate(parents, start=1):
            parent = nodes[wanted % len(nodes)]
            nodes.append(scopes.add_node(parent_id=parent, name=str(number)))
            above[nodes[-1]] = parent
        for node in nodes:
            walked, step = [], node
            while step is not None:
                walked.append(step)
                step = above[step]
            assert scopes.path(node) == tuple(reversed(walked))
            assert scopes.descendant_ids(node) == {other for other in nodes if scopes.is_within(other, node)}
        transaction.set_rollback(True)
    scopes.forget()
