"""Encryption of what identifies a person: a data key per person, wrapped by a master key that can be rotated.

Master keys come from ``settings.JIUYI_MASTER_KEYS`` (name → 32 bytes, newest first); older ones only open. Fingerprints
(equality without decryption) hang on ``settings.JIUYI_FINGERPRINT_KEY``, which is never rotated: stored fingerprints
would no longer match. Without it they hang on the oldest master key, which then has to stay.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4
_FORMAT = b"\x01"
_WRAPPED_BYTES = 1 + _KEY_ID_BYTES + _NONCE_BYTES + _KEY_BYTES + 16
_WRAPPING = b"jiuyi data key"


class VaultError(Exception):
    """A ciphertext cannot be opened: wrong purpose, changed bytes, or a master key that is no longer configured."""


def new_data_key() -> bytes:
    """A fresh data key, wrapped by the newest master key; store it beside what it encrypts."""
    return _wrap(AESGCM.generate_key(_KEY_BYTES * 8))


def encrypt(wrapped: bytes, text: str, *, purpose: str) -> bytes:
    """The text under the data key; it opens only for the same ``purpose`` (``"identity.phone"``)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_unwrap(wrapped)).encrypt(nonce, text.encode(), purpose.encode())


def decrypt(wrapped: bytes, encrypted: bytes, *, purpose: str) -> str:
    """The text again; ``VaultError`` if bytes, key or purpose do not belong together."""
    encrypted = bytes(encrypted)
    try:
        return AESGCM(_unwrap(wrapped)).decrypt(encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:], purpose.encode()).decode()
    except (InvalidTag, ValueError):
        message = "this ciphertext does not open with this key and purpose"
        raise VaultError(message) from None


def seal(text: str, *, purpose: str) -> bytes:
    """The text with a data key of its own in one value, for what belongs to no person's key (a notice's address)."""
    wrapped = new_data_key()
    return wrapped + encrypt(wrapped, text, purpose=purpose)


def unseal(sealed: bytes, *, purpose: str) -> str:
    """The sealed text again; ``VaultError`` otherwise."""
    sealed = bytes(sealed)
    return decrypt(sealed[:_WRAPPED_BYTES], sealed[_WRAPPED_BYTES:], purpose=purpose)


def rewrap(wrapped: bytes) -> bytes:
    """The same data key under the newest master key; what it encrypts stays as it is."""
    return wrapped if is_current(wrapped) else _wrap(_unwrap(wrapped))


def is_current(wrapped: bytes) -> bool:
    """Whether the data key is wrapped by the newest master key."""
    return bytes(wrapped)[1 : 1 + _KEY_ID_BYTES] == _key_id(_master_keys()[0])


def fingerprint(text: str, *, purpose: str) -> bytes:
    """32 bytes that are equal for equal texts of one purpose and tell nothing without the key. Normalise first."""
    return hmac.digest(_derived(_fingerprint_key(), f"fingerprint {purpose}"), text.encode(), hashlib.sha256)


def _wrap(data_key: bytes) -> bytes:
    master = _master_keys()[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + _key_id(master) + nonce + AESGCM(master).encrypt(nonce, data_key, _WRAPPING)


def _unwrap(wrapped: bytes) -> bytes:
    wrapped = bytes(wrapped)
    key_id = wrapped[1 : 1 + _KEY_ID_BYTES]
    body = wrapped[1 + _KEY_ID_BYTES :]
    for master in _master_keys():
        if len(wrapped) == _WRAPPED_BYTES and wrapped[:1] == _FORMAT and _key_id(master) == key_id:
            try:
                return AESGCM(master).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _WRAPPING)
            except InvalidTag:
                break
    message = "this data key does not open with any configured master key"
    raise VaultError(message)


def _master_keys() -> tuple[bytes, ...]:
    keys = tuple(settings.JIUYI_MASTER_KEYS.values())
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        message = "JIUYI_MASTER_KEYS needs at least one key, of 32 bytes each"
        raise ImproperlyConfigured(message)
    return keys


def _fingerprint_key() -> bytes:
    return getattr(settings, "JIUYI_FINGERPRINT_KEY", None) or _master_keys()[-1]


@lru_cache(maxsize=64)
def _derived(secret: bytes, info: str) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"jiuyi {info}".encode()).derive(secret)


@lru_cache(maxsize=32)
def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"jiuyi key id" + key).digest()[:_KEY_ID_BYTES]
