"""The ledger's law: every transaction sums to zero at commit, and nothing booked is ever changed."""

from django.db import migrations

CREATE = """
CREATE FUNCTION billing_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_fen) FROM billing_ledgerentry WHERE transaction_id = NEW.transaction_id) <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_sums_to_zero AFTER INSERT ON billing_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_ledger_balanced();

CREATE FUNCTION billing_ledger_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is booked is never changed: book the reverse'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_unchanging';
END $$;

CREATE TRIGGER ledger_entry_unchanging BEFORE UPDATE OR DELETE ON billing_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION billing_ledger_unchanging();
CREATE TRIGGER ledger_transaction_unchanging BEFORE UPDATE OR DELETE ON billing_ledgertransaction
    FOR EACH ROW EXECUTE FUNCTION billing_ledger_unchanging();
"""

DROP = """
DROP TRIGGER ledger_transaction_unchanging ON billing_ledgertransaction;
DROP TRIGGER ledger_entry_unchanging ON billing_ledgerentry;
DROP TRIGGER ledger_sums_to_zero ON billing_ledgerentry;
DROP FUNCTION billing_ledger_unchanging();
DROP FUNCTION billing_ledger_balanced();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
