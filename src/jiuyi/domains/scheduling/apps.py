"""The department as a Django application."""

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """Department: clinic sessions, places and appointments."""

    name = "jiuyi.domains.scheduling"
    label = "scheduling"
