"""Addresses of the desk of fairness."""

from django.urls import path

from jiuyi.desks.conduct import appeals, cases

app_name = "conduct"

urlpatterns = [
    path("", appeals.appeals, name="appeals"),
    path("appeals/<uuid:appeal_id>/", appeals.appeal, name="appeal"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
]
