"""What every page knows without its view saying so: the mode of the page and the language tag of the document."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

MODE_COOKIE = "mode"
NORMAL, ELDERLY = "normal", "elderly"


def mode(request: HttpRequest) -> Mapping[str, Any]:
    """``mode`` ("normal" or "elderly", as the person chose) and ``html_lang`` ("zh-CN" or "en") for the base templates.

    "dense" and "wall" are not chosen by a person: the staff page and the wall page set them themselves.
    """
    return {"mode": mode_of(request), "html_lang": html_lang()}


def mode_of(request: HttpRequest) -> str:
    """The mode that the person chose in the header; anything but the elderly mode counts as normal."""
    return ELDERLY if request.COOKIES.get(MODE_COOKIE) == ELDERLY else NORMAL


def html_lang() -> str:
    """The ``lang`` of the document for the active language."""
    return "zh-CN" if (get_language() or "zh").startswith("zh") else "en"
