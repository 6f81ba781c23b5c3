"""The department as a Django application."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Department: prices, charges, payments, refunds and the ledger."""

    name = "jiuyi.domains.billing"
    label = "billing"
