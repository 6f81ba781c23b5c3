"""A patient's phone at a fixed hour: a browser without scripts, signed in by the session that a code gives."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from jiuyi.desks.patient.safety import SAFETY_KEY
from jiuyi.desks.patient.times import slot_value
from jiuyi.desks.requests import PATIENT_SESSION_KEY
from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.foundation import clock, ports
from jiuyi.interop.payments.simulated import SimulatedProvider
from tests.factories import clinic_day, reference_lists
from tests.factories.clinic_day import NOW, TOMORROW, ClinicDay


class Hour:
    """The clock of the test."""

    def __init__(self) -> None:
        self.now = NOW


@pytest.fixture(autouse=True)
def hour(monkeypatch) -> Hour:
    """It is nine on a Monday, until the test says otherwise."""
    state = Hour()
    monkeypatch.setattr(clock, "now", lambda: state.now)
    return state


@pytest.fixture
def day(db) -> Iterator[ClinicDay]:
    """Sessions, people, a doctor, and the simulated cashier."""
    before = ports.port(PaymentProvider) if ports.is_provided(PaymentProvider) else None
    ports.provide(PaymentProvider, SimulatedProvider())
    yield clinic_day.clinic_day()
    if before is not None:
        ports.provide(PaymentProvider, before)


@pytest.fixture
def lists(db) -> None:
    """What can be ordered is in the tables."""
    reference_lists.load_short_lists()


def sign_in(account_id: UUID, *, safe_for: tuple[UUID, ...] = ()) -> Client:
    """A phone signed in to the account; the question of emergency has been answered for some people."""
    phone = Client()
    session = phone.session
    session[PATIENT_SESSION_KEY] = str(account_id)
    session[SAFETY_KEY] = {str(person_id): NOW.isoformat() for person_id in safe_for}
    session.save()
    return phone


@pytest.fixture
def phone(day) -> Client:
    """The family's phone."""
    return sign_in(day.account.id, safe_for=(day.person_id, day.mother_id))


def check_page(person_id: UUID, session_id: UUID, window_start=TOMORROW) -> str:
    """The address of the page that asks to check the answers."""
    return f"{reverse('patient:book_check', args=[person_id])}?slot={slot_value(session_id, window_start)}"
