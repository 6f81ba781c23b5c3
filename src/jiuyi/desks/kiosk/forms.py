"""What is scanned or touched at the kiosk: shapes only."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.encounters.words import PayerCategory

PAYERS = (PayerCategory.RESIDENT, PayerCategory.EMPLOYEE, PayerCategory.OTHER_PLACE, PayerCategory.SELF_PAY)
_OFF = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class VoucherForm(forms.Form):
    """The code of a booking voucher, spaces and dashes as one likes."""

    code = forms.CharField(
        label=_("预约凭证码"),
        max_length=40,
        help_text=_("凭证上二维码下面的 12 位数字和字母，也可以直接扫码"),
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("请扫描凭证上的二维码，或输入 12 位凭证码。")},
    )

    def clean_code(self) -> str:
        """Capitals without gaps."""
        code = re.sub(r"[\s\-]", "", str(self.cleaned_data["code"])).upper()
        if not re.fullmatch(r"[0-9A-Z]{12}", code):
            raise forms.ValidationError(gettext("凭证码是 12 位数字和字母，请核对后再输入。"))
        return code


class LastFourForm(forms.Form):
    """The second factor of a voucher."""

    last_four = forms.CharField(
        label=_("就诊人证件号码的后四位"),
        max_length=8,
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("请输入就诊人证件号码的后四位。")},
    )

    def clean_last_four(self) -> str:
        """Four digits, the last may be an X."""
        typed = str(self.cleaned_data["last_four"]).strip().upper()
        if not re.fullmatch(r"[0-9A-Z]{4}", typed):
            raise forms.ValidationError(gettext("后四位是 4 个数字，最后一位也可能是 X，请核对。"))
        return typed


class CardForm(forms.Form):
    """The number that a card reader types."""

    number = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        help_text=_("请把身份证放在读卡处，也可以自己输入 18 位号码"),
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("请把身份证放在读卡处，或输入 18 位身份证号码。")},
    )


class PayerForm(forms.Form):
    """Who pays for this visit."""

    payer_category = forms.ChoiceField(
        label=_("这次看病用什么付费？"), widget=forms.RadioSelect, error_messages={"required": _("请选择这次看病的付费方式。")}
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["payer_category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [(each.value, gettext(each.label)) for each in PAYERS]


class EnrolForm(forms.Form):
    """Where this browser will stand."""

    institution = forms.ChoiceField(
        label=_("机构"), error_messages={"required": _("请选择机构。"), "invalid_choice": _("请从列表中选择机构。")}
    )
    label = forms.CharField(
        label=_("放在哪里"),
        max_length=80,
        help_text=_("例如：门诊大厅1号机"),
        error_messages={"required": _("请写明这台设备放在哪里，例如“门诊大厅1号机”。")},
    )

    def __init__(self, *arguments: Any, institutions: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["institution"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = institutions
