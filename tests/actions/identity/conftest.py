"""A county, and roles as the project gives them."""

from collections.abc import Iterator

import pytest

from jiuyi.domains.identity.words import PERSON_OPEN, PERSON_REGISTER, PERSON_SEARCH, PERSON_VERIFY
from jiuyi.foundation import access, clock, scopes
from tests.factories.institutions import County, build_county


@pytest.fixture(autouse=True)
def _roles() -> Iterator[None]:
    before = access.registered_roles()
    access.register_roles(
        {
            "clerk": frozenset({PERSON_SEARCH, PERSON_REGISTER, PERSON_VERIFY}),
            "doctor": frozenset({PERSON_OPEN}),
            "porter": frozenset(),
        }
    )
    scopes.forget()
    clock.forget()
    yield
    access.register_roles(before)
    scopes.forget()
    clock.forget()


@pytest.fixture
def county(db) -> County:
    return build_county()
