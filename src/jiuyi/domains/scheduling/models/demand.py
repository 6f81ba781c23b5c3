"""What a plain forecast expects, and what a person decided about it (C3)."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.scheduling.words import HalfDay, ProposalState
from jiuyi.kernel.ids import new_id


class DemandForecast(models.Model):
    """Expected demand of one department's half-day, and the yardstick "same weekday last week"; ``actual`` once it is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+", db_index=False)
    service_date = models.DateField()
    half_day = models.CharField(max_length=20, choices=HalfDay.choices())
    made_at = models.DateTimeField()
    expected = models.IntegerField()
    last_week = models.IntegerField(null=True)
    inputs = models.JSONField(default=dict)  # the numbers it was computed from, so that it can be checked by hand
    actual = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["department", "service_date", "half_day"], name="one_forecast_per_half_day"),
            models.CheckConstraint(condition=Q(half_day__in=[h.value for h in HalfDay]), name="forecast_half_day_known"),
            models.CheckConstraint(condition=Q(expected__gte=0), name="forecast_not_negative"),
        ]


class CapacityProposal(models.Model):
    """More or fewer places for one session, proposed by the forecast; a person decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    forecast = models.ForeignKey("scheduling.DemandForecast", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+")
    capacity_before = models.IntegerField()
    capacity_proposed = models.IntegerField()
    state = models.CharField(max_length=20, choices=ProposalState.choices(), default=ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    capacity_decided = models.IntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(state=ProposalState.OPEN.value), name="one_open_proposal"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.OPEN.value) | Q(decided_by_id__isnull=False, decided_at__isnull=False),
                name="proposal_decided_by_somebody",
            ),
        ]
