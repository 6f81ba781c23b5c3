"""What is encrypted opens only with its key and for its purpose; master keys rotate; fingerprints stay."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.foundation import vault

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.JIUYI_MASTER_KEYS = {"old": OLD}


@given(st.text(max_size=300))
def test_the_same_text_comes_back(text):
    key = vault.new_data_key()
    assert vault.decrypt(key, vault.encrypt(key, text, purpose="p"), purpose="p") == text
    assert vault.unseal(vault.seal(text, purpose="p"), purpose="p") == text


def test_rare_characters_survive():
    key = vault.new_data_key()
    assert vault.decrypt(key, vault.encrypt(key, "𬱖·阿依古丽", purpose="p"), purpose="p") == "𬱖·阿依古丽"


def test_nothing_of_the_text_is_to_be_seen_and_nothing_repeats():
    key = vault.new_data_key()
    first, second = (vault.encrypt(key, "13800000000", purpose="p") for _ in "12")
    assert first != second
    assert b"138" not in first
    assert vault.new_data_key() != vault.new_data_key()


def test_a_memoryview_from_the_database_opens_too():
    key = vault.new_data_key()
    assert vault.decrypt(memoryview(key), memoryview(vault.encrypt(key, "x", purpose="p")), purpose="p") == "x"


@pytest.mark.parametrize(
    ("_case", "spoil"),
    [
        ("another purpose", lambda key, text: (key, text, "other")),
        ("another person's key", lambda key, text: (vault.new_data_key(), text, "p")),
        ("a changed byte", lambda key, text: (key, text[:-1] + bytes([text[-1] ^ 1]), "p")),
        ("cut short", lambda key, text: (key, text[:5], "p")),
        ("nothing", lambda key, text: (key, b"", "p")),
        ("a changed key", lambda key, text: (key[:-1] + bytes([key[-1] ^ 1]), text, "p")),
        ("no key", lambda key, text: (b"", text, "p")),
    ],
)
def test_what_does_not_belong_together_does_not_open(_case, spoil):
    key = vault.new_data_key()
    spoiled_key, text, purpose = spoil(key, vault.encrypt(key, "secret", purpose="p"))
    with pytest.raises(vault.VaultError):
        vault.decrypt(spoiled_key, text, purpose=purpose)


def test_rotation_rewraps_and_texts_stay_as_they_are(settings):
    key = vault.new_data_key()
    text = vault.encrypt(key, "secret", purpose="p")
    settings.JIUYI_MASTER_KEYS = {"new": NEW, "old": OLD}
    assert vault.decrypt(key, text, purpose="p") == "secret"
    assert not vault.is_current(key)
    rewrapped = vault.rewrap(key)
    assert vault.is_current(rewrapped)
    assert vault.rewrap(rewrapped) == rewrapped
    settings.JIUYI_MASTER_KEYS = {"new": NEW}
    assert vault.decrypt(rewrapped, text, purpose="p") == "secret"
    with pytest.raises(vault.VaultError):
        vault.decrypt(key, text, purpose="p")


def test_fingerprints_are_equal_for_equal_texts_of_one_purpose():
    first = vault.fingerprint("13800000000", purpose="phone")
    assert len(first) == 32
    assert first == vault.fingerprint("13800000000", purpose="phone")
    assert first != vault.fingerprint("13800000000", purpose="id_number")
    assert first != vault.fingerprint("13800000001", purpose="phone")


def test_fingerprints_outlive_a_rotation(settings):
    before = vault.fingerprint("x", purpose="p")
    settings.JIUYI_MASTER_KEYS = {"new": NEW, "old": OLD}
    assert vault.fingerprint("x", purpose="p") == before
    settings.JIUYI_FINGERPRINT_KEY = b"f" * 32
    own = vault.fingerprint("x", purpose="p")
    assert own != before
    settings.JIUYI_MASTER_KEYS = {"new": NEW}
    assert vault.fingerprint("x", purpose="p") == own


@pytest.mark.parametrize("keys", [{}, {"short": b"x" * 31}])
def test_without_proper_keys_nothing_is_encrypted(settings, keys):
    settings.JIUYI_MASTER_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        vault.new_data_key()
