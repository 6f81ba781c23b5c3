"""Addresses of the doctor's room."""

from django.urls import path

from jiuyi.desks.doctor import encounter, orders, returning, room, writing

app_name = "doctor"

urlpatterns = [
    path("", room.room, name="room"),
    path("list/", room.waiting, name="waiting"),
    path("place/", room.choose_place, name="place"),
    path("call/", room.call_next, name="call_next"),
    path("tickets/<uuid:ticket_id>/again/", room.call_again, name="call_again"),
    path("tickets/<uuid:ticket_id>/pass/", room.pass_over, name="pass_over"),
    path("tickets/<uuid:ticket_id>/start/", room.start, name="start"),
    path("visits/<uuid:encounter_id>/", encounter.visit, name="visit"),
    path("visits/<uuid:encounter_id>/not-this-person/", encounter.not_this_person, name="not_this_person"),
    path("visits/<uuid:encounter_id>/finish/", encounter.finish, name="finish"),
    path("visits/<uuid:encounter_id>/allergies/", writing.allergies, name="allergies"),
    path("visits/<uuid:encounter_id>/flags/<str:kind>/", writing.flag, name="flag"),
    path("visits/<uuid:encounter_id>/note/", writing.note, name="note"),
    path("visits/<uuid:encounter_id>/addendum/", writing.addendum, name="addendum"),
    path("visits/<uuid:encounter_id>/diagnoses/", writing.diagnosis, name="diagnosis"),
    path("visits/<uuid:encounter_id>/diagnoses/found/", writing.found_diagnoses, name="found_diagnoses"),
    path("visits/<uuid:encounter_id>/diagnoses/<uuid:condition_id>/remove/", writing.remove_diagnosis, name="remove_diagnosis"),
    path("visits/<uuid:encounter_id>/lab/", orders.lab, name="lab"),
    path("visits/<uuid:encounter_id>/drug/", orders.drug, name="drug"),
    path("visits/<uuid:encounter_id>/pay/", orders.pay_here, name="pay_here"),
    path("visits/<uuid:encounter_id>/orders/<uuid:order_id>/revoke/", orders.revoke, name="revoke"),
    path("visits/<uuid:encounter_id>/return/", returning.book_return, name="book_return"),
]
