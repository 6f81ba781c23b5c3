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
        from jiuyi.foundation import clock, scopes  # tables exist only from here on

        autodiscover_modules("words")
        post_migrate.connect(lambda **_: (scopes.forget(), clock.forget()), weak=False, dispatch_uid="foundation")
