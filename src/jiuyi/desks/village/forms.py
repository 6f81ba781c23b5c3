"""What a village doctor types: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.clerk.forms import LONGEST_SEARCH, choose

_CLOCK = {"type": "time"}


class TripForm(forms.Form):
    """One van: where from and to, and when."""

    village = forms.ChoiceField(label=_("从哪里出发"))
    hospital = forms.ChoiceField(label=_("去哪家医院"))
    day = forms.DateField(
        label=_("哪一天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请选择日期。"), "invalid": _("请按 2026-03-09 的样子填写日期。")},
    )
    leaves = forms.TimeField(label=_("出发"), initial="07:00", widget=forms.TimeInput(attrs=_CLOCK, format="%H:%M"))
    arrives = forms.TimeField(label=_("到医院"), initial="08:00", widget=forms.TimeInput(attrs=_CLOCK, format="%H:%M"))
    returns = forms.TimeField(label=_("返程"), initial="12:00", widget=forms.TimeInput(attrs=_CLOCK, format="%H:%M"))
    seats = forms.IntegerField(label=_("座位"), initial=10, min_value=1, max_value=30)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, villages: list[tuple[str, str]], hospitals: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        choose(self, "village", villages)
        choose(self, "hospital", hospitals)
        for name in ("leaves", "arrives", "returns"):
            self.fields[name].error_messages |= {"required": _("请填写时间。"), "invalid": _("请按 07:30 的样子填写时间。")}
        self.fields["seats"].error_messages |= {
            "required": _("请填写座位数。"),
            "invalid": _("请填写数字，例如 10。"),
            "min_value": _("至少 1 个座位。"),
            "max_value": _("最多 30 个座位。"),
        }


class FindForm(forms.Form):
    """Somebody of the village."""

    text = forms.CharField(
        label=_("姓名、拼音首字母或证件号（只找本村居民）"),
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请输入姓名、拼音首字母或证件号。")},
    )
