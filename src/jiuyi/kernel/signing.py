"""Words that only we can have written: a payload with its HMAC, fit for an address or a hidden field."""

import base64
import binascii
import hmac

_TAG_BYTES = 16  # HMAC-SHA256 cut to 128 bits, as RFC 2104 allows


class Forged(ValueError):  # noqa: N818  # says what the text is
    """The text was not sealed with this key, or was changed on its way."""


def derive_key(secret: str, purpose: str) -> bytes:
    """A key for one purpose from the installation's secret; another purpose cannot be computed from it."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def seal(payload: bytes, key: bytes) -> str:
    """The payload and its tag, base64url without padding. It can be read by everybody and written by nobody else."""
    return base64.urlsafe_b64encode(hmac.digest(key, payload, "sha256")[:_TAG_BYTES] + payload).rstrip(b"=").decode()


def unseal(text: str, key: bytes) -> bytes:
    """The payload that was sealed. Refuses ``Forged``; compares in constant time."""
    try:
        sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Forged from error
    tag, payload = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
    if not hmac.compare_digest(tag, hmac.digest(key, payload, "sha256")[:_TAG_BYTES]):
        raise Forged
    return payload
