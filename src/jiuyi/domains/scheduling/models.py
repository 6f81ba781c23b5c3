"""Tables of sessions, places and appointments: overselling and double booking are impossible by constraint."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiuyi.domains.scheduling.words import (
    OCCUPYING,
    OPEN_STATES,
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    HalfDay,
    NumberClass,
    Party,
    PlaceState,
    Pool,
    SessionStatus,
)
from jiuyi.kernel.ids import new_id

_OPEN_SESSION = Q(status=SessionStatus.OPEN.value)


class ClinicSession(models.Model):
    """One practitioner in one room for one stretch of time; open sessions of one practitioner never overlap."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("organizations.Room", on_delete=models.PROTECT, null=True, related_name="+")
    service_date = models.DateField()
    half_day = models.CharField(max_length=20, choices=HalfDay.choices())
    number_class = models.CharField(max_length=20, choices=NumberClass.choices())
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    slot_minutes = models.SmallIntegerField()
    capacity = models.IntegerField()
    status = models.CharField(max_length=20, choices=SessionStatus.choices())
    visible_at = models.DateTimeField()
    fee_note = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="practitioner_in_one_place",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()), RangeOperators.OVERLAPS),
                ],
                condition=_OPEN_SESSION,
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at"), slot_minutes__gt=0, capacity__gte=0), name="session_sane"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in SessionStatus]), name="session_status_known"),
            models.CheckConstraint(condition=Q(number_class__in=[c.value for c in NumberClass]), name="session_class_known"),
            models.CheckConstraint(condition=Q(half_day__in=[h.value for h in HalfDay]), name="session_half_day_known"),
        ]
        indexes = [
            models.Index(fields=["department", "starts_at"], name="session_of_department", condition=_OPEN_SESSION),
            models.Index(fields=["organization", "ends_at"], name="session_of_organization", condition=_OPEN_SESSION),
            models.Index(fields=["practitioner", "service_date"], name="session_of_practitioner"),
        ]


class Place(models.Model):
    """One place (号): the unit that is sold. ``state`` mirrors whether an appointment occupies it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+", db_index=False)
    ordinal = models.IntegerField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    pool = models.CharField(max_length=20, choices=Pool.choices())
    visible_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=PlaceState.choices())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "ordinal"], name="place_ordinal_once"),
            models.CheckConstraint(condition=Q(window_end__gt=F("window_start")), name="place_window_sane"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in PlaceState]), name="place_state_known"),
            models.CheckConstraint(condition=Q(pool__in=[p.value for p in Pool]), name="place_pool_known"),
        ]
        indexes = [
            models.Index(
                fields=["session", "window_start", "ordinal"],
                name="place_free",
                condition=Q(state=PlaceState.FREE.value),
                include=["window_end", "visible_at", "pool"],
            ),
        ]


class Appointment(models.Model):
    """One person's claim on one place. The person of an appointment never changes (rule AP-10)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey("scheduling.Place", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+", db_index=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    service_date = models.DateField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    status = models.CharField(max_length=20, choices=AppointmentStatus.choices())
    channel = models.CharField(max_length=20, choices=BookingChannel.choices())
    booked_by_kind = models.CharField(max_length=20)
    booked_by_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    voucher = models.CharField(max_length=20, unique=True)
    fee_fen = models.BigIntegerField()
    fee_rule_id = models.CharField(max_length=20, blank=True)
    fee_rule_version = models.IntegerField(null=True)
    held_until = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    pay_at_arrival = models.BooleanField(default=False)
    cancelled_by = models.CharField(max_length=20, choices=Party.choices(), blank=True)
    cancel_reason = models.CharField(max_length=40, choices=CancelReason.choices(), blank=True)
    cancelled_late = models.BooleanField(default=False)
    booked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=Q(status__in=[s.value for s in OCCUPYING]), name="place_sold_once"),
            models.UniqueConstraint(
                fields=["person", "department", "service_date"],
                condition=Q(status__in=[s.value for s in OPEN_STATES]),
                name="one_booking_per_department_day",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in AppointmentStatus]), name="appointment_status_known"),
            models.CheckConstraint(condition=Q(channel__in=[c.value for c in BookingChannel]), name="appointment_channel_known"),
            models.CheckConstraint(condition=Q(fee_fen__gte=0), name="appointment_fee_not_negative"),
            models.CheckConstraint(
                condition=~Q(status=AppointmentStatus.HELD.value) | Q(held_until__isnull=False), name="appointment_hold_ends"
            ),
            models.CheckConstraint(
                condition=~Q(status=AppointmentStatus.CANCELLED.value) | (~Q(cancelled_by="") & ~Q(cancel_reason="")),
                name="appointment_cancel_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "service_date"], name="appointment_of_person"),
            models.Index(fields=["account_id", "service_date"], name="appointment_of_account", condition=Q(account_id__isnull=False)),
            models.Index(fields=["held_until"], name="appointment_holds", condition=Q(status=AppointmentStatus.HELD.value)),
            models.Index(fields=["organization", "service_date"], name="appointment_day_list"),
            models.Index(fields=["window_end"], name="appointment_awaited", condition=Q(status=AppointmentStatus.BOOKED.value)),
        ]
