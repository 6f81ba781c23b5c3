"""A doctor signed in at the desk, on a day with sessions, lists and a payment channel; the clock stands still."""

import pytest
from django.test import Client

from jiuyi.domains.encounters import rules
from jiuyi.domains.encounters.models import DiagnosisCode
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import SYSTEM
from tests.desks.doctor.pages import Browser
from tests.desks.signed_in import sign_in_staff
from tests.factories import clinic_day, institutions
from tests.factories.clinic_day import OPENS
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is ten o'clock."""
    monkeypatch.setattr(clock, "now", lambda: OPENS)


@pytest.fixture
def searchable(lists):  # noqa: F811
    """Diagnoses that can be found as a doctor types."""
    for code, name, initials in (
        ("I10.x00x002", "高血压", "gxy"),
        ("I10.x03", "高血压1级", "gxy1j"),
        ("J20.900", "急性支气管炎", "jxzqgy"),
        ("J00.x00", "急性鼻咽炎", "jxbyy"),
    ):
        text = f"{name}\n{initials}"
        DiagnosisCode.objects.update_or_create(
            code=code, defaults={"name": name, "initials": initials, "searchable": text, "grams": rules.grams(name, initials)}
        )


def signed_in(user_id, role, node_id):
    """A browser of somebody with a role."""
    access.assign_role(actor=SYSTEM, user_id=user_id, role=role, node_id=node_id, now=OPENS)
    client = Client()
    sign_in_staff(client, user_id)
    return Browser(client)


@pytest.fixture
def doctor(day):  # noqa: F811
    """The doctor's browser."""
    return signed_in(day.room.doctor.id, StaffRole.DOCTOR, day.room.department_id)


@pytest.fixture
def stranger(day):  # noqa: F811
    """A doctor of another department of the same hospital."""
    user_id = institutions.staff_user("10009", display_name="贺远")
    institutions.add_doctor(day.hospital_id, day.room.county.surgery_id, name="贺远", user_id=user_id)
    return signed_in(user_id, StaffRole.DOCTOR, day.room.county.surgery_id)


@pytest.fixture
def clerk(day):  # noqa: F811
    """The clerk's browser."""
    return signed_in(institutions.staff_user("10008", display_name="柳青"), StaffRole.CLERK, day.hospital_id)


@pytest.fixture
def waiting(day, lists):  # noqa: F811
    """李秀兰 waits with a paid booking."""
    return clinic_day.checks_in(day, clinic_day.paid_booking(day))


@pytest.fixture
def visit_page(day, doctor, waiting):  # noqa: F811
    """The page of 李秀兰's visit, just begun."""
    encounter_id = clinic_day.enters(day, waiting)
    return doctor.open(f"/desk/doctor/visits/{encounter_id}/")
