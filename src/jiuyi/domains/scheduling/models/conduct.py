"""Absences that do not count, suspensions of remote booking, appeals, and patterns a person should look at."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jiuyi.domains.scheduling.words import AppealState, Excuse, ReviewState, SuspensionState
from jiuyi.kernel.ids import new_id


class AbsenceExcuse(models.Model):
    """An absence that does not count, and why."""

    appointment = models.OneToOneField("scheduling.Appointment", on_delete=models.PROTECT, primary_key=True, related_name="+")
    excuse = models.CharField(max_length=20, choices=Excuse.choices())
    note = models.CharField(max_length=200, blank=True)
    decided_by_kind = models.CharField(max_length=20)
    decided_by_id = models.UUIDField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(excuse__in=[e.value for e in Excuse]), name="excuse_known")]


class Suspension(models.Model):
    """A person may not book remotely in ``[from_day, until_day)``; windows, emergency and the others of AP-14 stay open."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField()
    appointment_ids = ArrayField(models.UUIDField())
    rule_id = models.CharField(max_length=20)
    rule_version = models.IntegerField()
    state = models.CharField(max_length=20, choices=SuspensionState.choices(), default=SuspensionState.ACTIVE)
    made_at = models.DateTimeField()
    lifted_by_kind = models.CharField(max_length=20, blank=True)
    lifted_by_id = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_day__gt=F("from_day")), name="suspension_days_sane"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in SuspensionState]), name="suspension_state_known"),
            models.UniqueConstraint(fields=["person", "appointment_ids"], name="one_suspension_per_cause"),
        ]
        indexes = [models.Index(fields=["person", "until_day"], name="suspension_active", condition=Q(state=SuspensionState.ACTIVE.value))]


class Appeal(models.Model):
    """Somebody says that an absence should not count; a person decides, and the decision can be undone by another appeal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=500)
    submitted_by_kind = models.CharField(max_length=20)
    submitted_by_id = models.UUIDField()
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=AppealState.choices(), default=AppealState.OPEN)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appointment"], condition=Q(state=AppealState.OPEN.value), name="one_open_appeal"),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN.value) | Q(decided_by_id__isnull=False, decided_at__isnull=False),
                name="appeal_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["submitted_at"], name="appeal_open", condition=Q(state=AppealState.OPEN.value))]


class ReviewCase(models.Model):
    """A booking pattern that looks like resale; a person looks, nothing is blocked by it (rule AP-10)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=20)  # account or device
    subject_id = models.CharField(max_length=64)
    pattern = models.CharField(max_length=40)
    evidence = models.JSONField(default=dict)  # counts and ids, no names
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=ReviewState.choices(), default=ReviewState.OPEN)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "pattern"], condition=Q(state=ReviewState.OPEN.value), name="one_open_review"
            ),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ReviewState]), name="review_state_known"),
        ]
