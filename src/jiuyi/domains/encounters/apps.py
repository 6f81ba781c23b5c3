"""The department as a Django application."""

from django.apps import AppConfig


class EncountersConfig(AppConfig):
    """Department: visits: what was found, said, ordered and signed."""

    name = "jiuyi.domains.encounters"
    label = "encounters"
