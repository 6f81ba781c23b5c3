"""Where the sign-in library asks how this house does things."""

import time
from base64 import b64decode, b64encode
from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.foundation import devices, second_factor, vault

_PURPOSE: Final = "sign_in.second_factor"


class StaffAccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by an administrator; a wrong password and an unknown work number get one answer."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("工号或密码不正确。请核对后再试；连续错 5 次会锁定 15 分钟。"),
        "too_many_login_attempts": _("试的次数太多。请过 5 分钟再试。"),
        "incorrect_password": _("密码不正确。"),
        "incorrect_code": _("验证码不正确。请等验证器显示新的 6 位数字再输入。"),
        "enter_current_password": _("原密码不正确。"),
        "account_inactive": _("这个账号已停用，请联系本院系统管理员。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # the library's signature
        """Nobody opens a staff account for themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The device, not the address: a whole hospital sits behind one address."""
        return devices.axes_address(request)

    def is_reauthentication_required(self, *, app: str, **named: Any) -> bool:
        """Not while the sign-in itself is fresh: nobody types the same password twice in a minute."""
        request = context.request
        latest = max((record["at"] for record in get_authentication_records(request, request.user)), default=0.0)
        fresh = time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not fresh and super().is_reauthentication_required(app=app, **named)

    def add_message(self, *arguments: Any, **named: Any) -> None:
        """The pages say what happened themselves; only a message with its own words is shown."""
        if named.get("message"):
            super().add_message(*arguments, **named)


class StaffMfaAdapter(DefaultMFAAdapter):
    """Second factors: secrets are sealed in the database, and the last factor of an account cannot be removed."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("这是您唯一的第二验证方式，不能停用。请先添加另一种。"),
        "incorrect_code": _("验证码不正确。请等验证器显示新的 6 位数字再输入。"),
    }

    def encrypt(self, text: str) -> str:
        """Sealed under the newest master key."""
        return b64encode(vault.seal(text, purpose=_PURPOSE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return vault.unseal(b64decode(encrypted_text), purpose=_PURPOSE)

    def build_totp_svg(self, url: str) -> str:  # noqa: ARG002  # the page draws the code itself
        """Nothing: the kit draws it."""
        return ""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Only while another code generator or key remains."""
        return second_factor.other_factors(authenticator.user_id, authenticator.pk) > 0

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002  # the library's word
        """Numbered names: 钥匙 1, then 钥匙 2."""
        number = second_factor.count_of_type(user.pk, type) + 1
        return gettext("钥匙 %(number)s") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that a security key shows for this house."""
        return super().get_public_key_credential_rp_entity() | {"name": gettext("就医工作台")}
