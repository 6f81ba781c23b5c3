"""A rule pack as rows of a page and as fields of a form: names, values, limits and units read from the pack itself."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.admin.rule_labels import label_of, unit_of
from jiuyi.kernel.money import yuan_text
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kit.formats import money_text

_TYPED = "value_"
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number, switch or text of a rule pack."""

    name: str
    label: str
    unit: str
    kind: str  # "whole", "switch" or "text"
    least: int | None
    most: int | None
    default: Any

    @property
    def is_money(self) -> bool:
        """Kept in fen, read and typed in yuan."""
        return self.name.endswith("_fen")

    @property
    def limits(self) -> str:
        """``5–15 分钟``; nothing for a switch."""
        if self.least is None and self.most is None:
            return ""
        if self.is_money and self.least is not None and self.most is not None:
            return f"{yuan_text(self.least)}–{money_text(self.most)}"
        return " ".join(filter(None, [f"{'' if self.least is None else self.least}–{'' if self.most is None else self.most}", self.unit]))

    def shown(self, value: Any) -> str:
        """The value as a reader expects it: money in yuan, a switch as a word, a moment of the day on the clock."""
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        if self.is_money:
            return money_text(value)
        if self.name.endswith("_minute_of_day"):
            return f"{value // 60:02d}:{value % 60:02d}"
        return " ".join(filter(None, [str(value), self.unit]))


def parameters_of(kind: type[RuleParameters]) -> list[Parameter]:
    """The pack's parameters in the order in which they are written."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  # narrows the type
    return [_parameter(kind.rule_id, field) for field in info.fields]


def _parameter(rule_id: str, field: msgspec.inspect.Field) -> Parameter:
    typed = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
    whole = isinstance(typed, msgspec.inspect.IntType)
    return Parameter(
        name=field.name,
        label=label_of(rule_id, field.name),
        unit=unit_of(field.name),
        kind="whole" if whole else "switch" if isinstance(typed, msgspec.inspect.BoolType) else "text",
        least=typed.ge if isinstance(typed, msgspec.inspect.IntType) else None,
        most=typed.le if isinstance(typed, msgspec.inspect.IntType) else None,
        default=field.default,
    )


class _Whole(forms.CharField):
    """A whole number; anything else is passed on as it was typed, for the rule book to refuse together with the rest."""

    def to_python(self, value: Any) -> Any:
        """``int`` where it is one."""
        text = (super().to_python(value) or "").strip()
        return int(text) if text.isascii() and text.removeprefix("-").isdigit() else text


class _Yuan(_Whole):
    """An amount typed in yuan, as every page shows it, and kept in fen."""

    def prepare_value(self, value: Any) -> Any:
        """The fen in force as yuan; what was typed stays as it was."""
        return yuan_text(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        """``"15"`` and ``"15.50"`` as fen."""
        text = str(value or "").strip()
        typed = _AMOUNT.fullmatch(text)
        return int(typed[1]) * 100 + int((typed[2] or "").ljust(2, "0")) if typed else text


class ChangeForm(forms.Form):
    """New values of one rule pack, with from when, why and on what grounds."""

    valid_from = forms.DateTimeField(
        label=_("生效时间"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("不填就是从现在起。以前做的决定不受影响。"),
        error_messages={"invalid": _("请填写日期和时间，例如 2026-03-02T08:00。")},
    )
    reason = forms.CharField(
        label=_("修改原因"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明修改的原因。")},
    )
    source = forms.CharField(
        label=_("依据"),
        max_length=200,
        help_text=_("文件名称、文号或会议决定。"),
        error_messages={"required": _("请写明依据（文件名称、文号或会议决定）。")},
    )

    def __init__(self, *arguments: Any, kind: type[RuleParameters], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parameters = parameters_of(kind)
        for each in self.parameters:
            self.fields[_TYPED + each.name] = _field(each)

    def values(self) -> dict[str, Any]:
        """What was typed, by the parameter's name."""
        return {each.name: self.cleaned_data.get(_TYPED + each.name) for each in self.parameters}

    def value_fields(self) -> list[forms.BoundField]:
        """The fields of the parameters alone."""
        return [self[_TYPED + each.name] for each in self.parameters]

    def add_conflicts(self, fields: dict[str, str]) -> None:
        """Put the rule book's objections at the fields they speak of."""
        for name, text in fields.items():
            place = name if name in self.fields else _TYPED + name
            if place in self.errors:
                continue
            if place.startswith(_TYPED) and place in self.fields:
                named = f"{self.fields[place].label}{gettext('：')}{gettext(text)}"  # two equal sentences at the top would tell nothing
                self.add_error(place, named)
            else:
                self.add_error(place if place in self.fields else None, gettext(text))


def initial_of(parameters: RuleParameters) -> dict[str, Any]:
    """The values in force, as the form's beginning."""
    return {_TYPED + name: value for name, value in parameters.as_json().items()}


def _field(each: Parameter) -> forms.Field:
    if each.kind == "switch":
        return forms.BooleanField(label=each.label, required=False)
    hint = gettext("可填 %(limits)s") % {"limits": each.limits} if each.limits else ""
    missing = {"required": gettext("请填写“%(name)s”。") % {"name": each.label}}
    if each.kind == "whole":
        kind, keys = (_Yuan, "decimal") if each.is_money else (_Whole, "numeric")
        return kind(label=each.label, help_text=hint, widget=forms.TextInput(attrs={"inputmode": keys}), error_messages=missing)
    return forms.CharField(label=each.label, error_messages=missing)
