"""Addresses of the administration."""

from django.urls import path

from jiuyi.desks.admin import accounts, audit, home, operations, outbox, rules

app_name = "admin"

urlpatterns = [
    path("", home.home, name="home"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<path:rule_id>/", rules.rule, name="rule"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<uuid:notice_id>/called/", outbox.called, name="called"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.create, name="create_account"),
    path("accounts/<uuid:user_id>/", accounts.account, name="account"),
    path("accounts/<uuid:user_id>/roles/", accounts.assign, name="assign"),
    path("accounts/<uuid:user_id>/roles/<uuid:assignment_id>/end/", accounts.end, name="end_role"),
    path("accounts/<uuid:user_id>/password/", accounts.set_password, name="set_password"),
    path("accounts/<uuid:user_id>/second-factor/clear/", accounts.clear_second_factor, name="clear_second_factor"),
    path("audit/", audit.audit, name="audit"),
    path("operations/", operations.operations, name="operations"),
]
