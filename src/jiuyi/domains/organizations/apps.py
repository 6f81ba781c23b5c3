"""The department as a Django application."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Department: institutions, departments, rooms and practitioners."""

    name = "jiuyi.domains.organizations"
    label = "organizations"
