"""A database remembers the keys that filled it; a process with others does not start on it."""

import pytest

from jiuyi.foundation import key_check, vault
from jiuyi.foundation.key_check import WrongKeys
from jiuyi.foundation.models import KeyCheck

pytestmark = pytest.mark.django_db
OURS, OTHER = b"o" * 32, b"x" * 32


@pytest.fixture(autouse=True)
def _keys(settings):
    KeyCheck.objects.all().delete()
    settings.JIUYI_MASTER_KEYS = {"k1": OURS}
    settings.JIUYI_FINGERPRINT_KEY = OURS


def test_the_first_process_is_remembered_and_the_same_keys_come_in_again():
    assert key_check.differing() is None

    key_check.compare()
    key_check.compare()

    assert key_check.differing() == []


@pytest.mark.parametrize(
    ("_case", "name", "value", "said"),
    [
        ("another master key", "JIUYI_MASTER_KEYS", {"k1": OTHER}, "JIUYI_MASTER_KEYS:"),
        ("another fingerprint key", "JIUYI_FINGERPRINT_KEY", OTHER, "JIUYI_FINGERPRINT_KEY:"),
    ],
)
def test_other_keys_are_refused_with_what_to_do_and_change_nothing(settings, _case, name, value, said):
    key_check.compare()
    before = bytes(KeyCheck.objects.get().sealed)

    setattr(settings, name, value)
    with pytest.raises(WrongKeys, match=f"^{said}.*secrets.json"):
        key_check.compare()

    assert key_check.differing() == [name]
    assert bytes(KeyCheck.objects.get().sealed) == before


def test_after_a_rotation_the_oldest_key_can_be_taken_away(settings):
    key_check.compare()

    settings.JIUYI_MASTER_KEYS = {"k2": OTHER, "k1": OURS}
    key_check.compare()
    settings.JIUYI_MASTER_KEYS = {"k2": OTHER}
    key_check.compare()

    assert vault.is_current(bytes(KeyCheck.objects.get().sealed))


def test_a_process_is_told_why_it_does_not_start(settings, monkeypatch):
    monkeypatch.setattr(key_check.connection, "close", lambda: None)  # the test's own
    key_check.compare()
    settings.JIUYI_FINGERPRINT_KEY = OTHER
    said = []

    key_check.at_start(said.append)

    assert len(said) == 1
    assert "nothing was started" in said[0]
