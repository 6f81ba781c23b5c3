"""Order, visit, ticket and appointment are of one person: the database refuses whatever else somebody writes into it."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db, lists):
    day = clinic_day.clinic_day()
    booked = clinic_day.paid_booking(day)
    checked_in = clinic_day.checks_in(day, booked)
    clinic_day.paid_booking(day, window_start=OPENS + clinic_day.MINUTE * 15, person_id=day.mother_id)
    encounter_id = clinic_day.enters(day, checked_in)
    clinic_day.diagnoses(day, encounter_id)
    clinic_day.orders(day, encounter_id)
    return {"person": day.mother_id, "visit": encounter_id, "ticket": checked_in.ticket_id, "booked": booked}


@pytest.mark.parametrize(
    ("law", "statement"),
    [
        ("service_request_of_the_same_person", "UPDATE encounters_servicerequest SET person_id = %(person)s"),
        ("medication_request_of_the_same_person", "UPDATE encounters_medicationrequest SET person_id = %(person)s"),
        ("different persons", "UPDATE encounters_encounter SET person_id = %(person)s WHERE id = %(visit)s"),
        ("different persons", "UPDATE queueing_ticket SET person_id = %(person)s WHERE id = %(ticket)s"),
        (
            "different persons",
            "UPDATE queueing_ticket SET appointment_id = (SELECT id FROM scheduling_appointment WHERE person_id = %(person)s)",
        ),
        (
            "different persons",
            "UPDATE encounters_encounter SET appointment_id = (SELECT id FROM scheduling_appointment WHERE person_id = %(person)s)",
        ),
        ("never changes", "UPDATE scheduling_appointment SET person_id = %(person)s WHERE id = %(booked)s"),
    ],
)
def test_the_database_refuses_another_person(case, law, statement):
    with pytest.raises(IntegrityError, match=law), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, case)
