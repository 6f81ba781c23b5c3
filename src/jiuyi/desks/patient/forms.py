"""What patients type: shapes only; whether it can be taken is decided by the departments."""

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.identity.words import OFFERED_IDENTIFIER_TYPES, Relation, Sex
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.kernel.words import Word

AT_HOSPITAL = "at_hospital"
PATIENT_CANCEL_REASONS = (
    CancelReason.PLAN_CHANGED,
    CancelReason.RECOVERED,
    CancelReason.WRONG_CHOICE,
    CancelReason.ELSEWHERE,
    CancelReason.CANNOT_TRAVEL,
    CancelReason.OTHER,
)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is nothing at all; None when the page was only asked for."""
    return request.POST if request.method == "POST" else None


def words(members: tuple[Word, ...] | type[Word]) -> list[tuple[str, str]]:
    """Choices of a form field in the active language."""
    return [(member.value, gettext(member.label)) for member in members]


class PhoneForm(forms.Form):
    """The phone number that receives the code."""

    phone = forms.CharField(
        label=_("手机号码"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("请填写手机号码。")},
    )


class CodeForm(forms.Form):
    """The code from the text message."""

    code = forms.CharField(
        label=_("6 位验证码"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("请填写短信里的 6 位验证码。")},
    )


class PersonForm(forms.Form):
    """Somebody who comes: a name, a paper and what they are to the account's holder."""

    name = forms.CharField(
        label=_("姓名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请填写就诊人的姓名。")},
    )
    relation = forms.ChoiceField(label=_("是您的什么人"), error_messages={"required": _("请选择与您的关系。")})
    id_type = forms.ChoiceField(label=_("证件类型"))
    number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        help_text=_("用于实名预约。只输入号码看不到病历，到医院核验一次证件后才能看。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写证件号码。")},
    )
    sex = forms.ChoiceField(label=_("性别"), required=False, help_text=_("身份证以外的证件需要填写。"))
    birth_date = forms.DateField(
        label=_("出生日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
        error_messages={"invalid": _("日期请写成 2020-05-31 这样。")},
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        relation, id_type, sex = self.fields["relation"], self.fields["id_type"], self.fields["sex"]
        for field, choices in (
            (relation, [("", gettext("请选择")), *words(Relation)]),
            (id_type, words(OFFERED_IDENTIFIER_TYPES)),
            (sex, [("", gettext("按证件")), *words((Sex.FEMALE, Sex.MALE))]),
        ):
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
            field.choices = choices


class PayForm(forms.Form):
    """How the fee is paid, and the key that makes pressing twice harmless."""

    how = forms.ChoiceField(label=_("怎样付费"), widget=forms.RadioSelect, error_messages={"required": _("请选择怎样付费。")})
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, at_hospital: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        how = self.fields["how"]
        assert isinstance(how, forms.ChoiceField)  # noqa: S101  # narrows the type
        how.choices = words((PaymentChannel.WECHAT, PaymentChannel.ALIPAY))
        if at_hospital:
            how.choices = [*how.choices, (AT_HOSPITAL, gettext("到医院再付（窗口可付现金）"))]

    @property
    def channel(self) -> PaymentChannel | None:
        """The online channel, or None for paying at the hospital."""
        chosen = self.cleaned_data["how"]
        return None if chosen == AT_HOSPITAL else PaymentChannel(chosen)


class CancelForm(forms.Form):
    """Why a booking is given back."""

    reason = forms.ChoiceField(label=_("为什么不来了"), widget=forms.RadioSelect, error_messages={"required": _("请选择一个原因。")})

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)  # noqa: S101  # narrows the type
        reason.choices = words(PATIENT_CANCEL_REASONS)


class KeyForm(forms.Form):
    """A button whose second press is harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput)
