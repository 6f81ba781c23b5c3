"""What happened, and how far each reader has read. The tables are made in SQL: partitioned, append-only."""

from django.db import models

from jiuyi.kernel.ids import new_id


class JournalEntry(models.Model):
    """One event: ids and codes only. Only INSERT and SELECT are possible."""

    id = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    name = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField()
    scope_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    payload = models.JSONField()

    class Meta:
        managed = False
        db_table = "foundation_journalentry"

    def __str__(self) -> str:
        return f"{self.name} #{self.id}"


class ListenerFailure(models.Model):
    """A listener that failed on an entry: tried again with growing pauses, then left for a person to look at."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    listener = models.CharField(max_length=200)
    error = models.CharField(max_length=200)
    attempts = models.PositiveIntegerField(default=1)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry_id", "listener"], name="listener_failure_once")]
        indexes = [models.Index(fields=["next_attempt_at"], name="listener_failure_due")]

    def __str__(self) -> str:
        return f"{self.listener} on #{self.entry_id}"
