"""Choosing, checking, booking, paying, giving back: with links and forms alone, no scripts."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.urls import reverse

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus, PaymentProvider
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, NumberClass
from jiuyi.foundation import ports
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking
from jiuyi.kernel.ids import new_id
from tests.desks.patient.conftest import check_page, sign_in
from tests.factories import clinic_day, institutions, people
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW, charge_of, status_of

pytestmark = pytest.mark.django_db
CHOSEN = {"how": "at_hospital"}
NOTHING = UUID(int=7)  # no record has this id; the name of a test is the same in every run


def text(answer):
    return answer.content.decode()


def bookings(day):
    return schedule.appointments_of_account(day.account, NOW)


@pytest.mark.catalogue("C2", part="from who to voucher by links and forms alone, with scripts off")
def test_a_whole_booking_without_scripts(day):
    phone = sign_in(day.account.id)
    hospital = day.hospital_id
    assert "李秀兰" in text(phone.get(reverse("patient:book_who")))
    page = phone.get(reverse("patient:book_hospital", args=[day.person_id]))
    assert page.url.startswith(reverse("patient:book_safety", args=[day.person_id]))
    answer = phone.post(page.url, {"answer": "none", "next": parse_qs(urlsplit(page.url).query)["next"][0]})
    assert "青禾县人民医院" in text(phone.get(answer.url))
    assert "心血管内科" in text(phone.get(reverse("patient:book_department", args=[day.person_id, hospital])))
    doctors = text(phone.get(reverse("patient:book_doctor", args=[day.person_id, day.room.department_id])))
    assert "普通号 15.00 元" in doctors
    times = reverse("patient:book_time", args=[day.person_id, day.room.department_id, day.room.practitioner_id])
    assert "09:15–09:30" in text(phone.get(f"{times}?day=2026-03-03"))
    address = check_page(day.person_id, day.tomorrow_id)
    check = phone.get(address)
    for shown in ("李秀兰", "普通号", "15.00 元", "F3-5", "09:00–09:15", "08:30"):
        assert shown in text(check)

    answer = phone.post(address, {"how": "wechat", "key": str(check.context["form"]["key"].value())})
    assert status_of(bookings(day)[0].appointment_id) is AppointmentStatus.HELD
    back = phone.post(answer.url, {"act": "pay"})
    voucher = phone.get(back.url)

    (booked,) = bookings(day)
    assert booked.status is AppointmentStatus.BOOKED
    assert "不用再做别的" in text(voucher)
    assert " ".join(booked.voucher[at : at + 4] for at in range(0, len(booked.voucher), 4)) in text(voucher)


def test_paying_at_the_hospital_books_at_once(day, phone):
    answer = phone.post(check_page(day.person_id, day.tomorrow_id), CHOSEN | {"key": str(new_id())})

    (booked,) = bookings(day)
    assert answer.url == reverse("patient:appointment", args=[booked.appointment_id])
    page = text(phone.get(answer.url))
    assert "预约成功" in page
    assert "挂号费还没有付" in page


def test_sending_the_form_twice_books_once(day, phone):
    sent = CHOSEN | {"key": str(new_id())}

    first, second = (phone.post(check_page(day.person_id, day.tomorrow_id), sent) for _ in range(2))

    assert first.url == second.url
    assert len(bookings(day)) == 1


@pytest.mark.parametrize(
    ("_case", "sent", "words"),
    [("nothing chosen", {}, "请选择怎样付费。"), ("a way that is not offered", {"how": "shells"}, "怎样付费")],
)
def test_an_answer_that_is_missing_books_nothing(day, phone, _case, sent, words):
    answer = phone.post(check_page(day.person_id, day.tomorrow_id), sent | {"key": str(new_id())})

    assert answer.status_code == 422
    assert words in text(answer)
    assert bookings(day) == []


@pytest.mark.catalogue("C2", part="two phones want the last place: one gets it, the other sees the nearest and pays nothing")
def test_the_last_place_goes_to_one_and_the_other_sees_the_nearest(day, phone):
    neighbour = people.signed_in("12000000002")
    other_id = people.claim(neighbour, name="王小明", number=people.MIN_NUMBER)
    other_phone = sign_in(neighbour.id, safe_for=(other_id,))
    key = str(new_id())
    late_page = check_page(other_id, day.tomorrow_id)
    assert other_phone.get(late_page).status_code == 200

    phone.post(check_page(day.person_id, day.tomorrow_id), CHOSEN | {"key": str(new_id())})
    answer = other_phone.post(late_page, {"how": "wechat", "key": key})

    page = text(answer)
    assert answer.status_code == 422
    assert "您没有被扣款" in page
    assert "离它最近的空位" in page
    assert "09:15–09:30" in page
    assert 'name="how"' not in page
    assert bills.unpaid_charges(other_id) == []
    offered = answer.context["nearest"][0]["slot"]
    again = f"{reverse('patient:book_check', args=[other_id])}?slot={offered}"
    assert other_phone.post(again, CHOSEN | {"key": str(new_id())}).status_code == 302
    assert len(schedule.appointments_of_account(neighbour, NOW)) == 1


def test_no_time_chosen_goes_back_and_says_so(day, phone):
    times = reverse("patient:book_time", args=[day.person_id, day.room.department_id, day.room.practitioner_id])

    answer = phone.get(reverse("patient:book_check", args=[day.person_id]), {"from": f"{times}?day=2026-03-03"})

    assert answer.url == f"{times}?day=2026-03-03&missing=1"
    assert "还没有选时间" in text(phone.get(answer.url))


@pytest.mark.parametrize("origin", ["https://evil.test/", "//evil.test/", "/staff/"])
def test_the_way_back_stays_within_the_booking(day, phone, origin):
    answer = phone.get(reverse("patient:book_check", args=[day.person_id]), {"from": origin})

    assert answer.url == reverse("patient:book_hospital", args=[day.person_id])


def test_going_back_keeps_what_was_chosen(day, phone):
    check = phone.get(check_page(day.person_id, day.tomorrow_id))

    page = text(phone.get(check.context["time_url"]))

    assert page.count(" checked") == 1
    assert f'value="{check.wsgi_request.GET["slot"]}" checked' in page


@pytest.mark.parametrize("slot", ["x", "x_1", f"{NOTHING}_99999999999999999", f"{NOTHING}_1772500000"])
def test_a_slot_that_no_page_wrote_does_not_exist(day, phone, slot):
    assert phone.get(f"{reverse('patient:book_check', args=[day.person_id])}?slot={slot}").status_code == 404


def test_elderly_pages_ask_one_thing_at_a_time(day, phone):
    clinic_day.publish(day.room, TOMORROW + timedelta(hours=5))
    phone.cookies["mode"] = "elderly"
    times = reverse("patient:book_time", args=[day.person_id, day.room.department_id, day.room.practitioner_id])

    asked = []
    for query in ("", "?day=2026-03-03", "?day=2026-03-03&half=afternoon"):
        page = text(phone.get(times + query))
        asked.append(next(question for question in ("哪一天来？", "上午来还是下午来？", "几点来？") if f"<h1>{question}</h1>" in page))
        assert "读给我听" in page
    assert asked == ["哪一天来？", "上午来还是下午来？", "几点来？"]
    assert "14:00–14:15" in page
    assert "09:00–09:15" not in page


def test_a_page_names_one_class_of_number_and_links_the_other(day, phone):
    clinic_day.publish(day.room, TOMORROW + timedelta(hours=5), number_class=NumberClass.CHIEF)
    times = reverse("patient:book_time", args=[day.person_id, day.room.department_id, day.room.practitioner_id])

    ordinary = text(phone.get(f"{times}?day=2026-03-03"))
    chief = text(phone.get(f"{times}?class={NumberClass.CHIEF}&day=2026-03-03"))

    assert "15.00 元" in ordinary
    assert "09:00–09:15" in ordinary
    assert "14:00–14:15" not in ordinary
    assert "35.00 元" in chief
    assert "14:00–14:15" in chief
    assert "09:00–09:15" not in chief
    assert "改看这位医生的" in ordinary


def test_a_department_for_children_warns_a_grandmother(day, phone):
    department_id = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=day.hospital_id, name="儿科", code="EK", category=DepartmentCategory.PAEDIATRICS, max_age=14
    )
    doctor_id = institutions.add_doctor(day.hospital_id, department_id, name="苏问")
    scheduling.publish_session(
        actor=SYSTEM,
        now=NOW,
        practitioner_id=doctor_id,
        department_id=department_id,
        room_id=None,
        starts_at=TOMORROW,
        ends_at=TOMORROW + timedelta(hours=1),
        number_class=NumberClass.ORDINARY,
        per_window=1,
        visible_at=NOW - timedelta(days=1),
    )
    child_id = people.claim(day.account, name="小果", number=people.id_number(date(2020, 5, 1), serial=44), relation=people.Relation.CHILD)
    phone = sign_in(day.account.id, safe_for=(day.person_id, child_id))

    grandmother, child = (
        text(phone.get(reverse("patient:book_time", args=[person_id, department_id, doctor_id]))) for person_id in (day.person_id, child_id)
    )

    assert "这个科可能不适合" in grandmother
    assert "这个科可能不适合" not in child


# Is it an emergency?


@pytest.mark.parametrize("name", ["book_hospital", "book_check"])
def test_the_question_of_emergency_comes_first(day, name):
    phone = sign_in(day.account.id)

    answer = phone.get(reverse(f"patient:{name}", args=[day.person_id]))

    assert answer.url.startswith(reverse("patient:book_safety", args=[day.person_id]))


def test_the_question_is_asked_again_after_half_a_day(day, phone, hour):
    page = reverse("patient:book_hospital", args=[day.person_id])
    hour.now = NOW + timedelta(hours=12) - timedelta(seconds=1)
    assert phone.get(page).status_code == 200

    hour.now = NOW + timedelta(hours=12)
    assert phone.get(page).status_code == 302


def test_an_emergency_is_sent_to_120_and_books_nothing(day, phone):
    answer = phone.post(reverse("patient:book_safety", args=[day.person_id]), {"answer": "some"})

    assert "tel:120" in text(phone.get(answer.url))


def test_no_answer_to_the_question_does_not_lead_on(day):
    phone = sign_in(day.account.id)

    answer = phone.post(reverse("patient:book_safety", args=[day.person_id]))

    assert answer.status_code == 422
    assert "还没有回答" in text(answer)


# What becomes of a booking


def test_a_held_place_counts_down_and_then_says_that_it_is_gone(day, phone, hour):
    booked = clinic_day.book(day, online=True)
    page = reverse("patient:appointment", args=[booked.appointment_id])
    assert "号已留住，请支付" in text(phone.get(page))

    hour.now = NOW + 15 * MINUTE
    before_sweep = text(phone.get(page))
    booking.expire_due(now=hour.now)
    after_sweep = text(phone.get(page))

    for shown in (before_sweep, after_sweep):
        assert "超时未付，号已释放" in shown
        assert "/pay/" not in shown
    assert phone.get(reverse("patient:pay_appointment", args=[booked.appointment_id])).url == page


@pytest.mark.catalogue("C4", part="money that came after the place was lost goes back, and the page says so")
@pytest.mark.parametrize(("_case", "lose"), [("after cancelling", "cancel"), ("after the time was up", "expire")])
def test_paying_too_late_is_refunded_and_said(day, phone, hour, _case, lose):
    booked = clinic_day.book(day, online=True)
    payment_id = clinic_day.begin_payment(day, [booked.charge_id])
    if lose == "cancel":
        booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    else:
        hour.now = NOW + 16 * MINUTE
        booking.expire_due(now=hour.now)

    phone.post(reverse("payments:cashier", args=[payment_id]), {"act": "pay"})

    page = text(phone.get(reverse("patient:appointment", args=[booked.appointment_id])))
    assert "退费" in page
    assert "15.00 元" in page
    assert "不用到医院办理" in page


def test_paying_twice_is_charged_once(day, phone):
    booked = clinic_day.book(day, online=True)
    payment_id = clinic_day.begin_payment(day, [booked.charge_id])

    phone.post(reverse("payments:cashier", args=[payment_id]), {"act": "paid_twice"})

    assert charge_of(booked.appointment_id).status is ChargeStatus.PAID
    assert [each.amount_fen for each in bills.facts_refunds([booked.charge_id])] == [1500]
    assert status_of(booked.appointment_id) is AppointmentStatus.BOOKED


def test_a_silent_channel_keeps_the_place_and_says_so(day, phone):
    silent = clinic_day.Channel()
    silent.silent = True
    before = ports.port(PaymentProvider)
    ports.provide(PaymentProvider, silent)
    try:
        answer = phone.post(check_page(day.person_id, day.tomorrow_id), {"how": "wechat", "key": str(new_id())})
        page = text(phone.get(answer.url))
    finally:
        ports.provide(PaymentProvider, before)

    assert "支付渠道暂时没有响应" in page
    assert "号已留住，请支付" in page


def test_paying_asks_how_and_keeps_waiting_without_an_answer(day, phone):
    booked = clinic_day.book(day, online=True)

    answer = phone.post(reverse("patient:pay_appointment", args=[booked.appointment_id]), {"key": str(new_id())})

    assert answer.status_code == 422
    assert "请选择怎样付费。" in text(answer)
    assert status_of(booked.appointment_id) is AppointmentStatus.HELD


@pytest.mark.catalogue("C4", part="the phone says the terms before, and the refund after")
def test_giving_back_says_the_terms_before_and_the_refund_after(day, phone):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    page = reverse("patient:cancel", args=[appointment_id])
    assert "3月3日" in text(phone.get(page))

    wrong = phone.post(page)
    assert wrong.status_code == 422
    assert "请选择一个原因。" in text(wrong)
    assert status_of(appointment_id) is AppointmentStatus.BOOKED

    answer = phone.post(page, {"reason": CancelReason.PLAN_CHANGED.value})
    shown = text(phone.get(answer.url))
    assert "已取消" in shown
    assert "15.00 元" in shown
    assert phone.get(reverse("patient:appointments")).context["past"]


def test_giving_back_too_late_is_refused_in_words(day, phone, hour):
    appointment_id = clinic_day.paid_booking(day)
    hour.now = OPENS + 15 * MINUTE

    answer = phone.post(reverse("patient:cancel", args=[appointment_id]), {"reason": CancelReason.OTHER.value})

    assert answer.status_code == 422
    assert "不能再取消" in text(answer)
    assert status_of(appointment_id) is AppointmentStatus.BOOKED
