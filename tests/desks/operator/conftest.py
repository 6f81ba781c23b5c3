"""An operator at the telephone of the hospital; it is ten o'clock."""

import pytest

from jiuyi.domains.organizations.words import StaffRole
from tests.desks.clerk.conftest import signed_in, stopped_clock  # noqa: F401
from tests.journeys.conftest import channel, day, lists  # noqa: F401


@pytest.fixture
def operator(day):  # noqa: F811
    """The operator's browser."""
    return signed_in("25001", StaffRole.OPERATOR, day.hospital_id, display_name="乔雨欣")
