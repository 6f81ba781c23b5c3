"""Addresses of the department secretary."""

from django.urls import path

from jiuyi.desks.secretary import away, capacity, demand, generating, sessions, timetable, week

app_name = "secretary"

urlpatterns = [
    path("", week.week, name="week"),
    path("sessions/new/", sessions.one_off, name="one_off"),
    path("sessions/<uuid:session_id>/", sessions.session, name="session"),
    path("sessions/<uuid:session_id>/details/", sessions.details, name="details"),
    path("sessions/<uuid:session_id>/capacity/", capacity.capacity, name="capacity"),
    path("demand/", demand.demand, name="demand"),
    path("demand/<uuid:forecast_id>/", demand.forecast, name="forecast"),
    path("demand/proposals/<uuid:proposal_id>/", demand.decide, name="decide"),
    path("timetable/", timetable.templates, name="templates"),
    path("timetable/new/", timetable.add, name="add_template"),
    path("timetable/<uuid:template_id>/", timetable.change, name="template"),
    path("timetable/<uuid:template_id>/end/", timetable.end, name="end_template"),
    path("away/", away.away, name="away"),
    path("away/<uuid:exception_id>/end/", away.end, name="end_away"),
    path("calendar/", away.calendar, name="calendar"),
    path("generate/", generating.generate, name="generate"),
]
