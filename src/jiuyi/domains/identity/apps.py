"""The department as a Django application."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Department: people, their numbers, accounts, families and care relations."""

    name = "jiuyi.domains.identity"
    label = "identity"
