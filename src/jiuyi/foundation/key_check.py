"""Do the keys of this process belong to this database? Asked before anything is encrypted or looked up with them.

With wrong keys nothing fails at once: new rows are written under them, known phones and numbers are not found, and the
first person whose old row is opened meets an error. So the first process leaves a known text under its keys in the
database, and every later one must be able to read it.
"""

import logging
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connection

from jiuyi.foundation import vault
from jiuyi.foundation.models import KeyCheck

logger = logging.getLogger(__name__)

_PURPOSE: Final = "key check"
_TEXT: Final = "jiuyi"


class WrongKeys(RuntimeError):  # noqa: N818  # names what is so
    """The process has other keys than those that filled the database."""


def compare() -> None:
    """Refuse (``WrongKeys``) keys that do not belong to the database; an empty one remembers these."""
    stored = KeyCheck.objects.filter(id=1).first()
    if stored is None:
        _remember()
        stored = KeyCheck.objects.get(id=1)
    wrong = _differing(stored)
    if wrong:
        raise WrongKeys(_sentence(" and ".join(wrong)))
    if not vault.is_current(bytes(stored.sealed)):  # after a rotation, so that the oldest master key can be taken away one day
        KeyCheck.objects.filter(id=1).update(sealed=vault.seal(_TEXT, purpose=_PURPOSE))


def differing() -> list[str] | None:
    """The variables whose keys are not the database's; None if it remembers no keys yet. Changes nothing."""
    stored = KeyCheck.objects.filter(id=1).first()
    return None if stored is None else _differing(stored)


def at_start(refuse: Callable[[str], None]) -> None:
    """``compare`` at the start of a process: ``refuse`` gets the sentence. A database that is away cannot be asked yet: go on."""
    try:
        compare()
    except WrongKeys as wrong:
        refuse(str(wrong))
    except DatabaseError:
        logger.warning("the database does not answer: whether the keys belong to it is not known")
    finally:
        connection.close()


def _remember() -> None:
    made = KeyCheck(id=1, sealed=vault.seal(_TEXT, purpose=_PURPOSE), fingerprint=vault.fingerprint(_TEXT, purpose=_PURPOSE))
    KeyCheck.objects.bulk_create([made], ignore_conflicts=True)  # two processes may start at once: the first is remembered


def _differing(stored: KeyCheck) -> list[str]:
    wrong = []
    try:
        vault.unseal(bytes(stored.sealed), purpose=_PURPOSE)
    except vault.VaultError:
        wrong.append("JIUYI_MASTER_KEYS")
    if bytes(stored.fingerprint) != vault.fingerprint(_TEXT, purpose=_PURPOSE):
        wrong.append("JIUYI_FINGERPRINT_KEY")
    return wrong


def _sentence(names: str) -> str:
    return (
        f"{names}: not the keys that this database was filled with, so nothing was started. "
        "Start with `jiuyi up`, or give this process the keys in secrets.json of the data directory (JIUYI_HOME) that filled it."
    )
