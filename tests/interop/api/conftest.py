"""The same day as the journeys', at ten o'clock, and callers that are no browsers."""

import pytest

from jiuyi.foundation import clock
from tests.factories.clinic_day import NOW
from tests.journeys.conftest import channel, day, lists  # noqa: F401


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is nine o'clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
