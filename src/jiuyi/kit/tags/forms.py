"""Parts one types into or presses: fields, error summaries, buttons, confirmations, choices of time."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from jiuyi.kernel.refusals import Refusal
from jiuyi.kit import formats
from jiuyi.kit.refusals import refusal_field_texts, refusal_text

register = template.Library()

BUTTON_KINDS = frozenset({"primary", "secondary", "danger", "link", "quiet"})
FEW_PLACES = 3


@register.inclusion_tag("kit/parts/field.html")
def field(
    bound: BoundField,
    *,
    label: str = "",
    hint: str = "",
    width: str = "",
    label_hidden: bool = False,
    inline: bool = False,
    scan: bool = False,
    hints: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One form field: label, hint, error and the widget that fits, each tied to the other for screen readers.

    ``width`` is "short" (a few digits), "code" or "" (full); ``label_hidden`` when the heading already asks the question;
    ``inline`` lays radio cards side by side; ``scan`` sends the scanner's typing here; ``hints`` adds a line per choice value.
    """
    widget = bound.field.widget
    help_text = hint or str(bound.help_text or "")
    described = [f"{bound.auto_id}_{part}" for part, there in (("hint", help_text), ("error", bound.errors)) if there]
    attrs: dict[str, Any] = {"class": " ".join(filter(None, ["control", width and f"control-{width}"]))}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if scan:
        attrs["data-scan"] = ""
        attrs["autocomplete"] = "off"
    grouped = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    options = _options(bound, hints or {}, attrs) if grouped else []
    return {
        "bound": bound,
        "kind": _field_kind(widget),
        "label": label or bound.label,
        "hint": help_text,
        "errors": bound.errors,
        "described": " ".join(described),
        "label_hidden": label_hidden,
        "inline": inline,
        "optional": not bound.field.required and not isinstance(widget, CheckboxInput),
        "options": options,
        "control": "" if grouped else bound.as_widget(attrs=attrs),
    }


def _field_kind(widget: Any) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "checkbox"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, Select):
        return "select"
    if isinstance(widget, Textarea):
        return "textarea"
    return "file" if isinstance(widget, FileInput) else "input"


def _options(bound: BoundField, hints: Mapping[str, str], attrs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each choice with its own input; a first empty choice of an optional field is kept."""
    found = []
    for choice in bound.subwidgets:
        data = choice.data
        value = str(data["value"])
        found.append(
            {
                "type": data["type"],
                "name": data["name"],
                "value": value,
                "id": data["attrs"].get("id", ""),
                "checked": data["selected"],
                "disabled": bool(data["attrs"].get("disabled")),
                "label": data["label"],
                "hint": hints.get(value, ""),
                "invalid": "aria-invalid" in attrs,
            },
        )
    return found


@register.inclusion_tag("kit/parts/error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, Any]:
    """The box at the top that lists every error of a form, each a link to its field; nothing when there is none."""
    if not form or not form.is_bound or not form.errors:
        return {"entries": []}
    entries = [{"text": text, "target": ""} for text in form.non_field_errors()]
    for name, errors in form.errors.items():
        if name != "__all__":
            target = _first_control_id(form[name])
            entries.extend({"text": text, "target": target} for text in errors)
    return {"entries": entries}


def _first_control_id(bound: BoundField) -> str:
    if isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple):
        return next((choice.id_for_label for choice in bound.subwidgets), bound.auto_id)
    return bound.id_for_label or bound.auto_id


@register.inclusion_tag("kit/parts/error_summary.html", name="refusal")
def refusal_summary(refusal: Refusal | str | None) -> dict[str, Any]:
    """The same box for a refusal: its sentence and, where it names fields, theirs; nothing for None."""
    if not isinstance(refusal, Refusal):
        return {"entries": []}
    fields = refusal_field_texts(refusal)
    sentence = refusal_text(refusal)
    entries = [] if sentence in fields.values() else [{"text": sentence, "target": ""}]
    entries.extend({"text": text, "target": f"id_{name}"} for name, text in fields.items())
    return {"entries": entries}


@register.inclusion_tag("kit/parts/button.html")
def button(
    text: str,
    *,
    href: str = "",
    kind: str = "primary",
    icon: str = "",
    name: str = "",
    value: str = "",
    form: str = "",
    formaction: str = "",
    key: str = "",
    type: str = "submit",  # noqa: A002
    disabled: bool = False,
    wide: bool = False,
    small: bool = False,
    hidden_text: str = "",
    id: str = "",  # noqa: A002
) -> dict[str, Any]:
    """A button that submits its form, or with ``href`` a link that looks like one.

    ``kind``: primary, secondary, danger, quiet or link. ``form`` is the id of a form elsewhere on the page; ``key`` is a
    keyboard shortcut such as "F2" (staff pages); ``hidden_text`` tells screen readers which of many equal buttons this is.
    """
    if kind not in BUTTON_KINDS:
        message = f"no such button kind: {kind}"
        raise ValueError(message)
    return dict(locals())


@register.simple_block_tag(name="actions")
def actions(content: str) -> SafeString:
    """The bar of buttons at the foot of a form; it stays in view on a phone and never hides what has the focus."""
    return format_html('<div class="actions">{}</div>', content)


@register.simple_block_tag(name="confirm")
def confirm(content: str, text: str, kind: str = "secondary") -> SafeString:
    """A question before a grave act, without a pop-up: pressing ``text`` unfolds the content with the real button."""
    opened = format_html('<summary class="button button-{}">{}</summary>', kind, text)
    return format_html('<details class="confirm" data-confirm>{}<div class="confirm-body">{}</div></details>', opened, content)


@register.inclusion_tag("kit/parts/slots.html", takes_context=True)
def slots(
    context: template.Context,
    windows: Iterable[Any],
    *,
    name: str = "",
    selected: object = "",
    bound: BoundField | None = None,
    level: int = 3,
) -> dict[str, Any]:
    """The grid of time windows under 上午 and 下午: radios when ``name`` or ``bound`` (a form field) is given, else links.

    A window has ``start``, ``end``, ``free`` and, if wished, ``value`` (default: start in ISO form) and ``url``; ``selected``
    is the chosen value. ``bound`` brings name, chosen value and errors. A full window cannot be chosen and says 约满.
    ``level`` is the heading level of the half-days.
    """
    name, selected, errors = _named(bound, name, selected)
    morning: list[dict[str, Any]] = []
    afternoon: list[dict[str, Any]] = []
    for number, each in enumerate(windows):
        start, end = _part(each, "start"), _part(each, "end")
        cell = _cell(context, each, value=_part(each, "value") or start.isoformat(), selected=selected)
        cell |= {"id": f"id_{name}_{number}", "first": formats.window_text(start, end), "middle": ""}
        (morning if formats.is_morning(start) else afternoon).append(cell)
    halves = [(gettext("上午"), morning, f"{name or 'slots'}_am"), (gettext("下午"), afternoon, f"{name or 'slots'}_pm")]
    return {"halves": [half for half in halves if half[1]], "name": name, "level": level, "errors": errors}


@register.inclusion_tag("kit/parts/day_strip.html", takes_context=True)
def day_strip(
    context: template.Context,
    days: Iterable[Any],
    *,
    name: str = "",
    selected: object = "",
    bound: BoundField | None = None,
    label: str = "",
) -> dict[str, Any]:
    """A row of days with what is left on each: radios when ``name`` or ``bound`` (a form field) is given, else links.

    A day has ``day``, ``free`` (None: nobody sees patients) and, if wished, ``value`` (default ISO date) and ``url``.
    """
    name, selected, errors = _named(bound, name, selected)
    cells = []
    for number, each in enumerate(days):
        when = _part(each, "day")
        cell = _cell(context, each, value=_part(each, "value") or when.isoformat(), selected=selected)
        cells.append(cell | {"id": f"id_{name}_{number}", "first": formats.short_day_text(when), "middle": formats.weekday_text(when)})
    return {"cells": cells, "name": name, "label": label or gettext("日期"), "errors": errors}


def _named(bound: BoundField | None, name: str, selected: object) -> tuple[str, object, list[str]]:
    """Name, chosen value and errors of a grid of radios."""
    return (name, selected, []) if bound is None else (bound.html_name, selected or bound.value(), [str(error) for error in bound.errors])


def _cell(context: template.Context, item: Any, *, value: str, selected: object) -> dict[str, Any]:
    free = _part(item, "free")
    elderly = context.get("mode") == "elderly"
    chosen = selected.isoformat() if hasattr(selected, "isoformat") else str(selected or "")
    return {
        "value": value,
        "url": _part(item, "url"),
        "selected": bool(chosen) and chosen == value,
        "full": not free,
        "few": bool(free) and free <= FEW_PLACES,
        "rest": _rest_text(free, elderly=elderly),
    }


def _rest_text(free: int | None, *, elderly: bool) -> str:
    if free is None:
        return gettext("不出诊")
    if free <= 0:
        return gettext("已约满") if elderly else gettext("约满")
    return (gettext("剩 %(free)s 个") if elderly else gettext("余 %(free)s")) % {"free": free}


def _part(item: Any, name: str) -> Any:
    """A named part of an object or a mapping; None where it has none."""
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)


@register.inclusion_tag("kit/parts/speak.html", takes_context=True)
def speak(context: template.Context, target: str = "main", text: str = "") -> dict[str, Any]:
    """读给我听: reads the element with the id ``target`` (or ``text``) aloud; only in elderly mode and where the device can speak."""
    return {"target": target, "text": text, "wanted": context.get("mode") == "elderly"}
