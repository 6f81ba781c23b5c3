"""What somebody who waits (候补) is asked: days, half of the day, the way to the hospital, who comes along."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.identity.queries import FamilyMember
from jiuyi.domains.scheduling.words import HalfDay
from jiuyi.kit.formats import day_text

ANY: Final = "any"


class WishForm(forms.Form):
    """The wish; shapes only, the scheduling department decides whether it can come true."""

    first_day = forms.TypedChoiceField(
        label=_("最早哪天"),
        coerce=date.fromisoformat,
        error_messages={"required": _("请选择最早哪天。"), "invalid_choice": _("请从列表里选一天。")},
    )
    last_day = forms.TypedChoiceField(
        label=_("最晚哪天"),
        coerce=date.fromisoformat,
        error_messages={"required": _("请选择最晚哪天。"), "invalid_choice": _("请从列表里选一天。")},
    )
    half = forms.ChoiceField(label=_("上午还是下午"), widget=forms.RadioSelect, error_messages={"required": _("请选择上午还是下午。")})
    travel = forms.TypedChoiceField(
        label=_("到医院路上要多久"),
        coerce=int,
        widget=forms.RadioSelect,
        help_text=_("来不及赶到的号不会留给您。"),
        error_messages={"required": _("请选择路上要多久。")},
    )
    people = forms.TypedMultipleChoiceField(
        label=_("家里还有谁一起来"),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("选了就尽量给你们留同一个半天的号；一天以内没有，再一个一个留。"),
        error_messages={"invalid_choice": _("请从列表里选。")},
    )

    def __init__(self, *arguments: Any, days: Sequence[date], family: Sequence[FamilyMember], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._choose("first_day", [(day.isoformat(), day_text(day)) for day in days])
        self._choose("last_day", [(day.isoformat(), day_text(day)) for day in days])
        halves = [(half.value, gettext(half.label)) for half in (HalfDay.MORNING, HalfDay.AFTERNOON)]
        self._choose("half", [(ANY, gettext("都可以")), *halves])
        minutes = (("30", gettext("半小时以内")), ("60", gettext("1 小时左右")), ("120", gettext("2 小时左右")), ("240", gettext("更久")))
        self._choose("travel", list(minutes))
        self._choose("people", [(str(member.person_id), member.typed_name) for member in family])

    @property
    def companions(self) -> list[UUID]:
        """The others of the family."""
        return list(self.cleaned_data["people"])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = choices
