"""The bulletin of visiting experts (C14): read by everybody, complete, in order, with the way to book; a change is told."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import OrganizationKind, PractitionerTitle
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions import generating, visiting
from jiuyi.domains.scheduling.actions.sessions import NewSession
from jiuyi.domains.scheduling.queries import timetable
from jiuyi.domains.scheduling.words import NumberClass, SessionKind
from jiuyi.foundation import clock, notices
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.listeners import JournalRow
from jiuyi.journeys import telling
from jiuyi.kernel.clock import instant_at
from jiuyi.kernel.ids import new_id
from tests.factories import schedules

pytestmark = pytest.mark.django_db

NOW = schedules.NOW  # Monday 2 March, 08:00
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def where():
    return schedules.clinic()


@pytest.fixture
def expert_id(where):
    province = organizations.add_organization(actor=SYSTEM, now=NOW, kind=OrganizationKind.PROVINCIAL_HOSPITAL, name="岚江省人民医院")
    return organizations.add_practitioner(
        actor=SYSTEM, now=NOW, name="沈知远", title=PractitionerTitle.CHIEF, home_organization_id=province
    )


def visit(where, expert_id, day, **changes):
    values = {
        "practitioner_id": expert_id,
        "department_id": where.department_id,
        "room_id": where.room_id,
        "starts_at": instant_at(day, time(9)),
        "ends_at": instant_at(day, time(11)),
        "number_class": NumberClass.RENOWNED,
        "per_window": 1,
        "visible_at": NOW,
        "contact": "门诊办 0100-2000",
        "how_to_book": "手机或电话预约",
    }
    return generating.publish_one_off(actor=SYSTEM, now=NOW, session=NewSession(**{**values, **changes}))


@pytest.mark.catalogue("C14")
def test_the_bulletin_names_place_contact_and_way_to_book_of_the_coming_week(client, where, expert_id):
    tomorrow = visit(where, expert_id, TODAY + timedelta(days=1))  # a one-off session, as early as the next day
    exam = visit(where, expert_id, TODAY + timedelta(days=7), kind=SessionKind.EXAM, contact="内镜中心 0100-3000")
    visit(where, expert_id, TODAY + timedelta(days=8))
    schedules.session(where)  # the house's own clinic is no news
    page = client.get(reverse("patient:experts")).content.decode()
    assert page.count("沈知远</h3>") == 2
    for words in (
        "岚江省人民医院",
        "清河县人民医院",
        "3 楼",
        "心内一诊室",
        "门诊办 0100-2000",
        "内镜中心 0100-3000",
        "手机或电话预约",
        "外院专家检查",
    ):
        assert words in page
    assert reverse("patient:book_expert", args=[tomorrow]) in page
    assert page.index("门诊办 0100-2000") < page.index("内镜中心 0100-3000")
    assert reverse("patient:book_expert", args=[exam]) in page


def test_what_is_not_released_yet_says_from_when(client, where, expert_id):
    session_id = visit(where, expert_id, TODAY + timedelta(days=7))
    models.ClinicSession.objects.filter(pk=session_id).update(visible_at=instant_at(TODAY + timedelta(days=1), time(7)))
    page = client.get(reverse("patient:experts")).content.decode()
    assert "开始放号" in page
    assert reverse("patient:book_expert", args=[session_id]) not in page


def test_an_empty_week_says_so(client, where):
    assert "未来一周没有外院专家坐诊" in client.get(reverse("patient:experts")).content.decode()


def test_the_start_leads_to_the_bulletin(client, where):
    assert f'href="{reverse("patient:experts")}"' in client.get(reverse("patient:home")).content.decode()


def test_a_stopped_visit_is_no_news(where, expert_id):
    session_id = visit(where, expert_id, TODAY + timedelta(days=1))
    models.ClinicSession.objects.filter(pk=session_id).update(status="stopped")
    assert timetable.visiting_sessions(TODAY, 8, now=NOW) == []


def told(session_id):
    telling.visit_details_changed(
        JournalRow(
            id=1,
            name="scheduling.VisitDetailsChanged",
            recorded_at=NOW,
            actor_kind="staff",
            actor_id=new_id(),
            scope_id=None,
            person_id=None,
            payload={"session_id": str(session_id)},
        )
    )
    return [each.text for each in notices.outbox(20) if "坐诊信息有变" in each.text]


@pytest.mark.catalogue("C14", part="a change notifies the bookers, once")
def test_everybody_booked_is_told_of_a_new_contact(where, expert_id):
    session_id = visit(where, expert_id, TODAY + timedelta(days=1))
    place = models.Place.objects.filter(session_id=session_id, pool="public").order_by("window_start").first()
    schedules.book(session_id, schedules.person(where), window_start=place.window_start, actor=schedules.CLERK)
    assert not visiting.change_visit_details(
        actor=SYSTEM, now=NOW, session_id=session_id, contact="门诊办 0100-2000", how_to_book="手机或电话预约"
    )
    assert visiting.change_visit_details(
        actor=SYSTEM, now=NOW, session_id=session_id, contact="门诊办 0100-{9}", how_to_book="手机或电话预约"
    )
    (text,) = told(session_id)
    assert "门诊办 0100-（9）" in text
    assert "清河县人民医院" in text
    assert told(session_id) == [text]
