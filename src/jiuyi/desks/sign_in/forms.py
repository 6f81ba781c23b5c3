"""The library's forms without its placeholders: every field has a label of ours, and a placeholder would say it twice."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms


class _Quiet(forms.BaseForm):
    """Takes the placeholders out."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_Quiet, account.LoginForm):
    """Work number and password."""


class PasswordAgainForm(_Quiet, account.ReauthenticateForm):
    """The password once more."""


class ChangePasswordForm(_Quiet, account.ChangePasswordForm):
    """Old and new password."""


class CodeForm(_Quiet, mfa.AuthenticateForm):
    """Six digits, or a recovery code."""


class CodeAgainForm(_Quiet, mfa.ReauthenticateForm):
    """The same once more."""


class ActivateForm(_Quiet, totp.ActivateTOTPForm):
    """The first six digits of a new authenticator."""
