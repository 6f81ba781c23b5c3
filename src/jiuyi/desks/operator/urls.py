"""Addresses of the telephone desk."""

from django.urls import path

from jiuyi.desks.operator import calling, waiting

app_name = "operator"

urlpatterns = [
    path("", calling.home, name="home"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/<uuid:entry_id>/answer/", waiting.answer, name="answer_waiting"),
    path("people/register/", calling.register, name="register"),
    path("people/<uuid:person_id>/", calling.caller, name="caller"),
    path("people/<uuid:person_id>/wait/<uuid:department_id>/", calling.wait, name="wait"),
    path("people/<uuid:person_id>/draw/<uuid:session_id>/", calling.draw, name="draw"),
    path("appointments/<uuid:appointment_id>/cancel/", calling.cancel, name="cancel"),
]
