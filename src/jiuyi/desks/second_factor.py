"""A password alone opens nothing: a staff session counts once a second factor was proved in it."""

from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

SET_UP_KEY: Final = "second_factor_set_up"
_FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_set_up(user: Any) -> bool:
    """Whether the account has an authenticator app or a security key."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=_FACTORS).exists()


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
