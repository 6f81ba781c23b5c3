"""The demo's clock."""

from django.db import models


class ClockOffset(models.Model):
    """At most one row: how far the demo's clock stands from the true one. Absent outside the demo."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clock_one_row")]

    def __str__(self) -> str:
        return str(self.offset)
