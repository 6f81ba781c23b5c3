"""A staff session as a full sign-in leaves it, without the slow hashes."""

import time
from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth import get_user_model
from django.test import Client

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sign_in_staff(client: Client, user: object) -> None:
    """Sign the account (a ``StaffUser`` or its id) in with password and second factor."""
    _sign_in(client, user, methods=("password", "mfa"))


def sign_in_by_password_alone(client: Client, user: object) -> None:
    """What a stolen password would give, if it gave a session at all."""
    _sign_in(client, user, methods=("password",))


def _sign_in(client: Client, user: object, *, methods: tuple[str, ...]) -> None:
    account = get_user_model().objects.get(pk=user) if isinstance(user, UUID) else user
    client.force_login(account, backend=_BACKEND)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time()} for method in methods]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()
