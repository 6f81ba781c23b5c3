"""Whether a move came after the deadline of cancelling."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0007_limits_of_accounts_and_devices")]

    operations = [
        migrations.AddField(model_name="appointmentmove", name="late", field=models.BooleanField(default=False, db_default=False)),
    ]
