"""The project as a Django application: it owns no table; it joins the floors when everything is loaded."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Roles, listeners and ports are wired once all other applications are ready."""

    name = "jiuyi.project"
    label = "jiuyi_project"

    def ready(self) -> None:
        """Join the floors."""
        from jiuyi.project import wiring  # noqa: PLC0415  # models are importable only now

        wiring.wire()
