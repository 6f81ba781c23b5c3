"""The foundation as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class FoundationConfig(AppConfig):
    """Scopes, rulebook, journal, audit, access, jobs, ports and notices."""

    name = "jiuyi.foundation"
    label = "foundation"

    def ready(self) -> None:
        """Load every department's vocabulary, so that all rule packs are known; forget caches when tables change."""
        autodiscover_modules("words")
        post_migrate.connect(_forget_caches, dispatch_uid="foundation.forget_caches")


def _forget_caches(**_: object) -> None:
    from jiuyi.foundation import clock, scopes  # noqa: PLC0415  # they need the tables, which stand only later

    clock.forget()
    scopes.forget()
