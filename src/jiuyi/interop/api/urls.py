"""Addresses of the doors for programmes."""

from django.urls import path

from jiuyi.interop.api import mobile, partner

urlpatterns = [path("v1/", mobile.api.urls), path("partner/v1/", partner.api.urls)]
