"""The doctor's list: who waits and why in this order, calling, letting in."""

import pytest

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.foundation import audit
from tests.factories import clinic_day, rooms

pytestmark = pytest.mark.django_db
ROOM = "/desk/doctor/"


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(client, day):
    answer = client.get(ROOM)
    assert answer.status_code == 302
    assert "next=/desk/doctor/" in answer.url


@pytest.mark.catalogue("C30", part="the doctor sees who waits and why in this order, calls, calls again, passes over")
def test_the_list_says_who_waits_and_why(day, doctor, waiting):
    doctor.open(ROOM)
    assert "李秀兰" in doctor.text
    assert waiting.label in doctor.text
    assert "按预约时段" in doctor.text

    doctor.press("叫下一位")
    assert queues.facts_ticket(waiting.ticket_id).status is TicketStatus.CALLED
    assert "已叫 1 次" in doctor.text
    assert "1949年3月7日" in doctor.text  # two identifiers beside the name
    assert "1221" in doctor.text

    doctor.press("再叫一次")
    assert "已叫 2 次" in doctor.text
    doctor.press("没来，过号")
    assert queues.facts_ticket(waiting.ticket_id).status is TicketStatus.WAITING


def test_nobody_waits(day, doctor):
    doctor.open(ROOM)
    assert "没有人在等" in doctor.text
    doctor.press("叫下一位")
    assert "现在没有可以叫的号" in doctor.text


def test_it_is_this_person_then_not_this_person(day, doctor, waiting):
    doctor.open(ROOM).press("叫下一位").press("是本人，开始接诊")
    assert visits.facts_encounter(waiting.encounter_id).status is EncounterStatus.IN_PROGRESS
    assert f"/visits/{waiting.encounter_id}/" in doctor.here

    doctor.press("确认不是本人", complaint="写到别人身上了")
    assert visits.facts_encounter(waiting.encounter_id).status is EncounterStatus.ARRIVED
    assert queues.facts_ticket(waiting.ticket_id).status is TicketStatus.WAITING
    assert "票号回到原来的次序" in doctor.text


def test_a_second_call_while_somebody_is_called_is_refused(day, doctor, waiting):
    doctor.open(ROOM)
    other_tab = doctor.text
    doctor.press("叫下一位")
    again = doctor.client.post("/desk/doctor/call/")
    assert "叫下一位" in other_tab
    assert again.status_code == 409
    assert "还没有进诊室" in again.content.decode()


def test_the_list_renews_itself_only_when_something_moved(day, doctor, waiting):
    doctor.open(ROOM)
    version = doctor.text.partition("/desk/doctor/list/?v=")[2].partition('"')[0]
    assert doctor.client.get(f"/desk/doctor/list/?v={version}").status_code == 204
    rooms.waits(day.room, rooms.somebody(day.room, "王五"), now=clinic_day.OPENS)
    moved = doctor.client.get(f"/desk/doctor/list/?v={version}")
    assert moved.status_code == 200
    assert "王五" in moved.content.decode()


def test_a_clerk_has_no_doctors_room(clerk, waiting):
    clerk.open(ROOM)
    assert clerk.status == 403
    assert "李秀兰" not in clerk.text


def test_a_doctor_of_another_department_sees_none_of_these_tickets(day, stranger, waiting):
    stranger.open(ROOM)
    assert "李秀兰" not in stranger.text
    refused = stranger.client.post(f"/desk/doctor/tickets/{waiting.ticket_id}/start/")
    assert refused.status_code == 403
    assert "李秀兰" not in refused.content.decode()
    assert stranger.client.post(f"/desk/doctor/tickets/{waiting.ticket_id}/again/").status_code == 403
    assert queues.facts_ticket(waiting.ticket_id).status is TicketStatus.WAITING
    assert [row.code for row in audit.entries(act="doctor:call_again", object_id=waiting.ticket_id)] == ["not_allowed"]


@pytest.mark.parametrize("act", ["call/", "place/"])
def test_the_address_of_an_act_leads_back_to_the_list(doctor, act):
    assert doctor.open(ROOM + act).here == ROOM
