"""The secretary raises and lowers a session, and decides about what the forecast proposes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions import demand as acts
from jiuyi.domains.scheduling.words import ProposalState
from jiuyi.foundation import access, clock
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.desks.signed_in import sign_in_staff
from tests.factories import demand, institutions, schedules
from tests.factories.schedules import NOW, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def secretary(client, clinic):
    user_id = institutions.staff_user("60001", display_name="方晓华")
    access.assign_role(actor=SYSTEM, user_id=user_id, role=StaffRole.SECRETARY, node_id=clinic.department_id, now=NOW)
    sign_in_staff(client, user_id)
    client.user_id = user_id
    return client


@pytest.fixture
def session_id(clinic):
    return schedules.session(clinic, per_window=2)


@pytest.fixture
def proposal(clinic, session_id):
    demand.past_weeks(clinic, [10, 10, 10, 10])
    acts.make_forecasts(actor=SYSTEM, now=NOW)
    return models.CapacityProposal.objects.get()


def page(session_id):
    return reverse("secretary:capacity", args=[session_id])


def capacity_of(session_id):
    return queries.facts_session(session_id, NOW).capacity


def test_the_page_shows_every_window(secretary, session_id, clinic):
    schedules.book(session_id, schedules.person(clinic))
    shown = secretary.get(page(session_id)).content.decode()
    for words in ("加放或收回号源", "08:00", "08:45", "周启明"):
        assert words in shown
    assert page(session_id) in secretary.get(reverse("secretary:session", args=[session_id])).content.decode()


@pytest.mark.catalogue("C3", part="the secretary raises and lowers a session on sale")
def test_raising_and_lowering(secretary, session_id):
    done = secretary.post(page(session_id), {"change": "each", "number": "1"}, follow=True)
    assert "号数由 8 改为 12。" in done.content.decode()
    assert capacity_of(session_id) == 12
    assert "号数由 12 改为 6。" in secretary.post(page(session_id), {"change": "total", "number": "6"}, follow=True).content.decode()
    assert capacity_of(session_id) == 6
    assert queries.count_sum_differences(NOW) == 0


def test_what_cannot_go_is_named_and_nothing_changes(secretary, session_id, clinic):
    for number, person in enumerate(schedules.people(clinic, 3)):
        schedules.book(session_id, person, window_start=OPENS + number * timedelta(minutes=15))
    refused = secretary.post(page(session_id), {"change": "total", "number": "2"})
    assert refused.status_code == 422
    assert "现在只能收回 5 个空号，最低减到 3 个；还差的 1 个已有人预约" in refused.content.decode()
    assert 'value="2"' in refused.content.decode()
    assert capacity_of(session_id) == 8


@pytest.mark.parametrize(
    ("_case", "typed", "said"),
    [
        ("nothing", {}, "请填写号数。"),
        ("no number", {"change": "total", "number": "很多"}, "请填写整数。"),
        ("too many", {"change": "total", "number": "501"}, "一个班次最多 500 个号。"),
        ("many for each", {"change": "each", "number": "500"}, "号数应在 1 到 492 之间。"),
        ("as it is", {"change": "total", "number": "8"}, "请填写与它不同的号数"),
    ],
)
def test_bad_input_is_said_at_the_field(secretary, session_id, _case, typed, said):
    refused = secretary.post(page(session_id), typed)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert capacity_of(session_id) == 8


def test_another_departments_session_is_refused(secretary, session_id, clinic):
    elsewhere = schedules.clinic()
    theirs = schedules.session(elsewhere)
    for response in (secretary.get(page(theirs)), secretary.post(page(theirs), {"change": "total", "number": "1"})):
        assert response.status_code == 403
    assert capacity_of(theirs) == 4
    assert secretary.get(page(new_id())).status_code == 404


@pytest.mark.catalogue("C3", part="forecast, outcome and last week stand side by side, and every number leads to its rows")
def test_the_forecast_can_be_followed_to_its_rows(secretary, proposal, clinic):
    models.DemandForecast.objects.create(
        department_id=clinic.department_id, service_date="2026-02-10", half_day="morning", made_at=NOW, expected=12, last_week=10, actual=9,
        inputs=proposal.forecast.inputs,
    )  # fmt: skip
    shown = secretary.get(reverse("secretary:demand")).content.decode()
    assert "现有 8 个号，建议改为 10 个；全科这个半天预计 10 人。" in shown
    assert "<svg viewBox" in shown
    assert "最近 1 个半天里，预测平均差 3.0 人；如果照搬上周同日，平均差 1.0 人。" in shown
    detail = secretary.get(reverse("secretary:forecast", args=[proposal.forecast_id])).content.decode()
    assert "最近几周同一个星期几的中位数：10.0" in detail
    assert "2026-02-03" in detail


@pytest.mark.catalogue("C3", part="a person takes, changes or declines a proposal; who, when and why are kept")
@pytest.mark.parametrize(
    ("_case", "typed", "after", "state"),
    [
        ("taken", {"number": "10", "decision": "accept"}, 10, ProposalState.ACCEPTED),
        ("changed", {"number": "9", "decision": "accept"}, 9, ProposalState.ACCEPTED),
        ("declined", {"number": "10", "decision": "decline"}, 8, ProposalState.DECLINED),
    ],
)
def test_a_decision(secretary, proposal, _case, typed, after, state):
    done = secretary.post(reverse("secretary:decide", args=[proposal.pk]), typed | {"reason": "下周二有义诊"}, follow=True)
    assert "已记录您的决定。" in done.content.decode()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by_id, proposal.decided_at, proposal.reason) == (state, secretary.user_id, NOW, "下周二有义诊")
    assert capacity_of(proposal.session_id) == after
    assert "下周二有义诊" in done.content.decode()


@pytest.mark.parametrize(
    ("_case", "typed", "said"),
    [
        ("no reason", {"number": "10", "decision": "accept"}, "请填写理由"),
        ("no number", {"number": "", "decision": "accept", "reason": "忙"}, "请填写号数。"),
        ("no capacity of that size", {"number": "9999", "decision": "accept", "reason": "忙"}, "号数应在"),
    ],
)
def test_a_decision_that_cannot_be_taken_keeps_what_was_typed(secretary, proposal, _case, typed, said):
    refused = secretary.post(reverse("secretary:decide", args=[proposal.pk]), typed)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    if typed["number"]:
        assert f'value="{typed["number"]}"' in refused.content.decode()
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.OPEN


def test_empty_pages(secretary):
    shown = secretary.get(reverse("secretary:demand")).content.decode()
    assert "没有等您决定的建议" in shown
    assert "还没有预测" in shown
