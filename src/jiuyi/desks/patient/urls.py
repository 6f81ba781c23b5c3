"""Addresses of the patient's pages: ids only, never a name or a number."""

from django.urls import path

from jiuyi.desks.patient import (
    appeals,
    appointments,
    bills,
    booking,
    changes,
    choosing,
    family,
    home,
    releases,
    safety,
    sign_in,
    times,
    visits,
    waiting,
)

app_name = "patient"

urlpatterns = [
    path("", home.home, name="home"),
    path("now/", home.steps, name="steps"),
    path("sign-in/", sign_in.phone, name="sign_in"),
    path("sign-in/code/", sign_in.code, name="code"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("people/", family.people, name="people"),
    path("people/add/", family.add, name="add_person"),
    path("people/<uuid:person_id>/remove/", family.remove, name="remove_person"),
    path("people/<uuid:person_id>/timeline/", visits.timeline, name="timeline"),
    path("book/", choosing.who, name="book_who"),
    path("book/<uuid:person_id>/safety/", safety.safety, name="book_safety"),
    path("book/<uuid:person_id>/emergency/", safety.emergency, name="book_emergency"),
    path("book/<uuid:person_id>/hospital/", choosing.hospital, name="book_hospital"),
    path("book/<uuid:person_id>/at/<uuid:organization_id>/", choosing.department, name="book_department"),
    path("book/<uuid:person_id>/in/<uuid:department_id>/", choosing.doctor, name="book_doctor"),
    path("book/<uuid:person_id>/in/<uuid:department_id>/with/<uuid:practitioner_id>/", times.time, name="book_time"),
    path("book/<uuid:person_id>/check/", booking.check, name="book_check"),
    path("book/<uuid:person_id>/in/<uuid:department_id>/wait/", waiting.join, name="wait_join"),
    path("waiting/", waiting.mine, name="waiting"),
    path("waiting/<uuid:entry_id>/", waiting.one, name="wait_entry"),
    path("waiting/<uuid:entry_id>/leave/", waiting.leave, name="wait_leave"),
    path("waiting/offers/<uuid:offer_id>/", waiting.offer, name="offer"),
    path("waiting/offers/<uuid:offer_id>/decline/", waiting.decline, name="decline_offer"),
    path("release/<uuid:session_id>/<uuid:person_id>/", releases.release, name="release"),
    path("gate/v1/claim", releases.claim, name="claim_without_gate"),
    path("appointments/", appointments.mine, name="appointments"),
    path("appointments/<uuid:appointment_id>/", appointments.one, name="appointment"),
    path("appointments/<uuid:appointment_id>/pay/", appointments.pay, name="pay_appointment"),
    path("appointments/<uuid:appointment_id>/appeal/", appeals.appeal, name="appeal"),
    path("appointments/<uuid:appointment_id>/cancel/", appointments.cancel, name="cancel"),
    path("appointments/<uuid:appointment_id>/change/", changes.change, name="change"),
    path("appointments/<uuid:appointment_id>/change/move/", changes.move, name="change_move"),
    path("people/<uuid:person_id>/bill/", bills.bill, name="bill"),
    path("visits/<uuid:encounter_id>/", visits.visit, name="visit"),
]
