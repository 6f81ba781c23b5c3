"""The simulated payment channel's own book: what it took and gave back, and which of it the hospital has been told."""

from django.db import migrations

CREATE = """
CREATE TABLE interop_simulatedtransfer (
    reference varchar(64) PRIMARY KEY,
    kind varchar(10) NOT NULL CHECK (kind IN ('pay', 'refund')),
    payment_id uuid NOT NULL,
    refund_id uuid UNIQUE,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    made_at timestamptz NOT NULL,
    tell_at timestamptz,
    told_at timestamptz
);
CREATE INDEX simulated_transfer_of_payment ON interop_simulatedtransfer (payment_id);
CREATE INDEX simulated_transfer_to_tell ON interop_simulatedtransfer (tell_at) WHERE told_at IS NULL AND tell_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [migrations.RunSQL(CREATE, "DROP TABLE interop_simulatedtransfer")]
