"""People, their numbers and phones (encrypted), accounts, families, log-in codes and care relations."""

from uuid import uuid4

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from jiuyi.domains.identity.words import (
    CareBasis,
    Certainty,
    ContactManner,
    IdentifierStatus,
    IdentifierType,
    Relation,
    ReviewReason,
    Sex,
)
from jiuyi.kernel.ids import new_id


class Person(models.Model):
    """A human being as known here.

    The id is random, not time-ordered: an account that types a known number gets that person's id, and a
    time inside it would tell that the person was known before.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=100)
    name_initials = models.CharField(max_length=60)
    sex = models.CharField(max_length=1, choices=Sex.choices())
    birth_date = models.DateField(null=True)
    certainty = models.CharField(max_length=10, choices=Certainty.choices())
    village = models.CharField(max_length=60, blank=True)
    wrapped_key = models.BinaryField()
    address_encrypted = models.BinaryField(null=True)
    survivor = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    deceased_on = models.DateField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=[s.value for s in Sex]), name="person_sex"),
            models.CheckConstraint(condition=Q(certainty__in=[c.value for c in Certainty]), name="person_certainty"),
            models.CheckConstraint(condition=~Q(name=""), name="person_named"),
            models.CheckConstraint(condition=Q(survivor__isnull=True) | ~Q(survivor=F("id")), name="person_not_own_survivor"),
        ]
        indexes = [
            models.Index(OpClass("name_key", name="varchar_pattern_ops"), name="person_name_key"),
            models.Index(OpClass("name_initials", name="varchar_pattern_ops"), name="person_name_initials"),
        ]


class Identifier(models.Model):
    """A number on a paper; a number belongs to one person unless it is disputed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=2, choices=IdentifierType.choices())
    number_encrypted = models.BinaryField()
    number_hash = models.BinaryField()
    last_four = models.CharField(max_length=4)
    status = models.CharField(max_length=10, choices=IdentifierStatus.choices())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "number_hash"], condition=~Q(status="disputed"), name="number_of_one_person"),
            models.UniqueConstraint(fields=["person", "type", "number_hash"], name="number_once_per_person"),
            models.CheckConstraint(condition=Q(type__in=[t.value for t in IdentifierType]), name="identifier_type"),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in IdentifierStatus]), name="identifier_status"),
        ]


class Contact(models.Model):
    """A phone number by which a person, or somebody for them, is reached; the lowest rank is called first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    phone_encrypted = models.BinaryField()
    phone_hash = models.BinaryField(db_index=True)
    phone_hint = models.CharField(max_length=4)
    relation = models.CharField(max_length=12, choices=Relation.choices())
    rank = models.SmallIntegerField(default=0)
    manner = models.CharField(max_length=12, choices=ContactManner.choices(), default=ContactManner.ANY, db_default=ContactManner.ANY.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "phone_hash"], name="phone_once_per_person"),
            models.CheckConstraint(condition=Q(manner__in=[m.value for m in ContactManner]), name="contact_manner"),
            models.CheckConstraint(condition=Q(relation__in=[r.value for r in Relation]), name="contact_relation"),
        ]


class Account(models.Model):
    """A phone that signs in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone_encrypted = models.BinaryField()
    phone_hash = models.BinaryField(unique=True)
    phone_hint = models.CharField(max_length=4)
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()


class AccountLink(models.Model):
    """An account looks after a person. What was typed is kept, because a claimed link may show nothing else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=12, choices=Relation.choices())
    level = models.CharField(max_length=10, choices=Certainty.choices())
    typed_name = models.CharField(max_length=100)
    typed_sex = models.CharField(max_length=1, choices=Sex.choices())
    typed_birth_date = models.DateField(null=True)
    typed_id_type = models.CharField(max_length=2, choices=IdentifierType.choices())
    typed_last_four = models.CharField(max_length=4)
    started_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "person"], condition=Q(ended_at__isnull=True), name="one_live_link"),
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at__isnull=True, relation="self"), name="one_live_self_link"),
            models.CheckConstraint(condition=Q(relation__in=[r.value for r in Relation]), name="link_relation"),
            models.CheckConstraint(condition=Q(level__in=[c.value for c in Certainty]), name="link_level"),
            models.CheckConstraint(condition=Q(typed_sex__in=[s.value for s in Sex]), name="link_typed_sex"),
            models.CheckConstraint(condition=Q(typed_id_type__in=[t.value for t in IdentifierType]), name="link_typed_id_type"),
        ]


class LoginGuard(models.Model):
    """One row for each phone or device that knocked: the lock behind which its tries are counted."""

    key = models.BinaryField(primary_key=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)


class LoginCode(models.Model):
    """A code sent to a phone: hashed, of one use, for some minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone_hash = models.BinaryField()
    code_hash = models.BinaryField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_hash", "-sent_at"], name="login_code_phone")]


class LoginAttempt(models.Model):
    """Somebody asked for a code, or tried one: counted by phone and by device, never by network address."""

    REQUESTED = "requested"
    WRONG = "wrong"
    RIGHT = "right"
    LOCKED = "locked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)
    phone_hash = models.BinaryField()
    device_hash = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["requested", "wrong", "right", "locked"]), name="login_attempt_kind")]
        indexes = [
            models.Index(fields=["phone_hash", "-at"], name="login_attempt_phone"),
            models.Index(fields=["device_hash", "-at"], name="login_attempt_device"),
        ]


class MatchReview(models.Model):
    """A question to a human: whether two are one person, or whose number it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=20, choices=ReviewReason.choices())
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other", "why"], name="review_asked_once"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="review_of_two"),
            models.CheckConstraint(condition=Q(why__in=[w.value for w in ReviewReason]), name="review_reason"),
        ]


class CareRelation(models.Model):
    """A unit or a practitioner cares for a person in a half-open period; without an end until further notice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey("foundation.Node", on_delete=models.PROTECT, null=True, related_name="+")
    practitioner = models.ForeignKey("organizations.Practitioner", on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=20, choices=CareBasis.choices())
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(node__isnull=False) | Q(practitioner__isnull=False), name="care_by_somebody"),
            models.CheckConstraint(condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="care_period"),
            models.CheckConstraint(condition=Q(basis__in=[b.value for b in CareBasis]), name="care_basis"),
        ]
        indexes = [models.Index(fields=["person", "ends_at"], name="care_person")]
