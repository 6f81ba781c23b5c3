"""Addresses of the doctor's room."""

from django.urls import path

from jiuyi.desks.doctor import elsewhere, encounter, extras, lines, orders, paying, returning, room, sending_on, writing

app_name = "doctor"
VISIT = "visits/<uuid:encounter_id>/"

urlpatterns = [
    path("", room.room, name="room"),
    path("list/", room.waiting, name="waiting"),
    path("place/", room.choose_place, name="place"),
    path("call/", room.call_next, name="call_next"),
    path("tickets/<uuid:ticket_id>/again/", room.call_again, name="call_again"),
    path("tickets/<uuid:ticket_id>/pass/", room.pass_over, name="pass_over"),
    path("tickets/<uuid:ticket_id>/start/", room.start, name="start"),
    path(VISIT, encounter.visit, name="visit"),
    path(VISIT + "not-this-person/", writing.not_this_person, name="not_this_person"),
    path(VISIT + "finish/", writing.finish, name="finish"),
    path(VISIT + "leave/", writing.leave, name="leave"),
    path(VISIT + "allergies/", writing.allergies, name="allergies"),
    path(VISIT + "flags/<str:kind>/", writing.flag, name="flag"),
    path(VISIT + "draft/", writing.draft, name="draft"),
    path(VISIT + "note/", writing.save, name="save"),
    path(VISIT + "sign/", writing.sign, name="sign"),
    path(VISIT + "addendum/", writing.addendum, name="addendum"),
    path(VISIT + "find/", orders.find, name="find"),
    path(VISIT + "hits/<str:kind>/", orders.hits, name="hits"),
    path(VISIT + "diagnoses/", writing.diagnosis, name="diagnosis"),
    path(VISIT + "diagnoses/primary/", writing.primary, name="primary"),
    path(VISIT + "diagnoses/<uuid:condition_id>/remove/", writing.remove_diagnosis, name="remove_diagnosis"),
    path(VISIT + "lab/", orders.lab, name="lab"),
    path(VISIT + "drug/choose/", orders.choose_drug, name="choose_drug"),
    path(VISIT + "drug/", orders.drug, name="drug"),
    path(VISIT + "orders/", lines.orders, name="orders"),
    path(VISIT + "orders/<uuid:order_id>/ask/", orders.ask_revoke, name="ask_revoke"),
    path(VISIT + "orders/<uuid:order_id>/revoke/", orders.revoke, name="revoke"),
    path(VISIT + "pay/", paying.pay_here, name="pay_here"),
    path(VISIT + "pay/state/", paying.pay_state, name="pay_state"),
    path(VISIT + "return/", returning.book_return, name="book_return"),
    path(VISIT + "book/<str:mode>/", elsewhere.book_elsewhere, name="book_elsewhere"),
    path(VISIT + "extra/", extras.extra, name="extra"),
    path("tickets/<uuid:ticket_id>/send-on/", sending_on.send_on, name="send_on"),
]
