"""Addresses of the staff sign-in: only those views of the library that this house uses (no sign-up, no reset by e-mail).

Their names are the library's own, without a namespace, because it looks them up itself.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from jiuyi.desks.sign_in.views import behind_second_factor, home, remove_key, set_up, sign_in, while_setting_up

urlpatterns = [
    path("", home, name="staff_home"),
    path("second-factor/", set_up, name="staff_second_factor"),
    path("login/", sign_in, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", while_setting_up(account.reauthenticate), name="account_reauthenticate"),
    path("password/", behind_second_factor(account.password_change), name="account_change_password"),
    path("2fa/", behind_second_factor(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", behind_second_factor(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/app/activate/", while_setting_up(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/app/deactivate/", behind_second_factor(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", behind_second_factor(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", behind_second_factor(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("2fa/keys/", behind_second_factor(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("2fa/keys/add/", while_setting_up(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/keys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/keys/reauthenticate/", behind_second_factor(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("2fa/keys/<int:pk>/edit/", behind_second_factor(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("2fa/keys/<int:pk>/remove/", behind_second_factor(remove_key), name="mfa_remove_webauthn"),
]
