"""A ticket never calls one person on another one's appointment; the database says so."""

from django.db import migrations

LAW = """
CREATE FUNCTION ticket_keeps_its_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.appointment_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM scheduling_appointment a WHERE a.id = NEW.appointment_id AND a.person_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'ticket and appointment are of different persons'
            USING ERRCODE = '23503', CONSTRAINT = 'ticket_of_the_same_person';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_of_the_same_person BEFORE INSERT OR UPDATE OF person_id, appointment_id ON queueing_ticket
    FOR EACH ROW EXECUTE FUNCTION ticket_keeps_its_person();
"""
UNDO = "DROP TRIGGER ticket_of_the_same_person ON queueing_ticket; DROP FUNCTION ticket_keeps_its_person();"


class Migration(migrations.Migration):
    # An appointment's own person never changes: its trigger is of that migration.
    dependencies = [("queueing", "0001_initial"), ("scheduling", "0004_claim_fairly")]

    operations = [migrations.RunSQL(LAW, UNDO)]
