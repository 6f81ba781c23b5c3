"""Addresses of the telephone desk."""

from django.urls import path

from jiuyi.desks.operator import calling

app_name = "operator"

urlpatterns = [
    path("", calling.home, name="home"),
    path("people/register/", calling.register, name="register"),
    path("people/<uuid:person_id>/", calling.caller, name="caller"),
    path("people/<uuid:person_id>/wait/<uuid:department_id>/", calling.wait, name="wait"),
    path("appointments/<uuid:appointment_id>/cancel/", calling.cancel, name="cancel"),
]
