"""Headers of everything that is ordered: they stay here for ever, details live in the departments above."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.encounters.words import Frequency, OrderStatus, Route
from jiuyi.kernel.ids import new_id

_OPEN = [status.value for status in (OrderStatus.DRAFT, OrderStatus.ACTIVE, OrderStatus.RELEASED)]


class Order(models.Model):
    """What every order has; a trigger refuses its removal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=OrderStatus.choices(), default=OrderStatus.ACTIVE.value)
    ordered_by = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True


class ServiceRequest(Order):
    """An examination or laboratory item ordered in a visit."""

    preparation = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[s.value for s in OrderStatus]), name="service_request_status_known"),
            models.UniqueConstraint(fields=["encounter", "code"], condition=Q(status__in=_OPEN), name="service_request_once"),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.REVOKED.value) | Q(revoked_at__isnull=False), name="service_request_revoked_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["encounter"], name="service_request_encounter"),
            models.Index(fields=["person", "-ordered_at"], name="service_request_person"),
        ]


class MedicationRequest(Order):
    """One line of a prescription; ``group`` numbers the prescription within the visit (five drugs each)."""

    group = models.PositiveSmallIntegerField(default=1)
    specification = models.CharField(max_length=80)
    dose = models.CharField(max_length=40)
    route = models.CharField(max_length=16, choices=Route.choices())
    frequency = models.CharField(max_length=8, choices=Frequency.choices())
    days = models.PositiveSmallIntegerField()
    quantity = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12)
    long_reason = models.CharField(max_length=200, blank=True)
    override_reason = models.CharField(max_length=200, blank=True)
    override_code = models.CharField(max_length=40, blank=True)
    rule_id = models.CharField(max_length=16)
    rule_version = models.PositiveIntegerField()
    valid_until = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[s.value for s in OrderStatus]), name="medication_request_status_known"),
            models.UniqueConstraint(fields=["encounter", "code"], condition=Q(status__in=_OPEN), name="medication_request_once"),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.REVOKED.value) | Q(revoked_at__isnull=False), name="medication_request_revoked_at_a_time"
            ),
            models.CheckConstraint(condition=Q(route__in=[r.value for r in Route]), name="medication_request_route_known"),
            models.CheckConstraint(condition=Q(frequency__in=[f.value for f in Frequency]), name="medication_request_frequency_known"),
            models.CheckConstraint(condition=Q(days__gte=1, quantity__gte=1), name="medication_request_amounts"),
            models.CheckConstraint(condition=Q(override_code="") | ~Q(override_reason=""), name="medication_request_override_reasoned"),
        ]
        indexes = [
            models.Index(fields=["encounter"], name="medication_request_encounter"),
            models.Index(fields=["person", "-ordered_at"], name="medication_request_person"),
        ]
