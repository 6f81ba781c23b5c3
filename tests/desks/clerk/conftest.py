"""A clerk signed in at the window of the hospital, on a day with sessions; it is ten o'clock."""

from uuid import UUID

import pytest
from django.test import Client

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import access, audit, clock
from jiuyi.foundation.access import SYSTEM
from tests.desks.doctor.pages import Browser
from tests.desks.signed_in import sign_in_staff
from tests.factories import institutions
from tests.factories.clinic_day import OPENS
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is ten o'clock."""
    monkeypatch.setattr(clock, "now", lambda: OPENS)


def signed_in(username, role, node_id, *, display_name="柳青"):
    """A browser of somebody with a role."""
    user_id = institutions.staff_user(username, display_name=display_name)
    access.assign_role(actor=SYSTEM, user_id=user_id, role=role, node_id=node_id, now=OPENS)
    client = Client()
    sign_in_staff(client, user_id)
    return Browser(client)


def user_id(browser):
    """The account that is signed in."""
    return UUID(browser.client.session["_auth_user_id"])


def refusals_of(browser):
    """What the audit has of somebody's refused attempts; these rows outlive a test, so they are asked for by account."""
    return audit.entries(kind=audit.AuditKind.REFUSED, actor_id=user_id(browser))


@pytest.fixture
def clerk(day):  # noqa: F811
    """The clerk's browser."""
    return signed_in("20001", StaffRole.CLERK, day.hospital_id)
