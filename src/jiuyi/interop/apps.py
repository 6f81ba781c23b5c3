"""The outside world as a Django application."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    """Payment channels, and what their simulators remember."""

    name = "jiuyi.interop"
    label = "interop"
