"""How numbers, phones and addresses stand in the tables: a ciphertext under the owner's key, and a keyed hash to find them by."""

from jiuyi.foundation import vault

NUMBER = "identity.number"
PHONE = "identity.phone"
ADDRESS = "identity.address"
DEVICE = "identity.device"
LOGIN_CODE = "identity.login_code"


def number_hash(number: str) -> bytes:
    """The keyed hash of an already cleaned number of a paper."""
    return vault.fingerprint(number, purpose=NUMBER)


def phone_hash(phone: str) -> bytes:
    """The keyed hash of an already cleaned phone number."""
    return vault.fingerprint(phone, purpose=PHONE)


def device_hash(device: str) -> bytes:
    """The keyed hash of a device's own name (a cookie)."""
    return vault.fingerprint(device, purpose=DEVICE)


def code_hash(phone: str, code: str) -> bytes:
    """The keyed hash of a log-in code; the phone is part of it, so a code fits one phone only."""
    return vault.fingerprint(f"{phone} {code}", purpose=LOGIN_CODE)
