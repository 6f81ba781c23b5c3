"""Who opened a record, who was refused, who used a privilege. The table is made in SQL: partitioned, append-only."""

from django.db import models


class AuditEntry(models.Model):
    """One reading, refusal or privileged act. Only INSERT and SELECT are possible."""

    id = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=12)
    act = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    object_id = models.CharField(max_length=80)
    code = models.CharField(max_length=80)
    reason = models.CharField(max_length=500)

    class Meta:
        managed = False
        db_table = "foundation_auditentry"

    def __str__(self) -> str:
        return f"{self.kind} {self.act} #{self.id}"
