"""One loaded county for all tests of this folder that want one; rolled back at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

ANCHOR = date(2026, 11, 24)
# A Tuesday, half past nine in the morning.
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Loaded:
    world: Any
    now: datetime
    fingerprint: str
    fingerprint_of_the_load_before: str
    parts: list[str]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """The county, loaded for the second time in this database: the first load, at another hour, was rolled back."""
    from django.db import transaction
    from django.test import override_settings

    from jiuyi.domains.encounters import actions as encounters
    from jiuyi.foundation import scopes
    from jiuyi.scenarios.county import county
    from jiuyi.scenarios.fingerprint import database_fingerprint
    from jiuyi.scenarios.loading import load

    world = county(7, ANCHOR)
    parts: list[str] = []
    with django_db_blocker.unblock(), override_settings(DEMO=True, PASSWORD_HASHERS=FAST_HASHERS), _for_tests():
        encounters.load_reference_codes()
        with _for_tests():
            load(world, now=NOW + timedelta(hours=5), progress=lambda *_: None)
            before = database_fingerprint()
            transaction.set_rollback(True)
        scopes.forget()
        load(world, now=NOW, progress=lambda what, done, total: parts.append(what))
        yield Loaded(world, NOW, database_fingerprint(), before, parts)
        transaction.set_rollback(True)
    scopes.forget()


def _for_tests() -> Any:
    """A transaction that lets durable ones run inside it, as Django's own test case does."""
    from django.db import transaction

    atomic = transaction.atomic()
    atomic._from_testcase = True
    return atomic
