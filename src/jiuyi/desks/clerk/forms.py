"""What is typed at the window: shapes only; whether it can be taken is decided by the departments."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity.words import OFFERED_IDENTIFIER_TYPES, PROVING_CREDENTIALS, Credential, IdentifierType, Sex
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.kernel.words import Word

LONGEST_SEARCH = 80
DESK_CANCEL_REASONS = (
    CancelReason.PLAN_CHANGED,
    CancelReason.RECOVERED,
    CancelReason.WRONG_CHOICE,
    CancelReason.WRONG_DEPARTMENT,
    CancelReason.ELSEWHERE,
    CancelReason.CANNOT_TRAVEL,
    CancelReason.OTHER,
)


def words(members: Iterable[Word]) -> list[tuple[str, str]]:
    """Choices of a form field in the active language."""
    return [(member.value, gettext(member.label)) for member in members]


def choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Give a field of choice its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
    field.choices = choices


class SearchForm(forms.Form):
    """One field for everything by which somebody can be found."""

    text = forms.CharField(
        label=_("证件号、手机号、姓名、拼音首字母或凭证码"),
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请输入证件号、手机号、姓名、拼音首字母或凭证码。")},
    )


class RegisterForm(forms.Form):
    """A new person; only the name is needed."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages={"required": _("请填写姓名。不知道姓名时写“无名氏”和一个记号。")})
    credential = forms.ChoiceField(label=_("出示了什么"), error_messages={"required": _("请选择出示了什么证件，没有就选“无证件”。")})
    id_type = forms.ChoiceField(label=_("证件类型"), required=False)
    number = forms.CharField(label=_("证件号码"), required=False, max_length=40, help_text=_("新生儿或没带证件可以空着。"))
    sex = forms.ChoiceField(label=_("性别"), required=False, widget=forms.RadioSelect, help_text=_("有身份证号码时会自动填。"))
    birth_date = forms.DateField(
        label=_("出生日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请按 2020-05-01 的样子填写出生日期。")},
    )
    phone = forms.CharField(label=_("手机号码"), required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    village = forms.CharField(label=_("村（社区）"), required=False, max_length=60)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        shown = words(each for each in Credential if each is not Credential.BOOKING_VOUCHER)
        # No first value: whoever overlooks this field must not declare somebody verified.
        choose(self, "credential", [("", gettext("请选择")), *shown])
        choose(self, "id_type", words(OFFERED_IDENTIFIER_TYPES))
        choose(self, "sex", words((Sex.MALE, Sex.FEMALE, Sex.UNKNOWN)))
        self.fields["id_type"].initial = IdentifierType.RESIDENT_ID.value


class VerifyForm(forms.Form):
    """Which paper was compared, and which phone accounts may open the record from now on."""

    credential = forms.ChoiceField(label=_("核对了什么证件"), error_messages={"required": _("请选择核对了什么证件。")})
    links = forms.MultipleChoiceField(
        label=_("允许查看档案的手机账号"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("这个手机账号已经解除关联，请刷新后再选。")},
    )

    def __init__(self, *arguments: Any, links: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        choose(self, "credential", [("", gettext("请选择")), *words(each for each in Credential if each in PROVING_CREDENTIALS)])
        choose(self, "links", links)


class CashForm(forms.Form):
    """The notes on the table, in yuan."""

    tendered = forms.DecimalField(
        label=_("实收（元）"),
        min_value=0,
        max_value=999_999,
        max_digits=8,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": _("请输入实收金额。"),
            "invalid": _("请输入金额，例如 20 或 15.50。"),
            "max_decimal_places": _("金额最多到分，例如 15.50。"),
            "min_value": _("实收金额不能是负数。"),
            "max_value": _("实收金额太大，请核对。"),
            "max_digits": _("实收金额太大，请核对。"),
            "max_whole_digits": _("实收金额太大，请核对。"),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class CheckInForm(forms.Form):
    """Payer and credential of this visit."""

    payer_category = forms.ChoiceField(label=_("费别"), error_messages={"required": _("请选择这次看病的费别。")})
    credential = forms.ChoiceField(label=_("出示了什么"), error_messages={"required": _("请选择出示了什么，没有就选“无证件”。")})

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        choose(self, "payer_category", [("", gettext("请选择")), *words(PayerCategory)])
        choose(self, "credential", [("", gettext("请选择")), *words(Credential)])


class CancelForm(forms.Form):
    """Why an appointment is given up."""

    reason = forms.ChoiceField(label=_("退号原因"), error_messages={"required": _("请选择退号原因。")})

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        choose(self, "reason", [("", gettext("请选择")), *words(DESK_CANCEL_REASONS)])
