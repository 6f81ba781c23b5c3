"""Two clerks and one person: real threads, real transactions, one ticket."""

import pytest
from django.test import Client

from jiuyi.domains.encounters.models import Encounter
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing.models import Ticket
from tests.desks.clerk.conftest import signed_in
from tests.factories import clinic_day
from tests.factories.schedules import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.mark.catalogue("C30", part="two clerks check in the same appointment at once: one ticket")
def test_two_clerks_check_in_the_same_appointment_at_once(transactional_db, day):
    appointment_id = clinic_day.paid_booking(day)
    windows = [signed_in(f"2100{number}", StaffRole.CLERK, day.hospital_id).client for number in range(4)]
    typed = {"payer_category": "resident", "credential": "id_card"}

    def press(window: Client):
        return window.post(f"/desk/clerk/appointments/{appointment_id}/check-in/", typed)

    answers = at_once([lambda window=window: press(window) for window in windows])
    assert [getattr(answer, "status_code", answer) for answer in answers] == [302] * len(windows)
    assert {answer.url for answer in answers} == {f"/desk/clerk/appointments/{appointment_id}/slip/"}
    assert Ticket.objects.count() == 1
    assert Encounter.objects.count() == 1
