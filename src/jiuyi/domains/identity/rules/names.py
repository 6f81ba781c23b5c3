"""Names: made uniform, compared, and masked for lists and walls."""

import re
import unicodedata

from jiuyi.domains.identity.words import NAME_CHARACTERS, NAME_EMPTY, NAME_TOO_LONG
from jiuyi.domains.organizations.words import COMPOUND_SURNAMES

MAX_NAME_CHARACTERS = 60
_DOTS = dict.fromkeys(map(ord, "•・‧∙⋅●᛫"), "·")
_SEPARATORS = frozenset("· -'’.")
_RARE_PLANES = range(0x20000, 0x40000)
_LETTER_KINDS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Co"})


def normal_name(typed: str) -> str:
    """One spelling for one name: NFKC, one kind of middle dot, no invisible characters, single blanks only between Latin words.

    Rare characters outside the BMP are kept as they are.
    """
    text = unicodedata.normalize("NFKC", typed).translate(_DOTS)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=[^\x00-\u024f])\.(?=[^\x00-\u024f])", "·", text)
    text = re.sub(r"\s*·\s*", "·", text)
    return re.sub(r"(?<=[^\x00-\u024f]) | (?=[^\x00-\u024f])", "", text)


def name_fault(name: str) -> str | None:
    """Why an already uniform name cannot be taken (a message), or None."""
    if not name:
        return NAME_EMPTY
    if len(name) > MAX_NAME_CHARACTERS:
        return NAME_TOO_LONG
    if not all(_may_stand_in_name(c) for c in name) or all(c in _SEPARATORS for c in name):
        return NAME_CHARACTERS
    return None


def name_key(name: str) -> str:
    """What two spellings of one name share: no dots, blanks, hyphens, letter case or glyph variants."""
    return "".join(c for c in normal_name(name).casefold() if c not in _SEPARATORS and not _is_variation(c))


def masked_name(name: str) -> str:
    """The name for lists: surname (also a compound one) or first character kept, the rest starred; dots and blanks stay.

    ``张三`` → ``张*``, ``欧阳明月`` → ``欧阳**``, ``阿依古丽·买买提`` → ``阿***·***``, ``John Smith`` → ``J*** *****``.
    A name of a single character is starred whole. Source: rule DS-6.
    """
    characters = _characters(normal_name(name))
    kept = _surname_length(characters)
    return "".join(characters[:kept]) + "".join(map(_star, characters[kept:]))


def wall_name(name: str) -> str:
    """The name for walls and voices: as in lists, and the last character shown when something stays hidden between.

    ``张小明`` → ``张*明``, ``张三`` → ``张*``, ``欧阳明月`` → ``欧阳*月``, ``欧阳明`` → ``欧阳*``. Source: rule DS-6.
    """
    characters = _characters(normal_name(name))
    kept = _surname_length(characters)
    given = characters[kept:]
    if sum(c not in _SEPARATORS for c in given) < 2:  # noqa: PLR2004  # one hidden and one shown
        return masked_name(name)
    return "".join(characters[:kept]) + "".join(map(_star, given[:-1])) + given[-1]


def _surname_length(characters: list[str]) -> int:
    if len(characters) <= 1:
        return 0
    return 2 if len(characters) > 2 and "".join(characters[:2]) in COMPOUND_SURNAMES else 1  # noqa: PLR2004


def _star(character: str) -> str:
    return character if character in _SEPARATORS else "*"


def _characters(text: str) -> list[str]:
    """Characters as a reader counts them: a combining mark or glyph variant belongs to the one before."""
    result: list[str] = []
    for c in text:
        if result and (unicodedata.combining(c) or _is_variation(c)):
            result[-1] += c
        else:
            result.append(c)
    return result


def _is_variation(c: str) -> bool:
    return "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"


def _may_stand_in_name(c: str) -> bool:
    return c in _SEPARATORS or ord(c) in _RARE_PLANES or unicodedata.category(c) in _LETTER_KINDS
