"""Whose keys this database was filled with, without telling them."""

from django.db import models


class KeyCheck(models.Model):
    """At most one row: a known text under the installation's keys, which only the same keys open again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sealed = models.BinaryField()
    fingerprint = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="key_check_one_row")]

    def __str__(self) -> str:
        return bytes(self.fingerprint).hex()[:8]
