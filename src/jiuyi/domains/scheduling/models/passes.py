"""Booking passes and the draw among those who are there when places are released."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jiuyi.domains.scheduling.words import BookingChannel, DrawOutcome
from jiuyi.kernel.ids import new_id


class PersonAllowance(models.Model):
    """One row for each person, locked while a pass is given or a place is claimed, so that limits hold under parallel requests."""

    person = models.OneToOneField("identity.Person", on_delete=models.PROTECT, primary_key=True, related_name="+")


class BookingPass(models.Model):
    """Leave to book one session for one person; its id is the nonce, and the key of the booking made with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+", db_index=False)
    department_id = models.UUIDField()
    service_date = models.DateField()
    channel = models.CharField(max_length=20, choices=BookingChannel.choices())
    account_id = models.UUIDField(null=True)
    device_hash = models.CharField(max_length=64, blank=True)
    fee_fen = models.BigIntegerField()
    fee_rule_id = models.CharField(max_length=20, blank=True)
    fee_rule_version = models.IntegerField(null=True)
    counts_to_limits = models.BooleanField(default=True)
    issued_by_kind = models.CharField(max_length=20)
    issued_by_id = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at"), fee_fen__gte=0), name="pass_sane"),
            models.CheckConstraint(condition=Q(channel__in=[c.value for c in BookingChannel]), name="pass_channel_known"),
            # One live pass of a person for a session: asking again gives the same one.
            models.UniqueConstraint(fields=["person", "session"], condition=Q(given_back_at__isnull=True), name="one_live_pass"),
        ]
        indexes = [
            models.Index(fields=["person", "expires_at"], name="pass_of_person", condition=Q(given_back_at__isnull=True)),
            models.Index(fields=["account_id", "expires_at"], name="pass_of_account", condition=Q(given_back_at__isnull=True)),
            models.Index(
                fields=["device_hash", "expires_at"], name="pass_of_device", condition=Q(given_back_at__isnull=True) & ~Q(device_hash="")
            ),
            models.Index(fields=["session", "expires_at"], name="pass_of_session"),
        ]


class DrawEntry(models.Model):
    """Somebody who is there before a session is released, with wishes; the draw decides the order, not the speed of the phone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking_pass = models.OneToOneField("scheduling.BookingPass", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    wishes = ArrayField(models.DateTimeField(), default=list)  # window starts, the dearest first; empty: any
    any_window = models.BooleanField(default=True)  # if no wish is free, take the nearest
    pay_at_arrival = models.BooleanField(default=False)
    entered_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=DrawOutcome.choices(), default=DrawOutcome.WAITING)
    rank = models.IntegerField(null=True)
    appointment_id = models.UUIDField(null=True)
    refusal = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="one_draw_entry"),
            models.UniqueConstraint(fields=["session", "rank"], name="one_draw_rank"),
            models.CheckConstraint(condition=Q(outcome__in=[o.value for o in DrawOutcome]), name="draw_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome=DrawOutcome.WON.value) | Q(appointment_id__isnull=False), name="draw_won_is_a_place"
            ),
        ]
        indexes = [models.Index(fields=["session", "outcome"], name="draw_of_session")]
