"""The tree that scopes rules and roles: wordless nodes."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce

from jiuyi.kernel.ids import new_id

_NOBODY = "00000000-0000-0000-0000-000000000000"


class Node(models.Model):
    """One node of the tree; ``path`` is the ids from the root down to the node itself. There is one root."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    path = ArrayField(models.UUIDField())
    name = models.CharField(max_length=120)

    class Meta:
        indexes = [GinIndex(fields=["path"], name="node_path")]
        constraints = [
            models.UniqueConstraint(
                Coalesce("parent", models.Value(_NOBODY, output_field=models.UUIDField())),
                condition=models.Q(parent__isnull=True),
                name="node_one_root",
            )
        ]

    def __str__(self) -> str:
        return self.name
