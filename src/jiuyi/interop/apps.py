"""The outside world as a Django application."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    """Payment channels: their background work and the simulator's pages."""

    name = "jiuyi.interop"
    label = "interop"
