"""The one way in which a place is taken, and two laws of the appointment's row."""

from pathlib import Path

from django.db import migrations

CLAIM = (Path(__file__).parent / "claim_places_v1.sql").read_text(encoding="utf-8")

# A request with an unknown person must fail in its own subtransaction, not at the commit of the whole batch.
IMMEDIATE_KEYS = """
DO $$
DECLARE k record;
BEGIN
    FOR k IN SELECT conname FROM pg_constraint WHERE conrelid = 'scheduling_appointment'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE scheduling_appointment ALTER CONSTRAINT %I NOT DEFERRABLE', k.conname);
    END LOOP;
END $$;
"""

# Rule AP-10: an appointment cannot be handed on to somebody else.
SAME_PERSON = """
CREATE FUNCTION scheduling_same_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the person of an appointment never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_same_person';
END $$;
CREATE TRIGGER appointment_same_person BEFORE UPDATE OF person_id ON scheduling_appointment
    FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION scheduling_same_person();
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial"), ("foundation", "0002_append_only")]

    operations = [
        migrations.RunSQL(CLAIM, "DROP FUNCTION claim_places_v1(jsonb)"),
        migrations.RunSQL(IMMEDIATE_KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(
            SAME_PERSON, "DROP TRIGGER appointment_same_person ON scheduling_appointment; DROP FUNCTION scheduling_same_person()"
        ),
    ]
