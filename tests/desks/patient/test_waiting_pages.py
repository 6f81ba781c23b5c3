"""Waiting for a place on the phone, without scripts: join, position, offer, answer."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, HalfDay, WaitingState
from jiuyi.journeys import booking, waiting
from jiuyi.journeys.waiting import Wish
from jiuyi.kernel.clock import service_date
from tests.desks.patient.conftest import sign_in
from tests.factories import clinic_day, people
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW, status_of

pytestmark = pytest.mark.django_db
DAY = service_date(TOMORROW).isoformat()
TYPED = {"first_day": DAY, "last_day": DAY, "half": "morning", "travel": "30"}


def text(answer):
    return answer.content.decode()


@pytest.fixture
def full(day):
    """Tomorrow's four places belong to strangers."""
    booked = []
    for number in range(4):
        account = people.signed_in(f"1200100{number:04d}", device=f"device-{number}")
        id_number = people.id_number(people.date(1970, 3, 4), serial=50 + 2 * number)
        person_id = people.claim(account, name=f"王{'甲乙丙丁'[number]}", number=id_number)
        start = TOMORROW + number * timedelta(minutes=15)
        booked.append((account, clinic_day.book(day, actor=account, person_id=person_id, window_start=start).appointment_id))
    return booked


@pytest.fixture
def phone(day):
    return sign_in(day.account.id, safe_for=(day.person_id, day.mother_id))


def join_page(day, *, doctor=True):
    page = reverse("patient:wait_join", args=[day.person_id, day.room.department_id])
    return f"{page}?doctor={day.room.practitioner_id}" if doctor else page


def gives_up(owner, now=NOW):
    account, appointment_id = owner
    booking.cancel(actor=account, now=now, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)


def offered(day, full):
    wish = Wish(
        department_id=day.room.department_id,
        first_day=service_date(TOMORROW),
        last_day=service_date(TOMORROW),
        half_days=(HalfDay.MORNING,),
        travel_minutes=30,
    )
    (entry_id,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish)
    gives_up(full[0])
    waiting.serve(now=NOW)
    return entries.facts_entry(entry_id)


@pytest.mark.catalogue("C4", part="joining the waiting list and answering its offer by links and forms alone")
def test_from_full_to_booked_without_scripts(day, phone, full):
    doctors = text(phone.get(reverse("patient:book_doctor", args=[day.person_id, day.room.department_id])))
    assert "候补" in doctors
    assert reverse("patient:wait_join", args=[day.person_id, day.room.department_id]) in doctors

    page = text(phone.get(join_page(day)))
    for shown in ("周", "上午", "到医院路上要多久", "家里还有谁一起来", "8 点到 21 点"):
        assert shown in page
    answer = phone.post(join_page(day), TYPED)
    confirmation = text(phone.get(answer.url))
    assert "候补登记好了" in confirmation
    assert "您排在最前面" in confirmation
    assert "3月3日 周二，上午" in confirmation

    gives_up(full[0])
    waiting.serve(now=NOW)
    home = text(phone.get(reverse("patient:home")))
    assert "候补有号了" in home
    (entry,) = entries.entries_of_account(day.account, NOW)
    offer_page = reverse("patient:offer", args=[entry.offer_id])
    assert offer_page in home
    assert offer_page in text(phone.get(reverse("patient:waiting")))
    offer = text(phone.get(offer_page))
    for shown in ("09:00–09:15", "15.00 元", "09:30", "不要这个号，继续候补", "李秀兰"):
        assert shown in offer

    answer = phone.post(offer_page, {"how": "at_hospital", "key": "01a20b74-e690-73ca-b67e-1aa25dcd8c63"})
    assert status_of(entries.facts_offer(entry.offer_id).appointment_id) is AppointmentStatus.BOOKED
    assert "预约成功" in text(phone.get(answer.url))
    assert "这个号已经是您的" in text(phone.get(offer_page))
    assert entries.facts_entry(entry.entry_id).state is WaitingState.BOOKED


def test_the_home_page_shows_an_open_offer_before_anything_else(day, phone, full):
    clinic_day.book(day, person_id=day.person_id, window_start=clinic_day.OPENS)  # something to do for the first of the family
    wish = Wish(
        department_id=day.room.department_id,
        first_day=service_date(TOMORROW),
        last_day=service_date(TOMORROW),
        half_days=(),
        travel_minutes=30,
    )
    waiting.join(actor=day.account, now=NOW, person_ids=[day.mother_id], wish=wish)
    gives_up(full[0])
    waiting.serve(now=NOW)
    home = text(phone.get(reverse("patient:home")))
    assert home.index("候补有号了") < home.index("再签到")


def test_paying_online_leads_to_the_cashier(day, phone, full):
    entry = offered(day, full)
    page = reverse("patient:offer", args=[entry.offer_id])
    answer = phone.post(page, {"how": "wechat", "key": "01a20b74-e690-73ca-b67e-1aa25dcd8c63"})
    assert "/simulated/" in answer.url or "cashier" in answer.url or answer.status_code == 302
    assert status_of(entries.facts_offer(entry.offer_id).appointment_id) is AppointmentStatus.HELD
    phone.post(answer.url, {"act": "pay"})
    assert entries.facts_entry(entry.entry_id).state is WaitingState.BOOKED


def test_a_form_without_answers_keeps_nothing_back_and_changes_nothing(day, phone):
    answer = phone.post(join_page(day), {"travel": "120"})
    assert answer.status_code == 422
    for said in ("请选择最早哪天。", "请选择最晚哪天。", "请选择上午还是下午。"):
        assert said in text(answer)
    assert 'value="120" id="id_travel_2" checked' in text(answer)
    assert waiting.of_account(day.account, now=NOW) == []


def test_a_wish_that_ends_before_it_begins_is_refused_at_its_field(day, phone):
    answer = phone.post(join_page(day), TYPED | {"last_day": service_date(NOW).isoformat()})
    assert answer.status_code == 422
    assert "最晚的一天不能早于最早的一天。" in text(answer)
    assert waiting.of_account(day.account, now=NOW) == []


def test_nobody_waits_twice_for_a_department(day, phone):
    phone.post(join_page(day), TYPED)
    answer = phone.post(join_page(day, doctor=False), TYPED)
    assert "已经在这个科室候补" in text(answer)
    assert len(waiting.of_account(day.account, now=NOW)) == 1


def test_two_of_a_family_join_together(day, phone):
    phone.post(join_page(day), TYPED | {"people": [str(day.mother_id)]})
    found = waiting.of_account(day.account, now=NOW)
    assert {each.facts.person_id for each in found} == {day.person_id, day.mother_id}
    assert len({each.facts.family_group for each in found}) == 1
    listed = text(phone.get(reverse("patient:waiting")))
    assert "陈阿婆" in listed


def test_the_elderly_are_asked_one_question_after_the_other(day, phone):
    phone.cookies["mode"] = "elderly"
    address, typed = join_page(day), {}
    for question, names in (
        ("哪几天能来？", ("first_day", "last_day")),
        ("上午来还是下午来？", ("half",)),
        ("到医院路上要多久？", ("travel",)),
    ):
        page = phone.get(address, typed | {"doctor": str(day.room.practitioner_id)})
        assert question in text(page)
        assert 'method="get"' in text(page)
        typed |= {name: TYPED[name] for name in names} | {"step": str(int(typed.get("step", "0")) + 1)}
    last = phone.get(address, typed | {"doctor": str(day.room.practitioner_id)})
    assert "家里还有谁一起来？" in text(last)
    assert f'name="first_day" value="{DAY}"' in text(last)
    answer = phone.post(f"{address}&step=3", {name: value for name, value in typed.items() if name != "step"})
    assert answer.status_code == 302
    assert len(waiting.of_account(day.account, now=NOW)) == 1


def test_declining_and_leaving(day, phone, full):
    entry = offered(day, full)
    answer = phone.post(reverse("patient:decline_offer", args=[entry.offer_id]))
    assert "候补登记好了" in text(phone.get(answer.url))
    assert "这个号已经让给下一位" in text(phone.get(reverse("patient:offer", args=[entry.offer_id])))
    answer = phone.post(reverse("patient:wait_leave", args=[entry.entry_id]))
    assert "已退出候补" in text(phone.get(answer.url))
    assert entries.facts_entry(entry.entry_id).state is WaitingState.LEFT


def test_an_offer_answered_too_late_says_so(day, phone, full, hour):
    entry = offered(day, full)
    booking.expire_due(now=NOW + 31 * MINUTE)
    hour.now = NOW + 31 * MINUTE
    page = reverse("patient:offer", args=[entry.offer_id])
    answer = phone.post(page, {"how": "at_hospital", "key": "01a20b74-e690-73ca-b67e-1aa25dcd8c63"})
    assert answer.status_code == 422
    assert "没有扣款" in text(answer)
    assert entries.facts_entry(entry.entry_id).state is WaitingState.WAITING


@pytest.mark.parametrize("name", ["wait_entry", "offer"])
def test_somebody_elses_entry_is_not_found(day, full, name):
    entry = offered(day, full)
    stranger = sign_in(people.signed_in("12000000009", device="device-9").id)
    page = reverse(f"patient:{name}", args=[entry.entry_id if name == "wait_entry" else entry.offer_id])
    assert stranger.get(page).status_code == 404
    assert stranger.post(reverse("patient:decline_offer", args=[entry.offer_id])).status_code == 404
    assert stranger.post(reverse("patient:wait_leave", args=[entry.entry_id])).status_code == 404
    assert entries.facts_entry(entry.entry_id).state is WaitingState.OFFERED
