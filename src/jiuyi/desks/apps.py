"""The desks as one Django application: templates and static files of all desks."""

from django.apps import AppConfig


class DesksConfig(AppConfig):
    """Pages of patients and staff."""

    name = "jiuyi.desks"
    label = "desks"
