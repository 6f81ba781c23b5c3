"""Visits, what was found in them, and what was signed."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.encounters.words import DiagnosisCertainty, EncounterStatus, NoteStatus, PayerCategory
from jiuyi.kernel.ids import new_id


class Encounter(models.Model):
    """One visit of one person to one department; ``ticket_id`` points to the ticket it was called by."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey("scheduling.Appointment", on_delete=models.PROTECT, null=True, related_name="+")
    ticket_id = models.UUIDField(null=True)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+")
    wanted_practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=12, choices=EncounterStatus.choices(), default=EncounterStatus.ARRIVED.value)
    payer_category = models.CharField(max_length=16, choices=PayerCategory.choices())
    credential_shown = models.CharField(max_length=24)
    registered_by_kind = models.CharField(max_length=12)
    registered_by = models.UUIDField()
    service_date = models.DateField()
    registered_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=~Q(status=EncounterStatus.CANCELLED.value) & Q(parent__isnull=True),
                name="encounter_appointment_once",
            ),
            models.UniqueConstraint(
                fields=["ticket_id"], condition=~Q(status=EncounterStatus.CANCELLED.value), name="encounter_ticket_once"
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in EncounterStatus]), name="encounter_status_known"),
            models.CheckConstraint(condition=Q(payer_category__in=[p.value for p in PayerCategory]), name="encounter_payer_known"),
            models.CheckConstraint(
                condition=~Q(status__in=[EncounterStatus.IN_PROGRESS.value, EncounterStatus.FINISHED.value])
                | Q(practitioner__isnull=False, started_at__isnull=False),
                name="encounter_started_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=EncounterStatus.FINISHED.value) | Q(finished_at__isnull=False), name="encounter_finished_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-registered_at"], name="encounter_person_time"),
            models.Index(fields=["department", "service_date"], name="encounter_department_day"),
        ]


class Condition(models.Model):
    """A diagnosis made in a visit; one that was taken back stays, marked with when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    primary = models.BooleanField(default=False)
    certainty = models.CharField(max_length=12, choices=DiagnosisCertainty.choices(), default=DiagnosisCertainty.CONFIRMED.value)
    recorded_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["encounter", "code"], condition=Q(removed_at__isnull=True), name="condition_once_per_encounter"
            ),
            models.UniqueConstraint(fields=["encounter"], condition=Q(removed_at__isnull=True, primary=True), name="condition_one_primary"),
            models.CheckConstraint(condition=Q(certainty__in=[c.value for c in DiagnosisCertainty]), name="condition_certainty_known"),
        ]


class SigningKey(models.Model):
    """A doctor's Ed25519 key pair; the private half is encrypted under a data key that the vault wraps."""

    user = models.OneToOneField("foundation.StaffUser", on_delete=models.PROTECT, primary_key=True, related_name="+")
    public_key = models.BinaryField(max_length=32)
    wrapped_key = models.BinaryField()
    private_key_encrypted = models.BinaryField()
    created_at = models.DateTimeField()


class ClinicalNote(models.Model):
    """What a doctor wrote about a visit. A trigger refuses any change or removal of a signed one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    addendum_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    complaint = models.TextField(blank=True)
    history = models.TextField(blank=True)
    exam = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    addendum = models.TextField(blank=True)
    diagnoses = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=NoteStatus.choices(), default=NoteStatus.DRAFT.value)
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signing_key = models.ForeignKey("encounters.SigningKey", on_delete=models.PROTECT, null=True, related_name="+")
    content_sha256 = models.BinaryField(max_length=32, null=True)
    signature = models.BinaryField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["encounter"],
                condition=Q(addendum_to__isnull=True) & ~Q(status=NoteStatus.VOID.value),
                name="note_one_per_encounter",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in NoteStatus]), name="note_status_known"),
            models.CheckConstraint(
                condition=~Q(status=NoteStatus.SIGNED.value)
                | Q(signed_at__isnull=False, signing_key__isnull=False, content_sha256__isnull=False, signature__isnull=False),
                name="note_signed_with_a_signature",
            ),
        ]
        indexes = [models.Index(fields=["encounter", "written_at"], name="note_encounter_time")]
