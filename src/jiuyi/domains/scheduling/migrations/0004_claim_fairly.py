"""Claiming in batches, with pools that flow back, the draw and the waiting list; see claim_places_v1_fair.sql."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
FAIR = (HERE / "claim_places_v1_fair.sql").read_text(encoding="utf-8")
BEFORE = (HERE / "claim_places_v1.sql").read_text(encoding="utf-8").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
UNDO = (
    BEFORE
    + "DROP FUNCTION claim_one_place_v1(jsonb); DROP FUNCTION explain_refusals_v1(jsonb, integer[]);"
    + "DROP FUNCTION claim_places_together_v1(jsonb);"
)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0003_fair_places")]

    operations = [
        migrations.RunSQL("SET LOCAL check_function_bodies = off", migrations.RunSQL.noop),
        migrations.RunSQL(FAIR, UNDO),
    ]
