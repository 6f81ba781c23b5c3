"""The tree of wordless nodes that scopes rules and roles. One tree, one root; a node never moves."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from jiuyi.foundation.models import Node
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One node of the tree as a list shows it; the root has depth 0."""

    node_id: UUID
    name: str
    depth: int


_paths: dict[UUID, tuple[UUID, ...]] = {}


def add_node(*, parent_id: UUID | None, name: str, id: UUID | None = None) -> UUID:  # noqa: A002  # the contract's word
    """Add a node below ``parent_id``, or the root when it is None. A second root is a ``ValueError``."""
    node_id = id or new_id()
    with transaction.atomic():
        if parent_id is None:
            if Node.objects.filter(parent=None).exists():
                message = "the tree has one root: add below scopes.root_id()"
                raise ValueError(message)
            above: tuple[UUID, ...] = ()
        else:
            above = path(parent_id)
        Node.objects.create(id=node_id, parent_id=parent_id, path=[*above, node_id], name=name)
    return node_id


def path(node_id: UUID) -> tuple[UUID, ...]:
    """Ids from the root down to the node itself. Refuses an unknown node (``not_found``)."""
    known = _paths.get(node_id)
    if known is None:
        stored = Node.objects.filter(id=node_id).values_list("path", flat=True).first()
        if stored is None:
            raise NotFound
        known = tuple(stored)
        if not connection.in_atomic_block:  # what this transaction wrote may yet be rolled back
            _paths[node_id] = known
    return known


def is_within(node_id: UUID, ancestor_id: UUID) -> bool:
    """Whether the node is the ancestor itself or lies below it; an unknown node lies nowhere."""
    try:
        return ancestor_id in path(node_id)
    except NotFound:
        return False


def descendant_ids(node_id: UUID) -> set[UUID]:
    """The node itself and everything below it."""
    return set(Node.objects.filter(path__contains=[node_id]).values_list("id", flat=True))


def root_id() -> UUID:
    """The one root. Refuses an empty tree (``not_found``)."""
    root = Node.objects.filter(parent=None).values_list("id", flat=True).first()
    if root is None:
        raise NotFound
    return root


def name(node_id: UUID) -> str:
    """The node's name as the tree knows it. Refuses an unknown node (``not_found``)."""
    stored = Node.objects.filter(id=node_id).values_list("name", flat=True).first()
    if stored is None:
        raise NotFound
    return stored


def tree() -> list[TreeRow]:
    """Every node, each below the one it belongs to, in order of name."""
    below: dict[UUID | None, list[Node]] = {}
    for node in Node.objects.order_by("name", "id"):
        below.setdefault(node.parent_id, []).append(node)
    rows: list[TreeRow] = []
    waiting = [(node, 0) for node in reversed(below.get(None, []))]
    while waiting:
        node, depth = waiting.pop()
        rows.append(TreeRow(node.id, node.name, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(node.id, []))]
    return rows


def forget() -> None:
    """Drop the cached paths (after the tables were emptied)."""
    _paths.clear()
