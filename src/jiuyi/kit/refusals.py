"""A business "no" in the reader's language, and its way into a form so that nothing typed is lost."""

from datetime import date, datetime
from typing import Any

from django.forms import Form
from django.utils.translation import gettext

from jiuyi.kernel.refusals import Reasons, Refusal
from jiuyi.kernel.words import Word
from jiuyi.kit.formats import full_day_text, is_chinese


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
    plain = _Blank({name: _shown(value) for name, value in data.items()})
    reasons = {name: _joined(value, plain) for name, value in data.items() if isinstance(value, Reasons)}
    return gettext(message).format_map(_Blank(plain | reasons))


def _shown(value: Any) -> Any:
    """A word by its label, a day as a reader writes it; the rest is formatted by its place in the sentence."""
    if isinstance(value, Word):
        return gettext(value.label)
    return full_day_text(value) if isinstance(value, date) and not isinstance(value, datetime) else value


def _joined(reasons: Reasons, plain: "_Blank") -> str:
    """One sentence after another; only English puts a blank between them."""
    return ("" if is_chinese() else " ").join(gettext(reason).format_map(plain) for reason in reasons)


class _Blank(dict[str, Any]):
    """A sentence with a gap is better than an error page."""

    def __missing__(self, key: str) -> str:
        return "…"
