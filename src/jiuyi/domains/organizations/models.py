"""Institutions, departments, buildings, rooms and the people who work there."""

from django.db import models
from django.db.models import Q

from jiuyi.domains.organizations.words import (
    DepartmentCategory,
    OrganizationKind,
    PractitionerTitle,
    RoomKind,
    StaffSex,
)
from jiuyi.kernel.ids import new_id


class Organization(models.Model):
    """An institution; it is 1:1 on a node of the scope tree, so rules and roles can be bound to it."""

    node = models.OneToOneField("foundation.Node", primary_key=True, on_delete=models.PROTECT, related_name="+", db_column="id")
    kind = models.CharField(max_length=24, choices=OrganizationKind.choices())
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    pinyin_initials = models.CharField(max_length=60)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in OrganizationKind]), name="organization_kind"),
        ]


class Department(models.Model):
    """A department of one institution, also a node of the tree. ``patient_name`` is what walls and voices say."""

    node = models.OneToOneField("foundation.Node", primary_key=True, on_delete=models.PROTECT, related_name="+", db_column="id")
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    patient_name = models.CharField(max_length=80)
    code = models.CharField(max_length=20)
    category = models.CharField(max_length=16, choices=DepartmentCategory.choices())
    sensitive = models.BooleanField(default=False)
    min_age = models.PositiveSmallIntegerField(null=True)
    max_age = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=120, blank=True)
    intro = models.TextField(blank=True)
    directions = models.TextField(blank=True)
    pinyin_initials = models.CharField(max_length=60)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="department_code"),
            models.CheckConstraint(condition=Q(category__in=[c.value for c in DepartmentCategory]), name="department_category"),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(min_age__lte=models.F("max_age")),
                name="department_age_range",
            ),
        ]


class Building(models.Model):
    """A building of an institution."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    directions = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="building_name")]


class Room(models.Model):
    """A room on a floor; walls and slips name it by number and name, never by disease."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    building = models.ForeignKey("organizations.Building", on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, null=True, related_name="+")
    floor = models.SmallIntegerField()
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=RoomKind.choices())
    directions = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["building", "number"], name="room_number"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in RoomKind]), name="room_kind"),
        ]


class Practitioner(models.Model):
    """Somebody who treats patients; ``user`` is the log-in, which a visiting expert may not have."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField("foundation.StaffUser", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80)
    pinyin_initials = models.CharField(max_length=40)
    sex = models.CharField(max_length=1, choices=StaffSex.choices(), default=StaffSex.UNKNOWN)
    title = models.CharField(max_length=20, choices=PractitionerTitle.choices())
    home_organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    specialty = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(title__in=[t.value for t in PractitionerTitle]), name="practitioner_title"),
            models.CheckConstraint(condition=Q(sex__in=[s.value for s in StaffSex]), name="practitioner_sex"),
        ]


class PractitionerRole(models.Model):
    """A practitioner works in a department, usually in one room."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("organizations.Room", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practitioner", "department"], name="practitioner_once_per_department")]
