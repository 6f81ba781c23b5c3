"""What a doctor types: shapes only; whether it can be taken is decided by the departments."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.encounters.words import Answer, Frequency, Route
from jiuyi.kernel.words import Word


def words(members: type[Word]) -> list[tuple[str, str]]:
    """Choices of a form field in the active language."""
    return [(member.value, gettext(member.label)) for member in members]


class NoteForm(forms.Form):
    """The note of a visit; everything may be left empty in a draft. ``note_id`` is the draft it was kept in."""

    note_id: UUID | None = None

    complaint = forms.CharField(label=_("主诉"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 1}))
    history = forms.CharField(label=_("现病史"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    exam = forms.CharField(label=_("查体"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    plan = forms.CharField(label=_("处理意见"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class AddendumForm(forms.Form):
    """A later word to a signed note."""

    addendum = forms.CharField(
        label=_("补充记录"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": _("请写补充内容。")}
    )


class AllergyForm(forms.Form):
    """What was answered about allergies."""

    status = forms.ChoiceField(label=_("过敏史"), error_messages={"required": _("请选择“无”或“有”。")})
    substance = forms.ChoiceField(label=_("过敏物质"), required=False)
    reaction = forms.CharField(label=_("反应"), required=False, max_length=120)

    def __init__(self, *arguments: Any, substances: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        status, substance = self.fields["status"], self.fields["substance"]
        assert isinstance(status, forms.ChoiceField)  # noqa: S101  # narrows the type
        assert isinstance(substance, forms.ChoiceField)  # noqa: S101  # narrows the type
        status.choices = [("", gettext("请选择")), *((each.value, gettext(each.label)) for each in (Answer.NONE, Answer.PRESENT))]
        substance.choices = [("", gettext("请选择")), *substances]

    def clean(self) -> dict[str, Any]:
        """Refuse an answer of none that names a substance: one of the two was a slip."""
        typed = super().clean() or {}
        if typed.get("status") == Answer.NONE and typed.get("substance"):
            self.add_error("substance", gettext("选了“无”，就请不要再选过敏物质。"))
        return typed


class FlagForm(forms.Form):
    """What was answered about pregnancy or implants."""

    status = forms.ChoiceField(choices=[(each.value, _(each.label)) for each in (Answer.NONE, Answer.PRESENT)])
    detail = forms.CharField(required=False, max_length=200)


class DrugForm(forms.Form):
    """One line of a prescription."""

    code = forms.CharField(widget=forms.HiddenInput)
    dose = forms.CharField(label=_("每次用量"), max_length=40, error_messages={"required": _("请写每次用量，例如 0.5g。")})
    route = forms.ChoiceField(label=_("给药途径"))
    frequency = forms.ChoiceField(label=_("频次"))
    days = forms.IntegerField(label=_("天数"), min_value=1, max_value=84, error_messages={"required": _("请写天数。")})
    quantity = forms.IntegerField(label=_("数量"), min_value=1, max_value=200, error_messages={"required": _("请写数量。")})
    override_reason = forms.CharField(label=_("仍要使用的理由"), required=False, max_length=300, help_text=_("会写入病历和审计。"))
    long_reason = forms.CharField(label=_("超天数的理由"), required=False, max_length=300)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        route, frequency = self.fields["route"], self.fields["frequency"]
        assert isinstance(route, forms.ChoiceField)  # noqa: S101  # narrows the type
        assert isinstance(frequency, forms.ChoiceField)  # noqa: S101  # narrows the type
        route.choices, frequency.choices = words(Route), words(Frequency)


class ReasonForm(forms.Form):
    """Why an order is taken back."""

    reason = forms.CharField(label=_("撤销理由"), max_length=200, error_messages={"required": _("请写明理由，例如“患者已在外院做过”。")})
