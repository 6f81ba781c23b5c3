"""The secretary keeps the timetable: a week on one screen, standing clinics, days away, worked days, one-off sessions."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions import generating, timetable
from jiuyi.domains.scheduling.actions.timetable import NewTemplate
from jiuyi.domains.scheduling.words import NumberClass, SessionKind, SessionStatus
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import SYSTEM
from tests.desks.signed_in import sign_in_staff
from tests.factories import institutions

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 0, tzinfo=UTC)  # Monday 08:00
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def county():
    return institutions.build_county(NOW)


@pytest.fixture
def doctor_id(county):
    return institutions.add_doctor(county.hospital_id, county.medicine_id, room_id=county.room_id, now=NOW)


@pytest.fixture
def secretary(client, county):
    user_id = institutions.staff_user("60001", display_name="方晓华")
    access.assign_role(actor=SYSTEM, user_id=user_id, role=StaffRole.SECRETARY, node_id=county.hospital_id, now=NOW)
    sign_in_staff(client, user_id)
    client.get(reverse("secretary:week"), {"department": county.medicine_id})
    return client


@pytest.fixture
def template_id(county, doctor_id):
    template = NewTemplate(
        practitioner_id=doctor_id,
        department_id=county.medicine_id,
        room_id=county.room_id,
        weekday=1,
        start_minute=480,
        end_minute=690,
        number_class=NumberClass.ORDINARY,
        per_window=3,
        valid_from=TODAY,
    )
    return timetable.add_template(actor=SYSTEM, now=NOW, template=template)


def typed(county, doctor_id, **changes):
    return {
        "practitioner_id": doctor_id,
        "weekday": "2",
        "rhythm": "every",
        "start_minute": "08:00",
        "end_minute": "11:30",
        "room_id": county.room_id,
        "number_class": "ordinary",
        "per_window": "3",
        "slot_minutes": "",
        "valid_from": "2026-03-02",
        "last_day": "",
    } | changes


def one_off(county, doctor_id, **changes):
    return {
        "practitioner_id": doctor_id,
        "day": "2026-03-05",
        "starts_at": "09:00",
        "ends_at": "11:00",
        "room_id": county.room_id,
        "number_class": "renowned",
        "per_window": "1",
        "kind": "clinic",
        "contact": "",
        "how_to_book": "",
    } | changes


def text(response):
    return response.content.decode()


def test_a_week_is_on_one_screen(secretary, county, template_id):
    shown = text(secretary.get(reverse("secretary:week")))
    assert "这一周按固定班次还有 1 个班次没有生成" in shown
    generating.generate_sessions(actor=SYSTEM, now=NOW, department_id=county.medicine_id, until=date(2026, 3, 8))
    shown = text(secretary.get(reverse("secretary:week")))
    assert "林安宁" in shown
    assert "08:00–11:30" in shown
    assert "共 42 · 余 31 · 约 0" in shown
    assert "未放 11" in shown  # on-site is sold on the day
    assert "3诊室" in shown
    assert "没有生成" not in shown


def test_the_timetable_grows_changes_and_ends_on_its_page(secretary, county, doctor_id):
    assert secretary.post(reverse("secretary:add_template"), typed(county, doctor_id)).status_code == 302
    row = models.ScheduleTemplate.objects.get()
    assert (row.weekday, row.start_minute, row.end_minute, row.valid_until) == (2, 480, 690, None)
    assert "周三" in text(secretary.get(reverse("secretary:templates")))
    page = reverse("secretary:template", args=[row.id])
    assert 'value="11:30"' in text(secretary.get(page))
    changed = secretary.post(page, typed(county, doctor_id, start_minute="14:00", end_minute="17:00", valid_from="2026-03-09"))
    assert changed.status_code == 302
    row.refresh_from_db()
    assert row.valid_until == date(2026, 3, 9)
    new = models.ScheduleTemplate.objects.exclude(pk=row.id).get()
    secretary.post(reverse("secretary:end_template", args=[new.id]), {"last_day": "2026-03-31"})
    new.refresh_from_db()
    assert new.valid_until == date(2026, 4, 1)


def test_everything_wrong_with_a_template_comes_back_with_what_was_typed(secretary, county, doctor_id, template_id):
    wrong = typed(county, doctor_id, weekday="1", start_minute="10:00", end_minute="12:00")
    answer = secretary.post(reverse("secretary:add_template"), wrong)
    assert answer.status_code == 422
    assert "医生在这个时间已有固定班次" in text(answer)
    assert 'value="12:00"' in text(answer)
    backward = secretary.post(
        reverse("secretary:add_template"), typed(county, doctor_id, end_minute="07:00", per_window="0", slot_minutes="30")
    )
    for sentence in ("结束时间要晚于开始时间", "每个时段至少放 1 个号", "每个时段为 1 至 15 分钟"):
        assert sentence in text(backward)
    assert models.ScheduleTemplate.objects.count() == 1


def test_generation_is_shown_before_it_is_done(secretary, county, template_id):
    page = reverse("secretary:generate")
    shown = text(secretary.get(page, {"until": "2026-03-15"}))
    assert "可生成 2 个，有冲突 0 个，已有 0 个" in shown
    assert not models.ClinicSession.objects.exists()
    assert secretary.post(page, {"until": "2026-03-15"}).status_code == 302
    assert models.ClinicSession.objects.count() == 2
    assert "已有 2 个" in text(secretary.get(page, {"until": "2026-03-15"}))
    assert secretary.get(page, {"until": "never"}).status_code == 422


def test_conflicts_stand_on_the_week_and_in_the_preview(secretary, county, doctor_id, template_id):
    published = secretary.post(reverse("secretary:one_off"), one_off(county, doctor_id, day="2026-03-03"))
    assert published.status_code == 302
    for page in ("secretary:week", "secretary:generate"):
        assert "医生这段时间已有班次" in text(secretary.get(reverse(page)))


def test_days_away_and_worked_days(secretary, county, doctor_id, template_id):
    generating.generate_sessions(actor=SYSTEM, now=NOW, department_id=county.medicine_id, until=date(2026, 3, 8))
    away = {
        "practitioner_id": doctor_id,
        "first_day": "2026-03-03",
        "last_day": "2026-03-04",
        "half_day": "",
        "kind": "leave",
        "reason": "年休",
    }
    assert secretary.post(reverse("secretary:away"), away | {"last_day": "2026-03-01"}).status_code == 422
    answer = secretary.post(reverse("secretary:away"), away, follow=True)
    assert "撤下没有人约的班次 1 个" in text(answer)
    assert models.ClinicSession.objects.get().status == SessionStatus.STOPPED
    row = models.TemplateException.objects.get()
    assert secretary.post(reverse("secretary:end_away", args=[row.id])).status_code == 302
    assert not models.TemplateException.objects.exists()
    day = {"day": "2026-03-03", "decision": "off", "note": "停水"}
    assert "人工决定 停水" in text(secretary.post(reverse("secretary:calendar"), day, follow=True))
    assert secretary.post(reverse("secretary:calendar"), {"day": "", "decision": ""}).status_code == 422
    secretary.post(reverse("secretary:calendar"), day | {"decision": "announced"})
    assert not models.CalendarDay.objects.exists()


@pytest.mark.catalogue("C14", part="the page names every missing field, and publishes when none is")
def test_a_visiting_expert_is_published_only_with_everything(secretary, county):
    visitor = institutions.add_doctor(county.township_id, county.medicine_id, name="林远", now=NOW)
    page = reverse("secretary:one_off")
    answer = secretary.post(page, one_off(county, visitor, room_id=""))
    assert answer.status_code == 422
    for sentence in ("请选择出诊地点", "请填写联系人或咨询电话", "请填写怎样预约"):
        assert sentence in text(answer)
    assert not models.ClinicSession.objects.exists()
    whole = one_off(county, visitor, contact="门诊办 0100-2000", how_to_book="电话预约")
    shown = text(secretary.post(page, whole, follow=True))
    assert "门诊办 0100-2000" in shown
    session = models.ClinicSession.objects.get()
    assert session.kind == SessionKind.VISITING
    details = reverse("secretary:details", args=[session.id])
    assert secretary.post(details, {"contact": "", "how_to_book": "电话预约"}).status_code == 422
    assert secretary.post(details, {"contact": "门诊办 0100-3000", "how_to_book": "电话预约"}).status_code == 302
    session.refresh_from_db()
    assert session.contact == "门诊办 0100-3000"


def test_a_session_shows_its_shares(secretary, county, template_id):
    (row,) = generating.generate_sessions(actor=SYSTEM, now=NOW, department_id=county.medicine_id, until=date(2026, 3, 8)).rows
    shown = text(secretary.get(reverse("secretary:session", args=[row.session_id])))
    for words in ("基层号源", "现场号源", "公开号源", "已放"):
        assert words in shown


def test_another_hospitals_secretary_sees_and_changes_nothing(client, county, doctor_id, template_id):
    user_id = institutions.staff_user("60002", display_name="方小华")
    access.assign_role(actor=SYSTEM, user_id=user_id, role=StaffRole.SECRETARY, node_id=county.township_id, now=NOW)
    sign_in_staff(client, user_id)
    (row,) = generating.generate_sessions(actor=SYSTEM, now=NOW, department_id=county.medicine_id, until=date(2026, 3, 8)).rows
    institutions.add_department(county.township_id, "中医馆", "ZY", now=NOW)
    assert client.get(reverse("secretary:session", args=[row.session_id])).status_code == 403
    assert client.get(reverse("secretary:template", args=[template_id])).status_code == 403
    assert client.post(reverse("secretary:end_template", args=[template_id])).status_code == 403
    assert "林安宁" not in text(client.get(reverse("secretary:week"), {"department": county.medicine_id}))
    assert models.ScheduleTemplate.objects.get().valid_until is None


def test_hours_until_midnight_are_the_days_last(secretary, county, doctor_id):
    assert (
        secretary.post(reverse("secretary:add_template"), typed(county, doctor_id, start_minute="18:00", end_minute="23:59")).status_code
        == 302
    )
    assert models.ScheduleTemplate.objects.get().end_minute == 23 * 60 + 59
