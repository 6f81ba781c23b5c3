"""A village's trip to the hospital: one van, one day, up to ten people booked on one screen (C6)."""

from django.db import models
from django.db.models import F, Q

from jiuyi.domains.scheduling.words import TripSeatState
from jiuyi.kernel.ids import new_id


class Trip(models.Model):
    """One van that leaves a village clinic and comes back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    village = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    hospital = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    leaves_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    returns_at = models.DateTimeField()
    seats = models.SmallIntegerField()
    planned_by_id = models.UUIDField()
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(arrives_at__gte=F("leaves_at"), returns_at__gt=F("arrives_at"), seats__gte=1), name="trip_sane"
            ),
        ]
        indexes = [models.Index(fields=["village", "day"], name="trip_of_village")]


class TripSeat(models.Model):
    """One person on a trip; whoever has not signed up with the family doctor gave a recorded consent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trip = models.ForeignKey("scheduling.Trip", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    signed_up = models.BooleanField()
    consent = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, null=True, related_name="+")  # the wish
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=TripSeatState.choices(), default=TripSeatState.PLANNED)
    refusal = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trip", "person"], name="one_seat_per_person"),
            models.CheckConstraint(condition=Q(signed_up=True) | ~Q(consent=""), name="unsigned_needs_consent"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in TripSeatState]), name="seat_state_known"),
        ]
