"""Addresses of the walls."""

from django.urls import path

from jiuyi.desks.wall import screens

app_name = "wall"

urlpatterns = [
    path("", screens.chooser, name="chooser"),
    path("<uuid:queue_id>/", screens.wall, name="wall"),
    path("<uuid:queue_id>/board/", screens.board, name="board"),
]
