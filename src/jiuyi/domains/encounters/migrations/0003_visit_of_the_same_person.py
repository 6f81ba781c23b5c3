"""Order, visit, ticket and appointment are always of one person; the database says so.

A visit's person is part of the key that its orders refer to. Appointment and ticket are asked by a trigger: an index more on
appointments would cost every booking (ADR 18).
"""

from django.db import migrations

LAW = """
ALTER TABLE encounters_encounter ADD CONSTRAINT encounter_with_person UNIQUE (id, person_id);
ALTER TABLE encounters_servicerequest ADD CONSTRAINT service_request_of_the_same_person
    FOREIGN KEY (encounter_id, person_id) REFERENCES encounters_encounter (id, person_id);
ALTER TABLE encounters_medicationrequest ADD CONSTRAINT medication_request_of_the_same_person
    FOREIGN KEY (encounter_id, person_id) REFERENCES encounters_encounter (id, person_id);

CREATE FUNCTION encounter_keeps_its_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.appointment_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM scheduling_appointment a WHERE a.id = NEW.appointment_id AND a.person_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'visit and appointment are of different persons'
            USING ERRCODE = '23503', CONSTRAINT = 'encounter_of_the_same_person';
    END IF;
    IF EXISTS (SELECT FROM queueing_ticket t WHERE t.id = NEW.ticket_id AND t.person_id <> NEW.person_id) THEN
        RAISE EXCEPTION 'visit and ticket are of different persons'
            USING ERRCODE = '23503', CONSTRAINT = 'encounter_of_the_same_person';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER encounter_of_the_same_person BEFORE INSERT OR UPDATE OF person_id, appointment_id, ticket_id ON encounters_encounter
    FOR EACH ROW EXECUTE FUNCTION encounter_keeps_its_person();
"""
UNDO = """
DROP TRIGGER encounter_of_the_same_person ON encounters_encounter;
DROP FUNCTION encounter_keeps_its_person();
ALTER TABLE encounters_medicationrequest DROP CONSTRAINT medication_request_of_the_same_person;
ALTER TABLE encounters_servicerequest DROP CONSTRAINT service_request_of_the_same_person;
ALTER TABLE encounters_encounter DROP CONSTRAINT encounter_with_person;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("encounters", "0002_kept_for_ever"),
        ("queueing", "0002_ticket_of_the_same_person"),
        ("scheduling", "0004_claim_fairly"),
    ]

    operations = [migrations.RunSQL(LAW, UNDO)]
