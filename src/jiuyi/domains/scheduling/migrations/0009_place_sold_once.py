"""Taking the plain index away from ``place`` took the unique one with it: the law that sells a place once stands again."""

from django.db import migrations

AGAIN = """
CREATE UNIQUE INDEX IF NOT EXISTS place_sold_once ON scheduling_appointment (place_id)
    WHERE status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow')
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0008_late_moves")]

    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
