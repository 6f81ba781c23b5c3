"""The search field: what it takes, what it tells, what it never shows."""

from datetime import date

import pytest

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import audit
from tests.desks.clerk.conftest import refusals_of, signed_in, user_id
from tests.factories import clinic_day, people
from tests.factories.people import LI_NUMBER

pytestmark = pytest.mark.django_db
DESK = "/desk/clerk/"


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(client, day):
    answer = client.get(DESK)
    assert answer.status_code == 302
    assert "next=%2Fdesk%2Fclerk%2F" in answer.url


@pytest.mark.parametrize("role", [StaffRole.DOCTOR, StaffRole.AUDITOR, StaffRole.ADMIN])
def test_whoever_registers_nobody_is_refused_and_seen(day, role):
    somebody = signed_in("20009", role, day.hospital_id)
    assert somebody.open(DESK).status == 403
    assert [row.act for row in refusals_of(somebody)] == ["clerk:home"]


def test_people_of_one_name_are_told_apart_without_unmasking(day, clerk):
    for village, serial in (("上栎村", 41), ("望禾村", 43)):
        number = people.id_number(date(1971, 5, 6), serial=serial)
        people.resident(day.hospital_id, name="赵桂花", number=number, village=village)
    clerk.open(DESK).enter(text="赵桂花")
    assert "找到 2 人" in clerk.text
    assert "上栎村" in clerk.text
    assert "望禾村" in clerk.text
    assert "54岁" in clerk.text
    assert "赵**" in clerk.text
    assert clerk.text.count("赵桂花") == clerk.text.count('value="赵桂花"')  # only what the clerk has typed
    clerk.enter(text="zgh")
    assert "找到 2 人" in clerk.text


def test_a_scanned_card_opens_the_person_and_the_opening_is_audited(day, clerk):
    clerk.open(DESK).enter(text=LI_NUMBER)
    assert clerk.here == f"{DESK}people/{day.person_id}/"
    assert "李秀兰" in clerk.text
    assert LI_NUMBER not in clerk.text
    (opened,) = audit.entries(kind=audit.AuditKind.OPENED, act="identity.person", actor_id=user_id(clerk))
    assert opened.person_id == day.person_id


def test_a_scanned_voucher_opens_the_appointment(day, clerk):
    appointment_id = clinic_day.paid_booking(day)
    voucher = schedule.facts_appointment(appointment_id).voucher
    clerk.open(DESK).enter(text=f"{voucher[:4]} {voucher[4:8]}-{voucher[8:].lower()}")
    assert clerk.here == f"{DESK}appointments/{appointment_id}/"


def test_a_voucher_of_another_hospital_tells_nothing(day):
    elsewhere = signed_in("20002", StaffRole.CLERK, day.room.county.township_id)
    voucher = schedule.facts_appointment(clinic_day.paid_booking(day)).voucher
    elsewhere.open(DESK).enter(text=voucher)
    assert elsewhere.here == DESK
    assert "没有找到" in elsewhere.text


@pytest.mark.parametrize(("_case", "typed", "words"), [("nothing", "", "请输入证件号、手机号"), ("one letter", "z", "至少两个拼音首字母")])
def test_a_search_that_says_too_little_is_refused_and_kept(day, clerk, _case, typed, words):
    clerk.open(DESK).enter(text=typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert clerk.field("text") == typed
    assert audit.entries(act="identity.search_people", actor_id=user_id(clerk)) == []


def test_nothing_found_goes_on_to_registering_with_what_was_typed(day, clerk):
    clerk.open(DESK).enter(text="孙悟饭")
    assert "没有找到" in clerk.text
    clerk.press("登记新患者")
    assert clerk.field("name") == "孙悟饭"
    assert clerk.status == 200


def test_the_institution_is_chosen_and_stays(day):
    county = day.room.county
    both = signed_in("20003", StaffRole.CLERK, county.root_id)
    both.open(DESK).press("换机构", institution=str(county.township_id))
    assert "柳河镇卫生院" in both.open(DESK).text.partition("<main")[0]
    both.press("换机构", institution=str(county.root_id))
    assert both.status == 403
    assert "柳河镇卫生院" in both.open(DESK).text.partition("<main")[0]
