"""Numbers on papers and phones: checked, read and masked."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from jiuyi.domains.identity.words import IdentifierType, NumberFault, NumberRefused, ParsedNumber, PhoneNotTaken, Sex

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_RESIDENCE_PREFIXES = ("810000", "820000", "830000")
_NEW_LENGTH = 18
_OLD_LENGTH = 15
_OLDEST_YEARS = 150
_SHAPES = {
    IdentifierType.HK_MACAO_PASS: r"[HM][0-9]{8}(?:[0-9]{2})?",
    IdentifierType.TAIWAN_PASS: r"[0-9]{8}",
    IdentifierType.BIRTH_CERTIFICATE: r"[A-Z][0-9]{9}",
    IdentifierType.PASSPORT: r"[A-Z0-9]{3,20}",
}
_FREE_TEXT = r"[^\s<>]{3,20}"
_PHONE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"0[0-9]{9,11}")


def check_character(first_seventeen: str) -> str:
    """The eighteenth character of GB 11643 (ISO 7064 MOD 11-2) for seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def parse_id_number(text: str, *, on: date | None) -> ParsedNumber:
    """Read a resident's identity number: full width and lower-case ``x`` are taken, fifteen digits become eighteen.

    The area code is never checked against a list (rule ID-2). Born on the day ``on`` itself is possible; later is refused
    (None: the day does not matter, as when a number is only looked up).
    Residence permits and the new foreigners' card share the form and come back under their own type.
    Refuses: identity.number_refused with the fault. Source: rules ID-1, ID-3, ID-4.
    """
    number = _clean(text)
    if not number:
        raise NumberRefused(NumberFault.EMPTY)
    if len(number) not in (_OLD_LENGTH, _NEW_LENGTH):
        raise NumberRefused(NumberFault.LENGTH)
    if len(number) == _OLD_LENGTH:
        if not re.fullmatch(r"[0-9]{15}", number):
            raise NumberRefused(NumberFault.CHARACTERS)
        longer = f"{number[:6]}19{number[6:]}"
        return _read(longer + check_character(longer), on=on, alias=(IdentifierType.RESIDENT_ID_15, number))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise NumberRefused(NumberFault.CHARACTERS)
    return _read(number, on=on, alias=None)


def parse_identifier(kind: IdentifierType, text: str, *, on: date | None) -> ParsedNumber:
    """Read the number of any paper. A household book or driving licence that bears the resident's number counts as that number.

    Refuses: identity.number_refused. Source: rules ID-4, ID-5.
    """
    number = _clean(text)
    if not number:
        raise NumberRefused(NumberFault.EMPTY)
    if kind in (IdentifierType.RESIDENT_ID, IdentifierType.RESIDENT_ID_15):
        return parse_id_number(text, on=on)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(kind, number, on)
    if not re.fullmatch(_SHAPES.get(kind, _FREE_TEXT), number):
        raise NumberRefused(NumberFault.SHAPE)
    return ParsedNumber(kind, number)


def parse_phone(text: str, *, mobile_only: bool = True) -> str:
    """A phone number as eleven digits (``+86``, blanks and hyphens are dropped), or a land line with its area code.

    Number segments change, so only the form is checked. Refuses: identity.phone_not_taken.
    """
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(?:\+86|0086|86(?=1[0-9]{10}$))", "", digits)
    if _PHONE.fullmatch(digits) or (not mobile_only and _LANDLINE.fullmatch(digits)):
        return digits
    raise PhoneNotTaken(fields={"phone": PhoneNotTaken.message})


def masked_id(number: str) -> str:
    """First six and last four of a long number, at most the last four (and never more than half) of a short one.

    ``109900194903071221`` → ``109900********1221``. Source: rule DS-6.
    """
    if len(number) >= _OLD_LENGTH:
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    shown = min(4, len(number) // 2)
    return "*" * (len(number) - shown) + (number[-shown:] if shown else "")


def masked_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``; land lines keep three digits in front. Source: rule DS-6."""
    if len(phone) < 10:  # noqa: PLR2004  # too short to show both ends
        return "*" * max(0, len(phone) - 2) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def _clean(text: str) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def _read(number: str, *, on: date | None, alias: tuple[IdentifierType, str] | None) -> ParsedNumber:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise NumberRefused(NumberFault.BIRTH_DATE) from error
    if on is not None and birth > on:
        raise NumberRefused(NumberFault.FUTURE)
    if on is not None and on.year - birth.year > _OLDEST_YEARS:
        raise NumberRefused(NumberFault.BIRTH_DATE)
    if check_character(number[:17]) != number[17]:
        raise NumberRefused(NumberFault.CHECKSUM)
    kind = IdentifierType.RESIDENT_ID
    if number.startswith(_RESIDENCE_PREFIXES):
        kind = IdentifierType.RESIDENCE_PERMIT
    elif number.startswith("9"):
        kind = IdentifierType.FOREIGN_RESIDENT
    return ParsedNumber(kind, number, birth, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE, alias)


def _read_residence_permit(kind: IdentifierType, number: str, on: date | None) -> ParsedNumber:
    if not number.startswith(_RESIDENCE_PREFIXES):
        raise NumberRefused(NumberFault.SHAPE)
    return _eighteen_of(kind, number, on)


def _read_foreign_resident(kind: IdentifierType, number: str, on: date | None) -> ParsedNumber:
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return ParsedNumber(kind, number)
    if not number.startswith("9"):
        raise NumberRefused(NumberFault.SHAPE)
    return _eighteen_of(kind, number, on)


def _read_household_paper(kind: IdentifierType, number: str, on: date | None) -> ParsedNumber:
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return parse_id_number(number, on=on)
    if not re.fullmatch(_FREE_TEXT, number):
        raise NumberRefused(NumberFault.SHAPE)
    return ParsedNumber(kind, number)


def _eighteen_of(kind: IdentifierType, number: str, on: date | None) -> ParsedNumber:
    if len(number) != _NEW_LENGTH:
        raise NumberRefused(NumberFault.LENGTH)
    parsed = parse_id_number(number, on=on)
    if parsed.type is not kind:
        raise NumberRefused(NumberFault.SHAPE)
    return parsed


_READERS: dict[IdentifierType, Callable[[IdentifierType, str, date | None], ParsedNumber]] = {
    IdentifierType.RESIDENCE_PERMIT: _read_residence_permit,
    IdentifierType.FOREIGN_RESIDENT: _read_foreign_resident,
    IdentifierType.HOUSEHOLD_BOOK: _read_household_paper,
    IdentifierType.DRIVING_LICENCE: _read_household_paper,
}
