"""Journeys as a Django application (templates of the paper lists, no tables)."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """Booking, paying, arriving, consulting and the patient's worklist."""

    name = "jiuyi.journeys"
    label = "journeys"
