"""Who may call without a browser: bearer tokens of accounts, keys of partner machines, and the nonces that were used."""

from django.db import models
from django.db.models import F, Q

from jiuyi.kernel.ids import new_id


class AccountToken(models.Model):
    """One signed-in application of one account; only the hash of the token is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(unique=True)
    account_id = models.UUIDField()
    device_hash = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="token_lives")]
        indexes = [models.Index(fields=["account_id"], name="token_in_use", condition=Q(revoked_at__isnull=True))]


class MachineKey(models.Model):
    """The key with which an enrolled machine of another house signs what it asks; the secret is sealed, signing needs it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key_id = models.CharField(max_length=40, unique=True)
    device = models.ForeignKey("foundation.EnrolledDevice", on_delete=models.PROTECT, related_name="+")
    sealed_secret = models.BinaryField()
    issued_by = models.UUIDField()
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class MachineNonce(models.Model):
    """A nonce that a machine has used: the same request sent again by anybody is refused."""

    key = models.ForeignKey("foundation.MachineKey", on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_used_once")]
        indexes = [models.Index(fields=["key", "used_at"], name="nonce_by_time")]
