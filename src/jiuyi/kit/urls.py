"""Addresses of the kit: the gallery and the two switches of the patient header."""

from django.urls import path
from django.views.i18n import set_language

from jiuyi.kit import views

app_name = "kit"

urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("mode/", views.switch_mode, name="mode"),
    path("language/", set_language, name="language"),
]
