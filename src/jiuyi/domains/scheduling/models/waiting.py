"""The waiting list (候补) and the places offered from it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jiuyi.domains.scheduling.words import HalfDay, OfferState, Reach, WaitingState
from jiuyi.kernel.ids import new_id


class WaitingEntry(models.Model):
    """One person who wants a place of a department (or of one doctor) between two days, both included."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+", db_index=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    half_days = ArrayField(models.CharField(max_length=20, choices=HalfDay.choices()), default=list)  # empty: any
    travel_minutes = models.SmallIntegerField(default=60)
    family_group = models.UUIDField(null=True)  # entries of one family that want to come on the same half-day
    reach = models.CharField(max_length=20, choices=Reach.choices(), default=Reach.TEXT)
    account_id = models.UUIDField(null=True)
    entered_by_kind = models.CharField(max_length=20)
    entered_by_id = models.UUIDField()
    joined_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=WaitingState.choices(), default=WaitingState.WAITING)
    offers_missed = models.SmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day"), travel_minutes__gte=0), name="waiting_sane"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in WaitingState]), name="waiting_state_known"),
            models.CheckConstraint(condition=Q(reach__in=[r.value for r in Reach]), name="waiting_reach_known"),
            models.UniqueConstraint(
                fields=["person", "department"],
                condition=Q(state__in=[WaitingState.WAITING.value, WaitingState.OFFERED.value]),
                name="one_waiting_per_department",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "joined_at"], name="waiting_in_order", condition=Q(state=WaitingState.WAITING.value)),
        ]


class WaitingOffer(models.Model):
    """One place held for somebody on the list; the hold is an ordinary held appointment, so nothing can oversell."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey("scheduling.WaitingEntry", on_delete=models.PROTECT, related_name="+")
    appointment = models.OneToOneField("scheduling.Appointment", on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=OfferState.choices(), default=OfferState.OPEN)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state=OfferState.OPEN.value), name="one_open_offer"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="offer_sane"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in OfferState]), name="offer_state_known"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="offer_open", condition=Q(state=OfferState.OPEN.value))]
