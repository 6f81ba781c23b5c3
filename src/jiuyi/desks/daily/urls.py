"""Addresses of the changes of the day."""

from django.urls import path

from jiuyi.desks.daily import calls, refunds, sessions

app_name = "daily"

urlpatterns = [
    path("", sessions.day, name="home"),
    path("sessions/<uuid:session_id>/", sessions.session, name="session"),
    path("changes/<uuid:change_id>/", sessions.change, name="change"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<uuid:change_notice_id>/", calls.call, name="call"),
    path("refunds/", refunds.refunds, name="refunds"),
    path("refunds/<uuid:refund_id>/retry/", refunds.retry, name="retry_refund"),
]
