"""Bearer tokens of accounts: what a signed-in application of a patient holds instead of a browser's session.

The token is shown once and kept only as a keyed hash; it ends by itself, and at once when somebody signs out.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from jiuyi.foundation import vault
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.models import AccountToken
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop

TOKEN_LIFE: Final = timedelta(days=30)
_PURPOSE: Final = "account token"
_TOKEN_BYTES: Final = 32


class SignInAgain(Refusal):
    """The token is unknown, has ended, or was given back."""

    code = "sign_in_again"
    message = gettext_noop("登录已过期，请用手机号重新登录。")
    status = 401


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A fresh token, shown this once."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who holds a token: the account as an actor, and the device it was given to."""

    actor: Actor
    token_id: UUID
    device_hash: str


def issue(*, account_id: UUID, device: str, now: datetime) -> IssuedToken:
    """A token for an account that has just proved itself."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + TOKEN_LIFE
    AccountToken.objects.create(
        token_hash=vault.fingerprint(token, purpose=_PURPOSE),
        account_id=account_id,
        device_hash=vault.fingerprint(device, purpose="device").hex(),
        issued_at=now,
        expires_at=expires_at,
    )
    return IssuedToken(token, expires_at)


def bearer(token: str, *, request_id: UUID | None, now: datetime) -> Bearer:
    """Who holds the token. At ``expires_at`` itself it has ended. Refuses ``sign_in_again``."""
    found = AccountToken.objects.filter(
        token_hash=vault.fingerprint(token, purpose=_PURPOSE), revoked_at__isnull=True, expires_at__gt=now
    ).first()
    if found is None:
        raise SignInAgain
    return Bearer(Actor(ActorKind.PATIENT, found.account_id, request_id=request_id), found.id, found.device_hash)


def revoke(*, token_id: UUID, now: datetime) -> None:
    """End a token at once; twice is once."""
    AccountToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=now)


def revoke_all(*, account_id: UUID, now: datetime) -> int:
    """End every token of an account (a lost phone); how many there were."""
    return AccountToken.objects.filter(account_id=account_id, revoked_at__isnull=True).update(revoked_at=now)


def forget_ended(*, now: datetime) -> int:
    """Remove tokens that ended more than a month ago; how many."""
    return AccountToken.objects.filter(expires_at__lt=now - TOKEN_LIFE).delete()[0]
