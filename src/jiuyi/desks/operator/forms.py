"""What an operator types: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.clerk import forms as clerk
from jiuyi.domains.scheduling.words import HalfDay


class CallForm(forms.Form):
    """The caller's number, or whatever the caller says."""

    text = forms.CharField(
        label=_("来电号码、姓名、拼音首字母或证件号"),
        max_length=clerk.LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请输入来电号码、姓名、拼音首字母或证件号。")},
    )


class CallerForm(clerk.RegisterForm):
    """A new person on the telephone: nobody sees a paper."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        del self.fields["credential"]


class WaitForm(forms.Form):
    """A wish for the waiting list."""

    last_day = forms.DateField(
        label=_("最晚哪天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请选择最晚到哪一天。"), "invalid": _("请按 2026-03-09 的样子填写日期。")},
    )
    half_day = forms.ChoiceField(label=_("午别"), required=False)
    travel_minutes = forms.IntegerField(
        label=_("路上要多少分钟"),
        min_value=0,
        max_value=600,
        initial=60,
        error_messages={"required": _("请填写从家到医院要多少分钟。"), "invalid": _("请填写分钟数，例如 60。")},
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        clerk.choose(self, "half_day", [("", gettext("都可以")), *clerk.words((HalfDay.MORNING, HalfDay.AFTERNOON))])
