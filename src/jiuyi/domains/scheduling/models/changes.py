"""Changes of the day (停诊、替诊、延诊), whom they concern, and every move of an appointment to another place."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.scheduling.words import ChangeChoice, ChangeKind, MoveReason, Party, Reach
from jiuyi.kernel.ids import new_id


class SessionChange(models.Model):
    """One decision about a published session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("scheduling.ClinicSession", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ChangeKind.choices())
    substitute = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    delay_minutes = models.SmallIntegerField(null=True)  # null with kind delay: away until unknown
    reason = models.CharField(max_length=120)
    decided_by_id = models.UUIDField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=[k.value for k in ChangeKind]), name="change_kind_known")]


class ChangeNotice(models.Model):
    """One booked person whom a change concerns: how they are told, whether they know, and what they choose."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    change = models.ForeignKey("scheduling.SessionChange", on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, related_name="+")
    reach = models.CharField(max_length=20, choices=Reach.choices(), blank=True)  # the way tried last
    told_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField(null=True)  # the person is known to know: opened, answered, or said so on the phone
    call_due_at = models.DateTimeField(null=True)
    calls = models.SmallIntegerField(default=0)
    called_by_id = models.UUIDField(null=True)
    collides_with = models.UUIDField(null=True)  # another appointment of the same person that a delay makes impossible
    choice = models.CharField(max_length=20, choices=ChangeChoice.choices(), blank=True)
    chosen_by_kind = models.CharField(max_length=20, blank=True)
    chosen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "appointment"], name="told_once_per_change"),
            models.CheckConstraint(condition=Q(reach="") | Q(reach__in=[r.value for r in Reach]), name="notice_reach_known"),
            models.CheckConstraint(condition=Q(choice="") | Q(chosen_at__isnull=False), name="choice_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["call_due_at"], name="notice_to_call", condition=Q(known_at__isnull=True, call_due_at__isnull=False)),
        ]


class AppointmentMove(models.Model):
    """An appointment went from one place to another and kept its identity."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, related_name="+")
    from_place = models.ForeignKey("scheduling.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    to_place = models.ForeignKey("scheduling.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    from_window_start = models.DateTimeField()
    to_window_start = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=MoveReason.choices())
    by = models.CharField(max_length=20, choices=Party.choices())
    late = models.BooleanField(default=False, db_default=False)  # after the deadline of cancelling (rule AP-12)
    idempotency_key = models.CharField(max_length=120, unique=True)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=[r.value for r in MoveReason]), name="move_reason_known"),
            models.CheckConstraint(condition=Q(by__in=[p.value for p in Party]), name="move_party_known"),
        ]
