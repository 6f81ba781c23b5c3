"""Becoming a kiosk and ceasing to be one; what a kiosk can never do."""

import pytest
from django.test import Client

from jiuyi.desks.requests import KIOSK_COOKIE
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import audit, enrolled_devices
from jiuyi.foundation.enrolled_devices import KIOSK
from tests.desks.clerk.conftest import refusals_of, signed_in
from tests.desks.doctor.pages import Browser

pytestmark = pytest.mark.django_db
ENROL = "/kiosk/enrol/"


@pytest.fixture
def clerk(day):
    return signed_in("20001", StaffRole.CLERK, day.hospital_id)


def test_a_browser_that_is_no_kiosk_learns_how_to_become_one(client, day):
    for page in ("", "voucher/", "card/", "payer/", "ticket/"):
        answer = client.get(f"/kiosk/{page}")
        assert answer.status_code == 403
        assert "这台设备还不是自助机" in answer.content.decode()
    assert client.get(ENROL).status_code == 302


def test_a_clerk_enrols_this_browser_and_is_signed_out_of_it(day, clerk):
    clerk.open(ENROL).press("登记这台设备", label="门诊大厅1号机")
    assert "自助签到取号" in clerk.text
    (device,) = enrolled_devices.devices_at(day.hospital_id, role=KIOSK)
    assert device.label == "门诊大厅1号机"
    cookie = clerk.client.cookies[KIOSK_COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == "/kiosk/"
    assert "_auth_user_id" not in clerk.client.session
    assert [row.act for row in audit.entries(object_id=device.device_id)] == ["device.enrol"]


@pytest.mark.parametrize(
    ("_case", "changes", "words"),
    [("no place", {"label": "  "}, "请写明这台设备放在哪里"), ("an unknown institution", {"institution": "x"}, "请从列表中选择机构")],
)
def test_enrolling_refuses_and_keeps_what_was_typed(day, clerk, _case, changes, words):
    clerk.open(ENROL).press("登记这台设备", **({"label": "大厅"} | changes))
    assert clerk.status == 422
    assert words in clerk.text
    assert clerk.field("label") == ({"label": "大厅"} | changes)["label"]
    assert enrolled_devices.devices_at(day.hospital_id, role=KIOSK) == []


def test_a_doctor_enrols_nothing(day):
    doctor = signed_in("20005", StaffRole.DOCTOR, day.hospital_id)
    assert doctor.open(ENROL).status == 403
    assert [row.act for row in refusals_of(doctor)] == ["kiosk:enrol"]


def test_a_revoked_kiosk_is_just_a_browser_again(day, clerk, hall):
    kiosk, _ = hall
    assert kiosk.open("/kiosk/").status == 200
    clerk.open(ENROL).press("确认停用")
    assert "已经停用" in clerk.text
    assert kiosk.open("/kiosk/").status == 403


def test_another_hospitals_clerk_revokes_nothing(day, hall):
    elsewhere = signed_in("20006", StaffRole.CLERK, day.room.county.township_id)
    kiosk, device_id = hall
    assert elsewhere.client.post(f"{ENROL}{device_id}/revoke/").status_code == 403
    assert kiosk.open("/kiosk/").status == 200


@pytest.mark.parametrize("value", ["", "nonsense", "01a20ae9-1a8f-7274-9ef9-fc85447919d2"])
def test_a_cookie_that_was_made_up_opens_nothing(day, value):
    client = Client()
    client.cookies[KIOSK_COOKIE] = value
    assert client.get("/kiosk/").status_code == 403


def test_a_kiosk_is_nobody_outside_its_own_pages(day, kiosk):
    for page in ("/desk/clerk/", "/desk/doctor/", ENROL):
        assert "/login/" in kiosk.client.get(page).url


def test_who_is_signed_in_does_not_matter_at_a_kiosk(day, clerk, kiosk):
    """A forgotten session must not lend the machine a person's rights."""
    clerk.client.cookies[KIOSK_COOKIE] = kiosk.client.cookies[KIOSK_COOKIE].value
    clerk.open("/kiosk/card/").press("下一步", number="109900194903071221")
    assert "没有找到" in clerk.text  # nobody is booked today; a clerk's own page would have found the person


def test_the_demos_short_way_enrols_at_the_general_hospital(client, day, settings):
    settings.DEMO = True
    browser = Browser(client)
    browser.open("/kiosk/").press("演示：把这台浏览器当作自助机")
    assert "自助签到取号" in browser.text
    assert len(enrolled_devices.devices_at(day.hospital_id, role=KIOSK)) == 1


def test_outside_the_demo_there_is_no_short_way(client, day, settings):
    settings.DEMO = False
    assert "演示" not in client.get("/kiosk/").content.decode()
    assert client.post("/kiosk/enrol/demo/").status_code == 403
    assert enrolled_devices.devices_at(day.hospital_id, role=KIOSK) == []
