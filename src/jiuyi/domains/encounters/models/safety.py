"""What every ordering doctor must know of a person: allergies, pregnancy, implants; three states each."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.encounters.words import Answer, FlagKind
from jiuyi.kernel.ids import new_id


class AllergyAssessment(models.Model):
    """Each time somebody was asked about allergies; the newest row counts, no row means not asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Answer.choices())
    recorded_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(status__in=[a.value for a in Answer]), name="allergy_assessment_known")]
        indexes = [models.Index(fields=["person", "-recorded_at"], name="allergy_assessment_person")]


class AllergyIntolerance(models.Model):
    """One substance or class of substances that a person does not bear."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    substance_code = models.CharField(max_length=40)
    substance_name = models.CharField(max_length=80)
    reaction = models.CharField(max_length=120, blank=True)
    recorded_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    refuted_at = models.DateTimeField(null=True)
    refute_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "substance_code"], condition=Q(refuted_at__isnull=True), name="allergy_once"),
        ]


class PersonFlag(models.Model):
    """Each time pregnancy or an implant was asked about; the newest unexpired row counts, no row means not asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=FlagKind.choices())
    status = models.CharField(max_length=12, choices=Answer.choices())
    detail = models.CharField(max_length=120, blank=True)
    recorded_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    expires_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[a.value for a in Answer]), name="person_flag_status_known"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in FlagKind]), name="person_flag_kind_known"),
        ]
        indexes = [models.Index(fields=["person", "kind", "-recorded_at"], name="person_flag_person")]
