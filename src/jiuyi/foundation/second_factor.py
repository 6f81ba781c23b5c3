"""A password alone opens nothing: a staff session counts once a second factor was proved in it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from jiuyi.foundation import access, audit
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed

SET_UP_KEY: Final = "second_factor_set_up"
_FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_set_up(user: Any) -> bool:
    """Whether the account has an authenticator app or a security key."""
    return is_set_up_for(user.pk)


def is_set_up_for(user_id: UUID) -> bool:
    """The same, for an account known by its id."""
    return Authenticator.objects.filter(user_id=user_id, type__in=_FACTORS).exists()


def other_factors(user_id: UUID, pk: int) -> int:
    """How many app or key factors the account has besides this one."""
    return Authenticator.objects.filter(user_id=user_id, type__in=_FACTORS).exclude(pk=pk).count()


def count_of_type(user_id: UUID, kind: str) -> int:
    """How many factors of one type the account has."""
    return Authenticator.objects.filter(user_id=user_id, type=kind).count()


def factor_of(user_id: UUID, pk: int) -> Authenticator | None:
    """One factor of the account itself, or None for somebody else's."""
    return Authenticator.objects.filter(user_id=user_id, pk=pk).first()


def is_proved(request: HttpRequest) -> bool:
    """Whether this session's user proved a second factor in it: a code, a security key, a passkey; or just set one up."""
    if not request.user.is_authenticated:
        return False
    if request.session.get(SET_UP_KEY) == str(request.user.pk):
        return True
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


@receiver(authenticator_added, dispatch_uid="jiuyi.second_factor")
def note_set_up(*, request: HttpRequest, user: Any, authenticator: Authenticator, **_: Any) -> None:
    """Whoever sets up a factor proves it in the same breath. The session gets a new key with its new worth."""
    if authenticator.type in _FACTORS:
        request.session.cycle_key()
        request.session[SET_UP_KEY] = str(user.pk)


def clear(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Take every second factor from an account whose owner lost it; the next sign-in sets up a new one.

    Whoever gives out roles may do this, wherever the account holds one; never for oneself. Refuses ``not_found``, ``not_allowed``.
    """
    account = access.staff_user(user_id)
    if account.user_id == actor.id:
        raise NotAllowed
    with transaction.atomic():
        held: list[UUID | None] = [role.node_id for role in access.roles_of(user_id)]
        for node_id in held or [None]:
            access.require(actor, access.ASSIGN_ROLES, node_id)
        Authenticator.objects.filter(user_id=user_id).delete()
        audit.privileged(actor, act="second_factor.clear", object_id=user_id, now=now)
