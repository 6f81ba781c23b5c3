"""A business "no" in the reader's language, and its way into a form so that nothing typed is lost."""

from datetime import date, datetime
from typing import Any

from django.forms import Form
from django.utils.translation import gettext

from jiuyi.kernel.refusals import Reasons, Refusal
from jiuyi.kit.formats import full_day_text


def refusal_text(refusal: Refusal) -> str:
    """The sentence of a refusal in the active language, with its data filled in."""
    return _filled(refusal.message, refusal.data)


def refusal_field_texts(refusal: Refusal) -> dict[str, str]:
    """Form field name → sentence, all conflicts at once, in the active language."""
    return {name: _filled(message, refusal.data) for name, message in refusal.fields.items()}


def add_refusal(form: Form, refusal: Refusal) -> None:
    """Put a refusal into the form that caused it: at its fields where it names them, else at the top.

    Call it after ``form.is_valid()``, then render the page again with ``status=refusal.status``.
    """
    placed = False
    for name, text in refusal_field_texts(refusal).items():
        if name in form.fields:
            form.add_error(name, text)
            placed = True
    if not placed:
        form.add_error(None, refusal_text(refusal))


def _filled(message: str, data: dict[str, Any]) -> str:
    return gettext(message).format_map(_Blank({name: _shown(value, data) for name, value in data.items()}))


def _shown(value: Any, data: dict[str, Any]) -> Any:
    """Reasons one after another, a day as a reader writes it; the rest is formatted by its place in the sentence."""
    if isinstance(value, Reasons):
        return _joined(value, data)
    return full_day_text(value) if isinstance(value, date) and not isinstance(value, datetime) else value


def _joined(reasons: Reasons, data: dict[str, Any]) -> str:
    return " ".join(gettext(reason).format_map(_Blank(data)) for reason in reasons)


class _Blank(dict[str, Any]):
    """A sentence with a gap is better than an error page."""

    def __missing__(self, key: str) -> str:
        return "…"
