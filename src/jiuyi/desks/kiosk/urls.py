"""Addresses of the kiosk."""

from django.urls import path

from jiuyi.desks.kiosk import arriving, booking, enrolment, finding

app_name = "kiosk"

urlpatterns = [
    path("", finding.start, name="start"),
    path("voucher/", finding.voucher, name="voucher"),
    path("voucher/last-four/", finding.last_four, name="last_four"),
    path("card/", finding.card, name="card"),
    path("choose/", finding.choose, name="choose"),
    path("payer/", arriving.payer, name="payer"),
    path("ticket/", arriving.ticket, name="ticket"),
    path("slip/", arriving.slip, name="slip"),
    path("book/", booking.card, name="book"),
    path("book/department/", booking.department, name="book_department"),
    path("book/department/<uuid:department_id>/", booking.time, name="book_time"),
    path("book/check/", booking.check, name="book_check"),
    path("booked/", booking.booked, name="booked"),
    path("booked/slip/", booking.booked_slip, name="booked_slip"),
    path("enrol/", enrolment.enrol, name="enrol"),
    path("enrol/demo/", enrolment.enrol_demo, name="enrol_demo"),
    path("enrol/<uuid:device_id>/revoke/", enrolment.revoke, name="revoke"),
]
