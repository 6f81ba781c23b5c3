"""A kiosk of the hospital in a browser of its own; it is ten o'clock."""

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client

from jiuyi.desks.requests import KIOSK_COOKIE
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.enrolled_devices import KIOSK, enrol
from tests.desks.clerk.conftest import stopped_clock  # noqa: F401  # the same hour as at the window
from tests.desks.doctor.pages import Browser
from tests.factories.clinic_day import OPENS
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'


def standing_at(node_id):
    """A browser that was enrolled at a node, and the device's id."""
    device_id = enrol(actor=SYSTEM, now=OPENS, node_id=node_id, role=KIOSK, label="门诊大厅1号机")
    client = Client()
    client.cookies[KIOSK_COOKIE] = get_cookie_signer(salt=KIOSK_COOKIE).sign(str(device_id))
    return Browser(client), device_id


@pytest.fixture
def hall(day):  # noqa: F811
    """The kiosk's browser and its device."""
    return standing_at(day.hospital_id)


@pytest.fixture
def kiosk(hall):
    """The kiosk's browser."""
    return hall[0]
