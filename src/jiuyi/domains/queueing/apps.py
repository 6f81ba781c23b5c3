"""The department as a Django application."""

from django.apps import AppConfig


class QueueingConfig(AppConfig):
    """Department: queues, tickets, calling."""

    name = "jiuyi.domains.queueing"
    label = "queueing"
