"""Rows to lock for each account and device that books, and the indexes by which their bookings are counted (rule AP-9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0006_wish_of_a_seat"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceAllowance",
            fields=[
                ("source", models.CharField(max_length=80, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("device_hash", ""), _negated=True), fields=["device_hash", "booked_at"], name="appointment_of_device"
            ),
        ),
        migrations.AddIndex(
            model_name="bookingpass",
            index=models.Index(
                condition=models.Q(("given_back_at__isnull", True), models.Q(("device_hash", ""), _negated=True)),
                fields=["device_hash", "expires_at"],
                name="pass_of_device",
            ),
        ),
    ]
