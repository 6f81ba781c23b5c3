"""Staff log-ins and the roles bound to nodes."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from jiuyi.kernel.ids import new_id

USERNAME_CHARACTERS = 40


class StaffUserManager(BaseUserManager["StaffUser"]):
    """Makes one-person staff accounts."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "StaffUser":
        """Save a new account with a hashed password (or none that works)."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class StaffUser(AbstractBaseUser):
    """One person's staff account; ``username`` is the work number (工号).

    What the account may do stands in ``RoleAssignment`` only: there are no superusers, groups or permission tables.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=USERNAME_CHARACTERS, unique=True)
    display_name = models.CharField(max_length=80)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[StaffUserManager] = StaffUserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    def __str__(self) -> str:
        return self.username


class RoleAssignment(models.Model):
    """A staff account holds a role at a node and everywhere below it, from ``assigned_at`` until ``ended_at``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey("foundation.StaffUser", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    node = models.ForeignKey("foundation.Node", on_delete=models.PROTECT, related_name="+")
    assigned_by = models.UUIDField()
    assigned_at = models.DateTimeField()
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "node"], condition=models.Q(ended_at__isnull=True), name="role_once_per_node"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True) | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="role_end_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"
