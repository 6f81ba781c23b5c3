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
    BookingMode,
    CancelReason,
    HalfDay,
    NumberClass,
    Party,
    PlaceState,
    Pool,
    SessionKind,
    SessionStatus,
)
from jiuyi.kernel.ids import new_id

_ROAD = Func(F("starts_at"), F("road_until"), function="tstzrange", output_field=DateTimeRangeField())
_OPEN_SESSION = Q(status=SessionStatus.OPEN.value)


class ClinicSession(models.Model):
    """One practitioner in one room for one stretch of time.

    Open sessions of one practitioner never overlap, and between two institutions there is time for the road
    (``road_until`` = the end plus the travel buffer). ``capacity`` counts the places that are not withdrawn, extras apart.
    """

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
    kind = models.CharField(max_length=20, choices=SessionKind.choices(), default=SessionKind.CLINIC, db_default=SessionKind.CLINIC.value)
    template = models.ForeignKey("scheduling.ScheduleTemplate", on_delete=models.PROTECT, null=True, related_name="+")
    road_until = models.DateTimeField()
    contact = models.CharField(max_length=60, blank=True, db_default="")  # whom a patient of a visiting expert asks
    how_to_book = models.CharField(max_length=120, blank=True, db_default="")
    original_practitioner_id = models.UUIDField(null=True)  # set while a substitute sees the patients
    delayed_minutes = models.SmallIntegerField(default=0, db_default=0)
    away_since = models.DateTimeField(null=True)  # "the doctor was called away, until when is unknown"
    extra_limit = models.SmallIntegerField(null=True)  # null: rule AP-8
    draws = models.BooleanField(default=False, db_default=False)  # released by a draw among those present
    drawn_at = models.DateTimeField(null=True)
    draw_seed = models.CharField(max_length=64, blank=True, db_default="")
    release_rule_version = models.IntegerField(null=True)  # null: the moment was set by hand

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
            ExclusionConstraint(
                name="practitioner_on_the_road",
                expressions=[
                    ("practitioner", RangeOperators.EQUAL),
                    ("organization", RangeOperators.NOT_EQUAL),
                    (
                        Func(F("starts_at"), F("road_until"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=_OPEN_SESSION,
            ),
            models.CheckConstraint(condition=Q(road_until__gte=F("ends_at")), name="session_road_after_end"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in SessionKind]), name="session_kind_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at"), slot_minutes__gt=0, capacity__gte=0), name="session_sane"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in SessionStatus]), name="session_status_known"),
            models.CheckConstraint(condition=Q(number_class__in=[c.value for c in NumberClass]), name="session_class_known"),
            models.CheckConstraint(condition=Q(half_day__in=[h.value for h in HalfDay]), name="session_half_day_known"),
        ]
        indexes = [
            models.Index(fields=["department", "starts_at"], name="session_of_department", condition=_OPEN_SESSION),
            models.Index(fields=["organization", "ends_at"], name="session_of_organization", condition=_OPEN_SESSION),
            models.Index(fields=["practitioner", "service_date"], name="session_of_practitioner"),
            models.Index(fields=["visible_at"], name="session_to_draw", condition=Q(draws=True, drawn_at__isnull=True)),
        ]


class Place(models.Model):
    """One place (号): the unit that is sold. ``state`` mirrors whether an appointment occupies it.

    A place of a reserved pool is sold to the public too from ``flows_back_at`` on. A place that was given up cools:
    ``cooling_since`` is set and ``visible_at`` lies ahead. ``extra`` places (加号) count apart from the capacity.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+", db_index=False)
    ordinal = models.IntegerField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    pool = models.CharField(max_length=20, choices=Pool.choices())
    visible_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=PlaceState.choices())
    flows_back_at = models.DateTimeField(null=True)
    cooling_since = models.DateTimeField(null=True)
    extra = models.BooleanField(default=False, db_default=False)

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
                include=["window_end", "visible_at", "pool", "flows_back_at"],
            ),
            models.Index(
                fields=["cooling_since"],
                name="place_cooling",
                condition=Q(state=PlaceState.FREE.value, cooling_since__isnull=False),
            ),
        ]


class Appointment(models.Model):
    """One person's claim on one place. The person of an appointment never changes (rule AP-10).

    Session, department, organization and practitioner repeat what the place says, for indexes and constraints; only
    the place and the person are checked by foreign key, because each check costs a rush a tenth of its speed (ADR 18).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey("scheduling.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    department = models.ForeignKey(
        "organizations.Department", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    practitioner = models.ForeignKey(
        "organizations.Practitioner", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    service_date = models.DateField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    status = models.CharField(max_length=20, choices=AppointmentStatus.choices())
    channel = models.CharField(max_length=20, choices=BookingChannel.choices())
    booked_by_kind = models.CharField(max_length=20)
    booked_by_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    voucher = models.CharField(max_length=20)
    fee_fen = models.BigIntegerField()
    fee_rule_id = models.CharField(max_length=20, blank=True)
    fee_rule_version = models.IntegerField(null=True)
    held_until = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=120)
    pay_at_arrival = models.BooleanField(default=False)
    mode = models.CharField(max_length=20, choices=BookingMode.choices(), default=BookingMode.SELF, db_default=BookingMode.SELF.value)
    device_hash = models.CharField(max_length=64, blank=True, db_default="")
    counts_to_limits = models.BooleanField(default=True, db_default=True)
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
            # Constraints, not unique=True: that would add an index for LIKE to each, which nothing asks and every booking pays.
            models.UniqueConstraint(fields=["voucher"], name="voucher_once"),
            models.UniqueConstraint(fields=["idempotency_key"], name="appointment_key_once"),
            models.UniqueConstraint(
                fields=["person", "department", "service_date"],
                condition=Q(status__in=[s.value for s in OPEN_STATES]),
                name="one_booking_per_department_day",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in AppointmentStatus]), name="appointment_status_known"),
            models.CheckConstraint(condition=Q(channel__in=[c.value for c in BookingChannel]), name="appointment_channel_known"),
            models.CheckConstraint(condition=Q(mode__in=[m.value for m in BookingMode]), name="appointment_mode_known"),
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
            models.Index(fields=["device_hash", "booked_at"], name="appointment_of_device", condition=~Q(device_hash="")),
            models.Index(fields=["held_until"], name="appointment_holds", condition=Q(status=AppointmentStatus.HELD.value)),
            models.Index(fields=["organization", "service_date"], name="appointment_day_list"),
            models.Index(fields=["window_end"], name="appointment_awaited", condition=Q(status=AppointmentStatus.BOOKED.value)),
        ]
