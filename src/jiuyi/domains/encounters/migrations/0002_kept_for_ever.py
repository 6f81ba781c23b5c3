"""What is signed never changes, what is ordered is never removed: laws of the database, whoever writes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION encounters_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER signed_note_never_changes BEFORE UPDATE OR DELETE ON encounters_clinicalnote
    FOR EACH ROW WHEN (OLD.status = 'signed') EXECUTE FUNCTION encounters_refuse_change('a signed note never changes');
CREATE TRIGGER signing_key_never_changes BEFORE DELETE ON encounters_signingkey
    FOR EACH ROW EXECUTE FUNCTION encounters_refuse_change('signatures need their key');
CREATE TRIGGER public_key_never_changes BEFORE UPDATE ON encounters_signingkey
    FOR EACH ROW WHEN (OLD.public_key IS DISTINCT FROM NEW.public_key OR OLD.user_id IS DISTINCT FROM NEW.user_id)
    EXECUTE FUNCTION encounters_refuse_change('signatures need their key');
CREATE TRIGGER service_request_stays BEFORE DELETE ON encounters_servicerequest
    FOR EACH ROW EXECUTE FUNCTION encounters_refuse_change('an order stays for ever');
CREATE TRIGGER medication_request_stays BEFORE DELETE ON encounters_medicationrequest
    FOR EACH ROW EXECUTE FUNCTION encounters_refuse_change('an order stays for ever');
CREATE TRIGGER condition_stays BEFORE DELETE ON encounters_condition
    FOR EACH ROW EXECUTE FUNCTION encounters_refuse_change('a diagnosis is taken back, not removed');
CREATE TRIGGER allergy_stays BEFORE DELETE ON encounters_allergyintolerance
    FOR EACH ROW EXECUTE FUNCTION encounters_refuse_change('an allergy is refuted, not removed');
"""

BACKWARD = """
DROP TRIGGER signed_note_never_changes ON encounters_clinicalnote;
DROP TRIGGER signing_key_never_changes ON encounters_signingkey;
DROP TRIGGER public_key_never_changes ON encounters_signingkey;
DROP TRIGGER service_request_stays ON encounters_servicerequest;
DROP TRIGGER medication_request_stays ON encounters_medicationrequest;
DROP TRIGGER condition_stays ON encounters_condition;
DROP TRIGGER allergy_stays ON encounters_allergyintolerance;
DROP FUNCTION encounters_refuse_change();
"""


class Migration(migrations.Migration):
    """Triggers that refuse change and removal."""

    dependencies = [("encounters", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
