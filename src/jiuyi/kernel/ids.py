"""Global ids: time-ordered, made in the application, unique over all cells of all consortiums."""

import secrets
from uuid import UUID

import uuid_utils.compat as uuid_utils

_TOKEN_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # noqa: S105  # no 0/O, 1/I: people read these aloud


def new_id() -> UUID:
    """A UUIDv7: sorts by the millisecond of its making, so indexes grow at one end."""
    return uuid_utils.uuid7()


def new_token(characters: int = 12) -> str:
    """A random code that a person can read aloud over the phone: digits and capitals, 5 bits each."""
    return "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(characters))
