"""From codes to words: the refusals of a claim, in the caller's language, with what to do next."""

import gettext
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    GateBusy,
    NoSuchWindow,
    NotYetVisible,
    PassUsed,
    PlaceGone,
    SessionStopped,
    WindowPassed,
)
from jiuyi.kernel.refusals import Invalid, Refusal

REFUSALS: Mapping[str, type[Refusal]] = {
    "session_stopped": SessionStopped,
    "not_yet_visible": NotYetVisible,
    "window_passed": WindowPassed,
    "no_such_window": NoSuchWindow,
    "already_booked_that_day": AlreadyBookedThatDay,
    "place_gone": PlaceGone,
    "key_conflict": PassUsed,
    "busy": GateBusy,
    "invalid": Invalid,
}


class Words:
    """Sentences of refusals in the languages that there are."""

    def __init__(self, locale: Path | None) -> None:
        self._languages: dict[str, gettext.NullTranslations] = {}
        if locale is not None:
            for name in ("en",):
                self._languages[name] = gettext.translation("django", str(locale), [name], fallback=True)

    def of(self, refusal: type[Refusal], accept_language: str) -> str:
        """The sentence; Chinese unless the caller asks for English first."""
        language = self._languages.get(accept_language[:2].lower())
        return language.gettext(refusal.message) if language else refusal.message

    def body(self, refusal: type[Refusal], accept_language: str, *, conflicts: Sequence[str] = (), **data: Any) -> dict[str, Any]:
        """What an API caller reads: code, sentence, every conflict by code and in words, and data."""
        others = [REFUSALS[code] for code in conflicts if code in REFUSALS]
        return {
            "code": refusal.code,
            "message": self.of(refusal, accept_language),
            "conflicts": [each.code for each in others] or [refusal.code],
            "reasons": [self.of(each, accept_language) for each in others] or [self.of(refusal, accept_language)],
            **data,
        }
