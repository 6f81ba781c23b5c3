"""Versions of the local numbers."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiuyi.kernel.ids import new_id


class RuleVersion(models.Model):
    """Values of one rule pack at one node from ``valid_from`` until ``valid_to`` (excluded; empty = open).

    ``version`` counts up per rule over all nodes, so (rule, version) names one row for ever. Values never change; a
    later change closes the row, or, if it starts at the same instant, marks it as ``replaced_at``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule_id = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    scope = models.ForeignKey("foundation.Node", on_delete=models.PROTECT, related_name="+")
    values = models.JSONField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    source = models.CharField(max_length=500)
    changed_by_kind = models.CharField(max_length=10)
    changed_by = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_id", "version"], name="rule_version_number"),
            models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="rule_period_forward"),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_version_from_one"),
            models.CheckConstraint(condition=~Q(reason=""), name="rule_change_has_a_reason"),
            ExclusionConstraint(
                name="rule_one_value_at_a_time",
                expressions=[
                    ("rule_id", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_to",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(replaced_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.version}"
