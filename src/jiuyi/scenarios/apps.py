"""The scenarios as a Django application."""

from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    """Named, deterministic worlds; they enter the departments by their doors only."""

    name = "jiuyi.scenarios"
    label = "scenarios"
