"""The addresses: each desk brings its own ``urls.py``; this table says under which path it stands."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

DESKS = (
    ("", "jiuyi.desks.patient"),
    ("desk/clerk/", "jiuyi.desks.clerk"),
    ("kiosk/", "jiuyi.desks.kiosk"),
    ("wall/", "jiuyi.desks.wall"),
    ("desk/day/", "jiuyi.desks.daily"),
    ("desk/doctor/", "jiuyi.desks.doctor"),
    ("desk/operator/", "jiuyi.desks.operator"),
    ("desk/village/", "jiuyi.desks.village"),
    ("desk/conduct/", "jiuyi.desks.conduct"),
    ("desk/secretary/", "jiuyi.desks.secretary"),
    ("desk/admin/", "jiuyi.desks.admin"),
    ("staff/", "jiuyi.desks.sign_in"),
    ("kit/", "jiuyi.kit"),
    ("", "jiuyi.interop.payments"),
    ("api/", "jiuyi.interop.api"),
)


def health(request: HttpRequest) -> HttpResponse:
    """Answer "ok" once this process can read from the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health, name="health"),
    path("i18n/", set_language, name="set_language"),
    *(path(prefix, include(f"{package}.urls")) for prefix, package in DESKS),
]
