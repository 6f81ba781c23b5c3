"""Vocabulary types: an enumeration whose members know their Chinese label."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A code with a Chinese label: ``BOOKED = "booked", gettext_noop("已预约")``.

    The code is stored and permanent; the label is shown (translated by the page) and may change.
    """

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """A member with its label; looking one up by code alone, ``Channel("sms")``, gives the member with its own label."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """``(code, label)`` pairs for form fields and model columns."""
        return [(member.value, member.label) for member in cls]
