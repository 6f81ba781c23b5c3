"""Addresses of the window."""

from django.urls import path

from jiuyi.desks.clerk import appointments, booking, finding, money, moving, people, today, waiting

app_name = "clerk"

urlpatterns = [
    path("", finding.home, name="home"),
    path("institution/", finding.choose_institution, name="institution"),
    path("today/", today.today, name="today"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/<uuid:entry_id>/answer/", waiting.answer, name="answer_waiting"),
    path("people/register/", people.register, name="register"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/verify/", people.verify, name="verify"),
    path("people/<uuid:person_id>/book/", booking.book, name="book"),
    path("people/<uuid:person_id>/pay/", money.pay_orders, name="pay_orders"),
    path("appointments/<uuid:appointment_id>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:appointment_id>/cash/", appointments.cash, name="cash"),
    path("appointments/<uuid:appointment_id>/check-in/", appointments.check_in, name="check_in"),
    path("appointments/<uuid:appointment_id>/cancel/", appointments.cancel, name="cancel"),
    path("appointments/<uuid:appointment_id>/move/", moving.move, name="move"),
    path("appointments/<uuid:appointment_id>/transfer/", moving.transfer, name="transfer"),
    path("people/<uuid:person_id>/come-back/", moving.come_back, name="come_back"),
    path("appointments/<uuid:appointment_id>/slip/", appointments.slip, name="slip"),
    path("refunds/<uuid:refund_id>/pay-out/", money.pay_out, name="pay_out"),
]
