"""One charge stands for each source; what was given back or withdrawn may be charged anew (an appointment that moved)."""

from django.db import migrations, models

REASONS = ["appointment_cancelled", "hospital", "moved", "not_done", "surplus", "other"]


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_ledger_law")]

    operations = [
        migrations.RemoveConstraint(model_name="charge", name="charge_once_per_source"),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["unpaid", "paid"])), fields=("source_kind", "source_id"), name="charge_once_per_source"
            ),
        ),
        migrations.AddIndex(model_name="charge", index=models.Index(fields=["source_kind", "source_id"], name="charge_of_source")),
        migrations.AlterField(
            model_name="refund",
            name="reason",
            field=models.CharField(
                choices=[
                    ("appointment_cancelled", "退号"),
                    ("hospital", "医院原因"),
                    ("moved", "改约后按新号收费"),
                    ("not_done", "项目未执行"),
                    ("surplus", "重复或过期支付"),
                    ("other", "其他原因"),
                ],
                max_length=40,
            ),
        ),
        migrations.RemoveConstraint(model_name="refund", name="refund_reason_known"),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("reason__in", REASONS)), name="refund_reason_known"),
        ),
    ]
