"""From the window to the slip: booking, cash, check-in, cancelling, today's list."""

import re

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus, RefundStatus
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import OrderStatus, PayerCategory
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelReason
from jiuyi.journeys import booking
from jiuyi.journeys.paying import SERVICE_REQUEST
from jiuyi.kernel.ids import new_id
from tests.desks.clerk.conftest import refusals_of, signed_in
from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS, TOMORROW

pytestmark = pytest.mark.django_db
FEE_FEN = 1500


def desk(path):
    return f"/desk/clerk/{path}"


@pytest.fixture
def booked(day):
    """A place of today at ten, to be paid at the hospital."""
    return clinic_day.book(day, window_start=OPENS).appointment_id


def checks_in(clerk, appointment_id, **typed):
    typed = {"payer_category": "resident", "credential": "verbal"} | typed
    return clerk.open(desk(f"appointments/{appointment_id}/")).press("签到并打印小票", **typed)


@pytest.mark.catalogue("C23", part="one window registers, books, takes cash, checks in and prints for a person without phone and papers")
@pytest.mark.catalogue("C8", part="a person at the window takes the nearest place of today")
def test_a_person_without_phone_and_papers_walks_in(day, clerk):
    clerk.open(desk("people/register/")).press("登记并去挂号", name="赵铁柱", credential="verbal")
    clerk.press("挂最近的号：10:00–10:15 林安宁 15.00 元")
    appointment_id = clerk.here.split("/")[-2]
    appointment = schedule.facts_appointment(appointment_id)
    assert (appointment.status, appointment.channel) == (AppointmentStatus.BOOKED, BookingChannel.WINDOW)

    clerk.press("收现金", tendered="20")
    assert "应收 15.00 元，实收 20.00 元，找零 5.00 元" in clerk.text
    assert clinic_day.charge_of(appointment.appointment_id).status is ChargeStatus.PAID

    clerk.press("签到并打印小票", payer_category="self_pay", credential="verbal")
    assert clerk.here.endswith("/slip/")
    ticket = queues.facts_ticket_of_appointment(appointment.appointment_id)
    visit = visits.facts_encounter_of_appointment(appointment.appointment_id)
    assert (visit.payer_category, visit.credential_shown) == (PayerCategory.SELF_PAY, Credential.VERBAL)
    for words in (ticket.label, "赵*柱", "门诊楼 3F 305", "还有 0 人", "请在候诊区等候叫号", appointment.voucher[:4]):
        assert words in clerk.text
    assert "赵铁柱" not in clerk.text  # a lost slip names nobody
    assert "<svg" in clerk.text


def test_a_chosen_window_of_another_day_is_booked_and_its_slip_says_when_to_come(day, clerk):
    clerk.open(desk(f"people/{day.person_id}/book/?department={day.room.department_id}&day={TOMORROW.date()}"))
    slot = re.search(r'name="slot" id="[^"]*" value="([^"]+)"', clerk.text).group(1)
    clerk.press("确认挂号", slot=slot)
    assert "当天再来签到" in clerk.text
    assert clerk.open(f"{clerk.here}slip/").status == 200
    assert "3月3日" in clerk.text


def test_booking_without_a_window_is_refused_and_keeps_the_choice(day, clerk):
    clerk.open(desk(f"people/{day.person_id}/book/?day={TOMORROW.date()}")).press("确认挂号")
    assert clerk.status == 422
    assert "请先选一个时段" in clerk.text
    assert clerk.field("day") == TOMORROW.date().isoformat()
    assert schedule.facts_appointments_of_person(day.person_id) == []


def test_a_window_that_was_just_taken_offers_the_nearest(day, clerk):
    clerk.open(desk(f"people/{day.person_id}/book/"))
    clinic_day.book(day, person_id=day.mother_id, window_start=OPENS)
    clerk.press("挂最近的号")
    assert clerk.status == 422
    assert "刚刚约满" in clerk.text
    clerk.press("10:15–10:30")
    assert schedule.facts_appointments_of_person(day.person_id)[0].window_start > OPENS


def test_a_second_press_books_once(day, clerk):
    clerk.open(desk(f"people/{day.person_id}/book/"))
    page, here = clerk.response, clerk.here
    for _ in range(2):
        clerk.response, clerk.here = page, here
        clerk.press("挂最近的号")
        assert "/appointments/" in clerk.here
    assert len(schedule.facts_appointments_of_person(day.person_id)) == 1


def test_a_second_place_in_the_department_that_day_is_refused(day, clerk, booked):
    clerk.open(desk(f"people/{day.person_id}/book/")).press("挂最近的号")
    assert clerk.status == 422
    assert "已有预约" in clerk.text
    assert len(schedule.facts_appointments_of_person(day.person_id)) == 1


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [
        ("nothing", "", "请输入实收金额"),
        ("no number", "二十", "请输入金额"),
        ("less than nothing", "-1", "不能是负数"),
        ("too little", "14.99", "还差 0.01 元"),
        ("half a fen", "15.005", "最多到分"),
        ("absurd", "99999999", "太大"),
    ],
)
def test_cash_refuses_and_keeps_what_was_typed(day, clerk, booked, _case, typed, words):
    clerk.open(desk(f"appointments/{booked}/")).press("收现金", tendered=typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert clerk.field("tendered") == typed
    assert clinic_day.charge_of(booked).status is ChargeStatus.UNPAID


def test_cash_is_taken_once_however_often_it_is_pressed(day, clerk, booked):
    clerk.open(desk(f"appointments/{booked}/"))
    page, here = clerk.response, clerk.here
    for _ in range(2):
        clerk.response, clerk.here = page, here
        clerk.press("收现金", tendered="15")
    assert bills.ledger_balance()["money.cash"] == FEE_FEN
    assert clerk.open(desk(f"appointments/{booked}/")).has_button("签到")


def test_cash_for_a_held_place_books_it(day, clerk):
    held = clinic_day.book(day, window_start=OPENS, online=True).appointment_id
    clerk.open(desk(f"appointments/{held}/")).press("收现金", tendered="15")
    assert clinic_day.status_of(held) is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [("no payer", {"payer_category": ""}, "请选择这次看病的费别"), ("nothing shown", {"credential": ""}, "请选择出示了什么")],
)
def test_check_in_needs_payer_and_credential_of_this_visit(day, clerk, _case, typed, words):
    appointment_id = clinic_day.paid_booking(day)
    checks_in(clerk, appointment_id, **typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert queues.facts_ticket_of_appointment(appointment_id) is None
    assert clinic_day.status_of(appointment_id) is AppointmentStatus.BOOKED


@pytest.mark.parametrize(("_case", "start", "words"), [("unpaid", OPENS, "还没有付"), ("another day", TOMORROW, "2026-03-03")])
def test_check_in_refuses_what_the_journey_refuses(day, clerk, _case, start, words):
    appointment_id = clinic_day.book(day, window_start=start).appointment_id
    typed = {"payer_category": "resident", "credential": "id_card"}
    clerk.response = clerk.client.post(desk(f"appointments/{appointment_id}/check-in/"), typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert queues.facts_ticket_of_appointment(appointment_id) is None


@pytest.mark.catalogue("C30", part="a second check-in at the window gives the same ticket again")
def test_a_second_check_in_gives_the_same_ticket(day, clerk):
    appointment_id = clinic_day.paid_booking(day)
    checks_in(clerk, appointment_id)
    label = queues.facts_ticket_of_appointment(appointment_id).label
    clerk.response = clerk.client.post(
        desk(f"appointments/{appointment_id}/check-in/"), {"payer_category": "resident", "credential": "id_card"}, follow=True
    )
    assert label in clerk.text
    assert queues.count_waiting(day.room.queue_id, day=OPENS.date()) == 1


def test_cancelling_gives_cash_back_over_the_counter(day, clerk, booked):
    clerk.open(desk(f"appointments/{booked}/")).press("收现金", tendered="15").press("确认退号", reason="plan_changed")
    assert "请退现金 15.00 元" in clerk.text
    assert clinic_day.status_of(booked) is AppointmentStatus.CANCELLED
    assert bills.ledger_balance()["money.cash"] == 0


def test_cancelling_what_was_paid_on_the_phone_pays_out_no_cash(day, clerk):
    appointment_id = clinic_day.paid_booking(day)
    clerk.open(desk(f"appointments/{appointment_id}/")).press("确认退号", reason="recovered")
    assert "原路退回" in clerk.text
    assert "money.cash" not in bills.ledger_balance()


def test_cancelling_needs_a_reason(day, clerk, booked):
    clerk.open(desk(f"appointments/{booked}/")).press("确认退号", reason="")
    assert clerk.status == 422
    assert "请选择退号原因" in clerk.text
    assert clinic_day.status_of(booked) is AppointmentStatus.BOOKED


@pytest.mark.catalogue("C4", part="the window cancels after check-in too: the patient leaves the line, the money goes back")
def test_somebody_who_waits_leaves_the_line_with_the_cancellation(day, clerk):
    appointment_id = clinic_day.paid_booking(day)
    checks_in(clerk, appointment_id)
    ticket = queues.facts_ticket_of_appointment(appointment_id)
    clerk.open(desk(f"appointments/{appointment_id}/")).press("确认退号", reason="recovered")
    assert clinic_day.status_of(appointment_id) is AppointmentStatus.CANCELLED
    assert queues.facts_ticket(ticket.ticket_id).status is TicketStatus.LEFT
    assert clinic_day.charge_of(appointment_id).status is ChargeStatus.REFUNDED


def test_somebody_whom_the_doctor_sees_is_not_cancelled(day, clerk):
    appointment_id = clinic_day.paid_booking(day)
    clinic_day.enters(day, clinic_day.checks_in(day, appointment_id))
    clerk.response = clerk.client.post(desk(f"appointments/{appointment_id}/cancel/"), {"reason": "recovered"})
    assert clerk.status == 422
    assert clinic_day.status_of(appointment_id) is not AppointmentStatus.CANCELLED


def test_cash_that_the_patient_may_fetch_is_handed_over_once(day, clerk, booked):
    clerk.open(desk(f"appointments/{booked}/")).press("收现金", tendered="15")
    booking.cancel(actor=day.account, now=OPENS, appointment_id=booked, reason=CancelReason.RECOVERED)
    clerk.open(desk(""))
    assert "待退的现金" in clerk.text
    assert "李**" in clerk.text
    page, here = clerk.response, clerk.here
    for _ in range(2):
        clerk.response, clerk.here = page, here
        clerk.press("现金已交给本人")
    (refund,) = bills.facts_refunds([clinic_day.charge_of(booked).charge_id])
    assert refund.status is RefundStatus.DONE
    assert bills.ledger_balance()["money.cash"] == 0
    assert "待退的现金" not in clerk.text


@pytest.fixture
def ordered(day, lists):
    """A blood count and a drug wait to be paid."""
    encounter_id = clinic_day.enters(day, clinic_day.checks_in(day, clinic_day.paid_booking(day)))
    clinic_day.diagnoses(day, encounter_id)
    return clinic_day.orders(day, encounter_id)


def press_pay(clerk, day, lines, tendered="100"):
    """The browser helper keeps one value for a name; the page has one hidden line for each charge."""
    clerk.open(desk(f"people/{day.person_id}/"))
    typed = {"charge": lines, "tendered": tendered, "key": clerk.field("key")}
    clerk.response = clerk.client.post(desk(f"people/{day.person_id}/pay/"), typed, follow=True)
    return clerk


def test_orders_of_a_visit_are_paid_in_cash_and_released(day, clerk, ordered):
    lines = [str(charge.charge_id) for charge in bills.unpaid_charges(day.person_id)]
    clerk.open(desk(f"people/{day.person_id}/"))
    assert all(line in clerk.text for line in lines)
    press_pay(clerk, day, lines)
    assert "找零" in clerk.text
    assert bills.unpaid_charges(day.person_id) == []
    assert {clinic_day.status_of_order(order_id) for order_id in ordered} == {OrderStatus.RELEASED}


@pytest.mark.parametrize(("_case", "tendered", "words"), [("nothing", "", "请输入实收金额"), ("too little", "1", "还差")])
def test_paying_orders_refuses_and_releases_nothing(day, clerk, ordered, _case, tendered, words):
    press_pay(clerk, day, [str(charge.charge_id) for charge in bills.unpaid_charges(day.person_id)], tendered)
    assert clerk.status == 422
    assert words in clerk.text
    assert clerk.field("tendered") == tendered
    assert {clinic_day.status_of_order(order_id) for order_id in ordered} == {OrderStatus.ACTIVE}


def test_what_was_ordered_meanwhile_is_not_paid_unseen(day, clerk, ordered):
    lab = clinic_day.charge_of(ordered[0], kind=SERVICE_REQUEST)
    press_pay(clerk, day, [str(lab.charge_id)], "20")
    assert [clinic_day.status_of_order(order_id) for order_id in ordered] == [OrderStatus.RELEASED, OrderStatus.ACTIVE]


def test_somebody_elses_lines_are_not_paid_on_this_page(day, clerk, ordered):
    lines = [str(charge.charge_id) for charge in bills.unpaid_charges(day.person_id)]
    typed = {"charge": lines, "tendered": "100", "key": str(new_id())}
    assert clerk.client.post(desk(f"people/{day.mother_id}/pay/"), typed).status_code == 404
    assert len(bills.unpaid_charges(day.person_id)) == len(lines)


def test_todays_list_masks_and_filters(day, clerk, booked):
    clerk.open(desk("today/"))
    assert "共 1 个预约" in clerk.text
    assert "李**" in clerk.text
    assert "李秀兰" not in clerk.text
    assert "1221" in clerk.text
    assert "共 1 个预约" in clerk.open(desk("today/?department=nonsense&page=99")).text


@pytest.mark.parametrize("path", ["", "slip/", "cash/", "check-in/", "cancel/"])
def test_another_institutions_appointment_is_not_found_and_the_attempt_is_seen(day, booked, path):
    elsewhere = signed_in("20004", StaffRole.CLERK, day.room.county.township_id)
    typed = {"tendered": "15", "key": str(new_id()), "payer_category": "resident", "credential": "id_card", "reason": "other"}
    address = desk(f"appointments/{booked}/{path}")
    answer = elsewhere.client.get(address) if path in {"", "slip/"} else elsewhere.client.post(address, typed)
    assert answer.status_code in {403, 404}
    assert str(booked) in {row.object_id for row in refusals_of(elsewhere)}
    assert clinic_day.status_of(booked) is AppointmentStatus.BOOKED
    assert clinic_day.charge_of(booked).status is ChargeStatus.UNPAID


def test_a_place_from_the_gate_can_be_paid_before_any_listener_charged_it(day, clerk):
    appointment_id = scheduling.claim_place(
        actor=day.account,
        now=clinic_day.NOW,
        person_id=day.person_id,
        session_id=day.today_id,
        window_start=OPENS,
        channel=BookingChannel.WEB,
        account_id=day.account.id,
        fee_fen=FEE_FEN,
        fee_rule=None,
        held_until=None,
        pay_at_arrival=True,
        idempotency_key=new_id(),
    ).appointment_id
    clerk.open(desk(f"appointments/{appointment_id}/")).press("收现金", tendered="20")
    assert clinic_day.charge_of(appointment_id).status is ChargeStatus.PAID
