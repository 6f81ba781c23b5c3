"""The kit as a Django app: template tags, templates and static files; it has no tables."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """Design system of all desks."""

    name = "jiuyi.kit"
    label = "kit"
    verbose_name = "界面组件"
