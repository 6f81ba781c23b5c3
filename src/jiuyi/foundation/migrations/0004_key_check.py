"""Whose keys this database was filled with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_enrolled_devices")]

    operations = [
        migrations.CreateModel(
            name="KeyCheck",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("fingerprint", models.BinaryField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="key_check_one_row")],
            },
        ),
    ]
