"""Shipped lists: diagnoses, substances and what can be ordered."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from jiuyi.domains.encounters.words import OrderKind


class DiagnosisCode(models.Model):
    """One line of the Chinese ICD-10; ``grams`` holds single characters and pairs of name and initials for infix search."""

    code = models.CharField(max_length=24, primary_key=True)
    name = models.CharField(max_length=200)
    initials = models.CharField(max_length=200)
    searchable = models.TextField()
    grams = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [
            GinIndex(fields=["grams"], name="diagnosis_code_grams"),
            models.Index(OpClass("searchable", name="text_pattern_ops"), name="diagnosis_code_beginning"),
        ]


class Substance(models.Model):
    """A substance or a class of them: ``classes`` it belongs to, ``cross`` classes that may react alike."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    initials = models.CharField(max_length=80)
    classes = ArrayField(models.CharField(max_length=40), default=list)
    cross = ArrayField(models.CharField(max_length=40), default=list)


class Orderable(models.Model):
    """A laboratory item or drug that a doctor can order; its price is billing's, under the same code."""

    code = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=8, choices=OrderKind.choices())
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=120)
    substance_codes = ArrayField(models.CharField(max_length=40), default=list)
    specification = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=12)
    specimen = models.CharField(max_length=40, blank=True)
    preparation = models.CharField(max_length=120, blank=True)
    usual_dose = models.CharField(max_length=40, blank=True)
    usual_route = models.CharField(max_length=16, blank=True)
    usual_frequency = models.CharField(max_length=8, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=[k.value for k in OrderKind]), name="orderable_kind_known")]


class LoadedList(models.Model):
    """Which edition of a shipped list is in the tables, so that loading it again does nothing."""

    name = models.CharField(max_length=40, primary_key=True)
    sha256 = models.BinaryField(max_length=32)
