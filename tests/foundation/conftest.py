"""A tree, a few actors, and the application's restricted role."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from jiuyi.foundation import access, clock, grants, scopes
from jiuyi.foundation.access import Actor, ActorKind, Grant
from jiuyi.kernel.ids import new_id

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, 09:00 here


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    scopes.forget()
    clock.forget()
    roles = access.registered_roles()
    yield
    access.register_roles(roles)
    scopes.forget()
    clock.forget()


@pytest.fixture
def now() -> datetime:
    return NOW


@dataclass(frozen=True)
class Tree:
    """county ─ hospital ─ ward, county ─ township."""

    county: UUID
    hospital: UUID
    ward: UUID
    township: UUID


@pytest.fixture
def tree(db) -> Tree:
    return plant_tree()


def plant_tree() -> Tree:
    county = scopes.add_node(parent_id=None, name="县")
    hospital = scopes.add_node(parent_id=county, name="医院")
    ward = scopes.add_node(parent_id=hospital, name="科室")
    township = scopes.add_node(parent_id=county, name="卫生院")
    return Tree(county, hospital, ward, township)


def staff_at(node_id: UUID, role: str) -> Actor:
    grant = Grant(role, node_id, scopes.path(node_id))
    return Actor(ActorKind.STAFF, new_id(), frozenset({grant}), new_id())


@contextmanager
def another_connection(role: str | None = None) -> Iterator[psycopg.Connection]:
    """A second, real connection to the test database; with ``role`` it has that role's rights only."""
    wanted = connection.settings_dict
    options = {"options": f"-c role={role}"} if role else {}
    with psycopg.connect(
        host=wanted["HOST"] or None,
        port=wanted["PORT"] or None,
        user=wanted["USER"] or None,
        password=wanted["PASSWORD"] or None,
        dbname=wanted["NAME"],
        **options,
    ) as other:
        yield other


@pytest.fixture(scope="session")
def application_role(django_db_setup, django_db_blocker) -> str:
    role = settings.APPLICATION_ROLE
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE ROLE "{role}" LOGIN')
        assert grants.apply()
    return role


def eventually(check: Callable[[], bool], seconds: float = 90) -> bool:
    """Whether it comes true in time: rows settle only when older transactions of the whole cluster have ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.05)
    return False
