"""Machines in the halls that act by themselves."""

from django.db import models

from jiuyi.kernel.ids import new_id


class EnrolledDevice(models.Model):
    """One browser that stands at a node and acts there under a role, until somebody revokes it.

    ``wrong_tries`` counts what was typed wrongly in a row; too many of them lock the device until ``locked_until``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    node = models.ForeignKey("foundation.Node", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    enrolled_by = models.UUIDField()
    enrolled_at = models.DateTimeField()
    revoked_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="device_revocation_has_an_author",
            ),
        ]
        indexes = [models.Index(fields=["node"], condition=models.Q(revoked_at__isnull=True), name="device_in_use")]

    def __str__(self) -> str:
        return f"{self.role} {self.label}"
