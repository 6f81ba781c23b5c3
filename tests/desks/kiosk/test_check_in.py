"""Two ways to a ticket; wrong codes; an unpaid fee; the next person finds nothing."""

from datetime import timedelta

import pytest

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, NumberClass
from jiuyi.foundation import clock, enrolled_devices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.enrolled_devices import LOCK_TIME
from jiuyi.kernel.ids import new_id
from tests.desks.kiosk.conftest import standing_at
from tests.factories import clinic_day, institutions
from tests.factories.clinic_day import OPENS, TOMORROW
from tests.factories.people import LI_NUMBER

pytestmark = pytest.mark.django_db
LAST_FOUR = LI_NUMBER[-4:]


@pytest.fixture
def paid(day):
    """A paid place of today at ten."""
    return clinic_day.paid_booking(day)


def voucher_of(appointment_id):
    return schedule.facts_appointment(appointment_id).voucher


def shows_voucher(kiosk, code, last_four=LAST_FOUR):
    return kiosk.open("/kiosk/").open("/kiosk/voucher/").press("下一步", code=code).press("下一步", last_four=last_four)


def shows_card(kiosk, number=LI_NUMBER):
    return kiosk.open("/kiosk/").open("/kiosk/card/").press("下一步", number=number)


@pytest.mark.catalogue("C23", part="a machine checks in by voucher or card and prints the ticket")
@pytest.mark.catalogue("C30", part="a kiosk gives a ticket that says where, and how many are ahead")
def test_a_voucher_and_the_last_four_give_a_ticket(day, kiosk, paid):
    code = voucher_of(paid)
    shows_voucher(kiosk, f" {code[:4].lower()}-{code[4:]} ")
    assert "李**" in kiosk.text
    assert "李秀兰" not in kiosk.text
    kiosk.press("签到取号", payer_category="resident")
    ticket = queues.facts_ticket_of_appointment(paid)
    assert f"您的号是 {ticket.label}" in kiosk.text
    assert "前面还有 0 人" in kiosk.text
    assert "门诊楼 3F 305" in kiosk.text
    assert kiosk.response["Refresh"] == "60; url=/kiosk/"
    assert "60 秒后自动回到首页" in kiosk.text
    visit = visits.facts_encounter_of_appointment(paid)
    assert (visit.payer_category, visit.credential_shown) == (PayerCategory.RESIDENT, Credential.BOOKING_VOUCHER)
    kiosk.open("/kiosk/slip/")
    assert ticket.label in kiosk.text
    assert "李*兰" in kiosk.text


def test_a_card_finds_todays_appointment(day, kiosk, paid):
    shows_card(kiosk)
    assert kiosk.here == "/kiosk/payer/"
    kiosk.press("签到取号", payer_category="employee")
    assert visits.facts_encounter_of_appointment(paid).credential_shown == Credential.ID_CARD


def test_a_card_with_two_appointments_asks_which(day, kiosk, paid):
    surgeon = institutions.add_doctor(day.hospital_id, day.room.county.surgery_id, name="石坚")
    second_id = _surgery(day, surgeon)
    shows_card(kiosk)
    assert kiosk.here == "/kiosk/choose/"
    assert "李**" in kiosk.text
    kiosk.press("普通外科")
    assert kiosk.here == "/kiosk/payer/"
    assert "普通外科" in kiosk.text
    kiosk.response = kiosk.client.post("/kiosk/choose/", {"appointment": str(new_id())})
    assert "先去看哪一个" in kiosk.text
    assert queues.facts_ticket_of_appointment(second_id) is None


def _surgery(day, surgeon):
    session_id = scheduling.publish_session(
        actor=SYSTEM,
        now=OPENS - timedelta(days=2),
        practitioner_id=surgeon,
        department_id=day.room.county.surgery_id,
        room_id=day.room.room_id,
        starts_at=OPENS + timedelta(hours=4),
        ends_at=OPENS + timedelta(hours=5),
        number_class=NumberClass.ORDINARY,
        per_window=1,
        visible_at=OPENS - timedelta(days=1),
    )
    return clinic_day.book(day, session_id=session_id, window_start=OPENS + timedelta(hours=4)).appointment_id


def test_a_second_check_in_shows_the_same_ticket_again(day, kiosk, paid):
    shows_voucher(kiosk, voucher_of(paid)).press("签到取号", payer_category="resident")
    label = queues.facts_ticket_of_appointment(paid).label
    shows_card(kiosk)
    assert f"您的号是 {label}" in kiosk.text
    assert queues.count_waiting(day.room.queue_id, day=OPENS.date()) == 1


def test_an_unpaid_fee_says_where_to_pay_and_gives_no_ticket(day, kiosk):
    appointment_id = clinic_day.book(day, window_start=OPENS).appointment_id
    shows_voucher(kiosk, voucher_of(appointment_id))
    assert "15.00 元" in kiosk.text
    assert "在哪里付" in kiosk.text
    answer = kiosk.client.post("/kiosk/payer/", {"payer_category": "resident"})
    assert answer.status_code == 422
    assert queues.facts_ticket_of_appointment(appointment_id) is None


def test_a_place_of_tomorrow_is_not_checked_in(day, kiosk):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)
    shows_voucher(kiosk, voucher_of(appointment_id)).press("签到取号", payer_category="resident")
    assert kiosk.status == 422
    assert "今天还不能签到" in kiosk.text
    assert clinic_day.status_of(appointment_id) is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("_case", "page", "typed", "words"),
    [
        ("no code", "voucher", {"code": ""}, "请扫描凭证上的二维码"),
        ("a short code", "voucher", {"code": "ABC"}, "12 位"),
        ("no number", "card", {"number": ""}, "请把身份证放在读卡处"),
        ("a wrong number", "card", {"number": "1099"}, "没有找到今天在本院的预约"),
    ],
)
def test_the_kiosks_forms_refuse_with_help_and_keep_what_was_typed(day, kiosk, _case, page, typed, words):
    kiosk.open(f"/kiosk/{page}/").press("下一步", **typed)
    assert kiosk.status == 422
    assert words in kiosk.text
    assert all(kiosk.field(name) == value for name, value in typed.items())


@pytest.mark.parametrize(("_case", "typed"), [("nothing", ""), ("three", "122"), ("a name", "李秀兰啊")])
def test_the_last_four_have_a_shape(day, kiosk, paid, _case, typed):
    shows_voucher(kiosk, voucher_of(paid), typed)
    assert kiosk.status == 422
    assert "后四位" in kiosk.text
    assert queues.facts_ticket_of_appointment(paid) is None


def test_a_payer_must_be_chosen(day, kiosk, paid):
    shows_voucher(kiosk, voucher_of(paid)).press("签到取号")
    assert kiosk.status == 422
    assert "请选择这次看病的付费方式" in kiosk.text
    assert queues.facts_ticket_of_appointment(paid) is None


def test_a_wrong_second_factor_and_an_unknown_code_have_one_answer(day, kiosk, paid):
    shows_voucher(kiosk, voucher_of(paid), "0000")
    wrong = kiosk.text.partition("<main")[2].partition("</section>")[0]
    shows_voucher(kiosk, "ZZZZZZZZZZZZ")
    assert kiosk.status == 422
    assert kiosk.text.partition("<main")[2].partition("</section>")[0] == wrong


@pytest.mark.parametrize("way", [lambda kiosk: shows_voucher(kiosk, "ZZZZZZZZZZZZ"), lambda kiosk: shows_card(kiosk, "109900")])
def test_five_wrong_codes_lock_this_kiosk_for_a_while(day, hall, paid, monkeypatch, way):
    kiosk, device_id = hall
    for _ in range(4):
        assert way(kiosk).status == 422
    assert way(kiosk).status == 429
    assert "5分钟后再试" in kiosk.text
    assert shows_voucher(kiosk, voucher_of(paid)).status == 429
    assert shows_card(kiosk).status == 429
    assert queues.facts_ticket_of_appointment(paid) is None
    assert enrolled_devices.device(device_id).locked_until == OPENS + LOCK_TIME

    neighbour, _ = standing_at(day.hospital_id)
    assert shows_card(neighbour).here == "/kiosk/payer/"
    monkeypatch.setattr(clock, "now", lambda: OPENS + LOCK_TIME)
    assert shows_card(kiosk).here == "/kiosk/payer/"


def test_another_hospitals_kiosk_tells_nothing_about_a_voucher(day, paid):
    elsewhere, _ = standing_at(day.room.county.township_id)
    assert shows_voucher(elsewhere, voucher_of(paid)).status == 422
    assert "没有找到对应的预约" in elsewhere.text
    assert shows_card(elsewhere).status == 422
    assert clinic_day.status_of(paid) is AppointmentStatus.BOOKED


def test_the_next_person_finds_nothing(day, kiosk, paid):
    shows_voucher(kiosk, voucher_of(paid)).press("签到取号", payer_category="resident")
    kiosk.open("/kiosk/")
    for page in ("ticket", "slip", "payer", "choose"):
        assert kiosk.open(f"/kiosk/{page}/").here == "/kiosk/"
    assert kiosk.open("/kiosk/voucher/last-four/").here == "/kiosk/voucher/"


def test_pages_go_back_to_the_start_and_are_not_kept(day, kiosk):
    answer = kiosk.client.get("/kiosk/card/")
    assert answer["Refresh"] == "120; url=/kiosk/"
    assert answer["Cache-Control"] == "no-store"
    assert "2 分钟没有操作会自动回到首页" in answer.content.decode()
    assert "Refresh" not in kiosk.client.get("/kiosk/").headers
