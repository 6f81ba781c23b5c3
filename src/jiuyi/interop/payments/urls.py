"""Addresses of the simulated payment channel."""

from django.urls import path

from jiuyi.interop.payments import views

app_name = "payments"
urlpatterns = [
    path("cashier/<uuid:payment_id>/", views.cashier, name="cashier"),
    path("interop/payments/simulated/callback/", views.callback, name="callback"),
]
