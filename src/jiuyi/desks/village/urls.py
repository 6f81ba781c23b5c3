"""Addresses of the village's trips."""

from django.urls import path

from jiuyi.desks.village import trips

app_name = "village"

urlpatterns = [
    path("", trips.home, name="home"),
    path("trips/<uuid:trip_id>/", trips.trip, name="trip"),
    path("trips/<uuid:trip_id>/people/<uuid:person_id>/", trips.add, name="add"),
    path("trips/<uuid:trip_id>/seats/<uuid:seat_id>/drop/", trips.drop, name="drop"),
    path("trips/<uuid:trip_id>/book/", trips.book, name="book"),
    path("trips/<uuid:trip_id>/sheet/", trips.sheet, name="sheet"),
]
