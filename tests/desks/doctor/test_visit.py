"""The visit on one screen: nothing typed is lost, refusals change nothing, everything is escaped."""

import pytest
from django.urls import reverse

from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import Answer, EncounterStatus, OrderStatus
from jiuyi.foundation import audit
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS, charge_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("searchable")]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def record(waiting):
    """What is stored of the visit, read anew at each call."""
    return lambda: visits.open_encounter(SYSTEM, waiting.encounter_id, now=OPENS)


@pytest.mark.catalogue("C7", part="the doctor's room: the whole visit on one screen, return visit in three clicks")
@pytest.mark.catalogue("C21", part="in the room: ordered, unpaid, paid by code, released, revoked with a refund")
def test_the_whole_visit_without_scripts(day, doctor, waiting, channel, record):
    doctor.open("/desk/doctor/").press("叫下一位").press("是本人，开始接诊")
    doctor.press("记录过敏史", status="none")
    doctor.press("无 体内植入物")
    assert record().allergies.status is Answer.NONE

    doctor.enter(dx="jxzqgy", complaint="咳嗽三天")  # one fits: added at once
    assert [d.name for d in record().diagnoses] == ["急性支气管炎"]
    assert doctor.field("complaint") == "咳嗽三天"

    doctor.enter(labs="xcg").press("血常规")
    doctor.enter(drugs="阿莫西林").press("阿莫西林胶囊")
    assert doctor.field("dose") == "0.5g"
    doctor.press("开这个药", days="5", quantity="2")
    lab, drug = record().orders
    assert (lab.status, drug.status) == (OrderStatus.ACTIVE, OrderStatus.ACTIVE)
    assert "45.20 元" in doctor.text

    doctor.press("诊间支付").press("出示支付码")
    assert "<svg" in doctor.text
    assert doctor.client.get(reverse("doctor:pay_state", args=[waiting.encounter_id])).status_code == 204
    payment_id = doctor.client.session["doctor_pay_code"]["url"].partition("/cashier-of-tests/")[2].partition("/")[0]
    clinic_day.arrives(payment_id, reference="P-1", now=OPENS)
    assert {order.status for order in record().orders} == {OrderStatus.RELEASED}
    assert "没有待付的了" in doctor.client.get(reverse("doctor:pay_state", args=[waiting.encounter_id])).content.decode()

    doctor.open(f"/desk/doctor/visits/{waiting.encounter_id}/")
    assert doctor.field("complaint") == "咳嗽三天"
    doctor.press("撤销 阿莫西林")
    assert "原路退回" in doctor.text
    doctor.press("确认撤销并退款", reason="患者拒绝服药")
    assert charge_of(drug.order_id, kind=MEDICATION_REQUEST).status is ChargeStatus.REFUNDED
    assert charge_of(lab.order_id, kind=SERVICE_REQUEST).status is ChargeStatus.PAID

    doctor.press("签名", plan="多喝水，三天不好再来")
    doctor.press("签名并补充", addendum="家属陪同")
    assert [a.addendum for a in record().addenda] == ["家属陪同"]
    doctor.press("复诊预约").press("09:00–09:15")  # the second and the third click
    assert "复诊已约：3月3日" in doctor.text
    doctor.press("结束就诊")
    assert record().encounter.status is EncounterStatus.FINISHED
    assert "今天已看 1 人" in doctor.text

    doctor.open(f"/desk/doctor/visits/{waiting.encounter_id}/")
    assert not doctor.has_button("签名 F8")
    assert not doctor.has_button("撤销")
    doctor.press("签名并补充", addendum="电话随访：好转")
    assert [a.addendum for a in record().addenda] == ["家属陪同", "电话随访：好转"]


BUTTONS = [
    "保存草稿",
    "记录过敏史",
    "无 体内植入物",
    "设为主要",
    "删除",
    "开 血常规",
    "选 阿莫西林",
    "诊间支付",
    "撤销",
    "复诊预约",
    "返回列表",
]
NOTE = {"complaint": "胸闷", "history": "三天\n无发热", "exam": "心率 80", "plan": "休息"}


@pytest.mark.parametrize("button", BUTTONS)
def test_whatever_button_is_pressed_the_note_is_kept(day, visit_page, waiting, record, button):
    for code in ("J06.900", "J20.900"):
        visit_page.client.post(reverse("doctor:diagnosis", args=[waiting.encounter_id]), {"diagnosis": code})
    visit_page.client.post(reverse("doctor:lab", args=[waiting.encounter_id]), {"lab": "LAB-GLU" if "血常规" in button else clinic_day.LAB})
    visit_page.open(f"/desk/doctor/visits/{waiting.encounter_id}/")
    if button.startswith("开"):
        visit_page.enter(labs="血常规")
    if button.startswith("选"):
        visit_page.enter(drugs="阿莫西林")

    visit_page.press(button.removeprefix("开 ").removeprefix("选 "), **NOTE)

    visit_page.open(f"/desk/doctor/visits/{waiting.encounter_id}/")
    assert {name: visit_page.field(name).replace("\r\n", "\n") for name in NOTE} == NOTE


def test_a_half_written_line_survives_other_buttons(visit_page, record):
    visit_page.enter(drugs="阿莫西林").press("阿莫西林胶囊")
    visit_page.press("记录过敏史", status="none", dose="1g", days="6", detail="起搏器")
    assert (visit_page.field("dose"), visit_page.field("days"), visit_page.field("detail")) == ("1g", "6", "起搏器")
    visit_page.press("不开了")
    assert "不开了" not in visit_page.text


def test_the_draft_is_kept_while_typing(visit_page, waiting, record):
    answer = visit_page.client.post(reverse("doctor:draft", args=[waiting.encounter_id]), {"note_sent": "1", "complaint": "胸闷"})
    assert "已自动保存" in answer.content.decode()
    assert record().note.complaint == "胸闷"
    too_long = visit_page.client.post(reverse("doctor:draft", args=[waiting.encounter_id]), {"note_sent": "1", "complaint": "胸" * 501})
    assert "草稿没有保存" in too_long.content.decode()
    assert record().note.complaint == "胸闷"


def test_an_emptied_note_is_emptied(visit_page, record):
    visit_page.press("保存草稿", complaint="写错了")
    visit_page.press("保存草稿", complaint="")
    assert record().note.complaint == ""


def test_a_note_without_its_sections_is_not_signed(visit_page, record):
    visit_page.press("签名", history="三天")
    assert visit_page.status == 422
    assert "请填写主诉。" in visit_page.text
    assert "请填写处理意见。" in visit_page.text
    assert 'href="#id_complaint"' in visit_page.text
    assert visit_page.field("history") == "三天"
    assert record().note.signed_at is None


def test_a_note_that_is_too_long_keeps_the_text_and_stops_the_act(visit_page, record):
    visit_page.press("记录过敏史", status="none", complaint="胸" * 501)
    assert visit_page.status == 422
    assert visit_page.field("complaint") == "胸" * 501
    assert record().note is None
    assert record().allergies.status is Answer.NOT_ASKED


def test_finishing_names_all_that_is_missing(visit_page, record):
    visit_page.press("结束就诊", complaint="胸闷")
    assert visit_page.status == 422
    assert "病历还没有签名。" in visit_page.text
    assert "还没有录入诊断。" in visit_page.text
    assert visit_page.field("complaint") == "胸闷"
    assert record().encounter.status is EncounterStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [
        ("nothing chosen", {}, "请选择“无”或“有”。"),
        ("present, but to what", {"status": "present"}, "请至少选择一种过敏原"),
        ("none, but to something", {"status": "none", "substance": "PENICILLIN"}, "就请不要再选过敏物质"),
    ],
)
def test_allergies_are_refused_with_words(visit_page, record, _case, typed, words):
    known = [code for code, _ in _substances()]
    typed = typed | ({"substance": known[0]} if "substance" in typed else {})
    visit_page.press("记录过敏史", reaction="皮疹", **typed)
    assert words in visit_page.text
    assert visit_page.field("reaction") == "皮疹"
    assert record().allergies.status is Answer.NOT_ASKED


def test_not_asked_is_not_none(visit_page, record):
    assert "未询问" in visit_page.text
    visit_page.press("记录过敏史", status="none")
    assert record().allergies.status is Answer.NONE


def test_a_drug_meets_an_allergy(visit_page, record):
    penicillins = next(code for code, name in _substances() if name == "青霉素类")
    visit_page.press("记录过敏史", status="present", substance=penicillins, reaction="皮疹")
    visit_page.enter(dx="J20.900")
    visit_page.enter(drugs="阿莫西林").press("阿莫西林胶囊")
    visit_page.press("开这个药", dose="1g")
    assert visit_page.status == 422
    assert "患者对“青霉素类”过敏，不宜使用“阿莫西林胶囊”" in visit_page.text
    assert 'href="#id_override_reason"' in visit_page.text
    assert visit_page.field("dose") == "1g"
    assert record().orders == ()

    visit_page.press("开这个药", override_reason="既往多次使用无反应")
    assert [order.override_reason for order in record().orders] == ["既往多次使用无反应"]
    assert "过敏仍用" in visit_page.text


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [
        ("no dose", {"dose": ""}, "请写每次用量"),
        ("too many days without a reason", {"days": "30"}, "请写明理由"),
        ("no figure", {"quantity": "两盒"}, "整数"),
    ],
)
def test_a_line_of_a_prescription_is_refused_with_words(visit_page, record, _case, typed, words):
    visit_page.press("记录过敏史", status="none").enter(dx="J20.900")
    visit_page.enter(drugs="阿莫西林").press("阿莫西林胶囊")
    visit_page.press("开这个药", **{"dose": "0.7g", **typed})
    assert visit_page.status == 422
    assert words in visit_page.text
    for name, text in typed.items():
        assert visit_page.field(name) == text
    assert record().orders == ()


def test_no_drug_without_a_diagnosis(visit_page, record):
    visit_page.press("记录过敏史", status="none").enter(drugs="阿莫西林").press("阿莫西林胶囊").press("开这个药")
    assert "开药前请先录入诊断。" in visit_page.text
    assert record().orders == ()


def test_the_same_test_twice_is_refused(visit_page, record):
    visit_page.enter(labs="血常规").press("血常规")
    visit_page.enter(labs="血常规").press("血常规")
    assert visit_page.status == 409
    assert "已经开过" in visit_page.text
    assert len(record().orders) == 1


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("pinyin initials", "gxy", "高血压1级"),
        ("Chinese", "鼻咽", "急性鼻咽炎"),
        ("code", "J2", "急性支气管炎"),
        ("nothing", "没有这个病", "没有找到"),
    ],
)
def test_searching_while_typing(visit_page, waiting, _case, text, found):
    answer = visit_page.client.post(reverse("doctor:hits", args=[waiting.encounter_id, "dx"]), {"dx": text})
    assert found in answer.content.decode()


def test_what_is_searched_for_stands_in_no_address(visit_page):
    posted = reverse("doctor:hits", args=[visit_page.response.wsgi_request.path.split("/")[-2], "dx"])
    assert f'hx-post="{posted}" hx-params="dx,csrfmiddlewaretoken"' in visit_page.text


def test_enter_lists_what_is_not_clear_and_adds_what_is(visit_page, record):
    visit_page.enter(dx="gxy")
    assert visit_page.has_button("高血压1级")
    assert record().diagnoses == ()
    visit_page.enter(dx="高血压1级")
    assert [d.code for d in record().diagnoses] == ["I10.x03"]


def test_the_primary_diagnosis_can_be_changed_and_one_taken_back(visit_page, record):
    visit_page.enter(dx="J20.900").enter(dx="J00.x00")
    visit_page.press("设为主要")
    assert [d.code for d in record().diagnoses] == ["J00.x00", "J20.900"]
    visit_page.press("删除 急性鼻咽炎")
    assert [(d.code, d.primary) for d in record().diagnoses] == [("J20.900", True)]


def test_revoking_needs_a_reason(visit_page, record):
    visit_page.enter(labs="血常规").press("血常规").press("撤销 血常规").press("确认撤销")
    assert visit_page.status == 422
    assert "请写明理由" in visit_page.text
    assert record().orders[0].status is OrderStatus.ACTIVE
    visit_page.press("确认撤销", reason="重复")
    assert record().orders[0].status is OrderStatus.REVOKED
    assert charge_of(record().orders[0].order_id, kind=SERVICE_REQUEST).status is ChargeStatus.CANCELLED


def test_every_text_is_escaped(day, visit_page, waiting, record):
    typed = {"complaint": SCRIPT, "history": SCRIPT, "exam": SCRIPT, "plan": SCRIPT}
    penicillins = next(code for code, name in _substances() if name == "青霉素类")
    visit_page.enter(dx="J20.900", labs=SCRIPT, **typed)
    visit_page.press("记录过敏史", status="present", substance=penicillins, reaction=SCRIPT)
    visit_page.press("有 体内植入物", detail=SCRIPT)
    visit_page.enter(drugs="阿莫西林").press("阿莫西林胶囊").press("开这个药", dose=SCRIPT, override_reason=SCRIPT)
    visit_page.press("撤销 阿莫西林").press("确认撤销", reason=SCRIPT)
    visit_page.press("签名").press("签名并补充", addendum=SCRIPT)
    assert SCRIPT not in visit_page.text
    assert visit_page.text.count("&lt;script&gt;alert(1)") >= 8
    hits = visit_page.client.post(reverse("doctor:hits", args=[waiting.encounter_id, "drugs"]), {"drugs": SCRIPT}).content.decode()
    assert SCRIPT not in hits


def test_pregnancy_is_asked_only_where_it_can_be(visit_page):
    assert "体内植入物" in visit_page.text
    assert "妊娠 " not in visit_page.text  # she was born in 1949


def test_orders_renew_themselves_when_paid(day, visit_page, waiting, record):
    visit_page.enter(labs="血常规").press("血常规")
    address = f"/desk/doctor/visits/{waiting.encounter_id}/orders/?v="
    version = visit_page.text.partition(address)[2].partition('"')[0]
    assert visit_page.client.get(address + version).status_code == 204
    charge = charge_of(record().orders[0].order_id, kind=SERVICE_REQUEST)
    clinic_day.arrives(clinic_day.begin_payment(day, [charge.charge_id], now=OPENS), reference="P-2", now=OPENS)
    moved = visit_page.client.get(address + version)
    assert "已缴费，可执行" in moved.content.decode()
    assert "hx-get" not in moved.content.decode()  # all is paid: nothing to wait for


ACTS = [
    "finish",
    "not_this_person",
    "allergies",
    "draft",
    "save",
    "sign",
    "addendum",
    "diagnosis",
    "lab",
    "drug",
    "book_return",
    "pay_here",
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["stranger", "clerk"])
@pytest.mark.usefixtures("visit_page")
def test_nobody_else_writes_here(request, waiting, record, act, who):
    browser = request.getfixturevalue(who)
    sent = {
        "note_sent": "1",
        "complaint": "别人写的",
        "diagnosis": "J20.900",
        "lab": clinic_day.LAB,
        "code": clinic_day.DRUG,
        "status": "none",
    }
    before = record()
    answer = browser.client.post(reverse(f"doctor:{act}", args=[waiting.encounter_id]), sent)
    assert answer.status_code in {403, 404}
    assert "李秀兰" not in answer.content.decode()
    assert record() == before


def test_looking_into_another_departments_visit_is_refused_and_witnessed(visit_page, stranger, waiting):
    for name in ("visit", "orders", "book_return", "pay_here"):
        stranger.open(reverse(f"doctor:{name}", args=[waiting.encounter_id]))
        assert stranger.status == 403
        assert "李秀兰" not in stranger.text
    refused = audit.entries(act="encounters.encounter", object_id=waiting.encounter_id)
    assert {row.code for row in refused if row.code} == {"not_allowed"}
    assert [row.code for row in audit.entries(act="doctor:visit", object_id=waiting.encounter_id)] == ["not_allowed"]


def test_the_address_of_an_act_leads_back_to_the_visit(visit_page, waiting):
    here = f"/desk/doctor/visits/{waiting.encounter_id}/"
    assert visit_page.open(here + "sign/").here == here


@pytest.mark.parametrize("typed", [{}, {"slot": "x_1"}, {"slot": "00000000-0000-0000-0000-000000000000_1", "key": "x"}])
def test_a_mangled_return_booking_is_not_found(visit_page, waiting, typed):
    assert visit_page.client.post(reverse("doctor:book_return", args=[waiting.encounter_id]), typed).status_code == 404


def test_the_return_window_went_to_somebody_else(day, visit_page, waiting):
    visit_page.press("复诊预约")
    clinic_day.book(day, person_id=day.mother_id, now=OPENS)
    visit_page.press("09:00–09:15")
    assert visit_page.status == 422
    assert visit_page.has_button("09:15–09:30")


def _substances():
    return [(each.code, each.name) for each in visits.search_substances("", limit=200)]
