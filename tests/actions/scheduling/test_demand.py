"""Demand as the rows tell it, forecasts that are never changed afterwards, and proposals that only a person decides."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.actions import capacity, demand
from jiuyi.domains.scheduling.models import CapacityProposal, DemandForecast, WaitingEntry
from jiuyi.domains.scheduling.queries import demand as readings
from jiuyi.domains.scheduling.words import (
    AlreadyDecided,
    CancelReason,
    HalfDay,
    Party,
    ProposalState,
    ReasonMissing,
    TooFewFree,
    WaitingState,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import demand as weeks
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TUESDAY = service_date(OPENS)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def demand_on(clinic, day=TUESDAY):
    found = readings.demand_of_half_days([clinic.department_id], day, day)
    return [(each.half_day, each.sessions, each.capacity, each.booked, each.dropped, each.waited, each.demand) for each in found]


def wait(clinic, person, *, first=TUESDAY, last=TUESDAY, state=WaitingState.LAPSED, half_days=()):
    WaitingEntry.objects.create(
        person_id=person, department_id=clinic.department_id, first_day=first, last_day=last, half_days=list(half_days),
        entered_by_kind="staff", entered_by_id=new_id(), joined_at=NOW, state=state,
    )  # fmt: skip


def test_who_counts(clinic):
    session_id = schedules.session(clinic, per_window=2)
    people = schedules.people(clinic, 9)
    schedules.book(session_id, people[0], held_until=NOW + DAY)
    schedules.book(session_id, people[1])
    given_up = schedules.book(session_id, people[2], window_start=OPENS + timedelta(minutes=15))
    actions.cancel_appointment(actor=CLERK, now=NOW, appointment_id=given_up.appointment_id, reason=CancelReason.PLAN_CHANGED)
    stopped = schedules.book(session_id, people[3], window_start=OPENS + timedelta(minutes=15))
    actions.cancel_appointment(
        actor=CLERK, now=NOW, appointment_id=stopped.appointment_id, reason=CancelReason.SESSION_STOPPED, by=Party.HOSPITAL
    )
    wait(clinic, people[4])
    wait(clinic, people[5], state=WaitingState.LEFT)
    wait(clinic, people[1], state=WaitingState.BOOKED)
    wait(clinic, people[0])  # has a place of that half-day already
    wait(clinic, people[6], half_days=[HalfDay.AFTERNOON.value])  # no session would have done
    wait(clinic, people[7], first=TUESDAY - DAY, last=TUESDAY + 5 * DAY, state=WaitingState.WAITING)
    assert demand_on(clinic) == [(HalfDay.MORNING, 1, 8, 2, 1, 2, 5)]
    assert demand_on(clinic, TUESDAY + DAY) == []


@pytest.fixture
def forecast(clinic):
    weeks.past_weeks(clinic, [10, 10, 10, 10])
    session_id = schedules.session(clinic, per_window=2)
    made = demand.make_forecasts(actor=SYSTEM, now=NOW)
    assert made == demand.ForecastsOfToday(forecasts=1, proposals=1, outcomes=0)
    return session_id


def proposal():
    (found,) = CapacityProposal.objects.all()
    return found


def journalled(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM foundation_journalentry WHERE name = %s ORDER BY id", [name])
        return [json.loads(payload) for (payload,) in cursor.fetchall()]


@pytest.mark.catalogue("C3", part="the forecast keeps every number it was made of, and a machine changes no capacity")
def test_a_forecast_and_its_proposal(clinic, forecast):
    (made,) = readings.forecasts(clinic.department_id, TUESDAY, TUESDAY)
    assert (made.expected, made.last_week, made.actual, made.half_day) == (10, 10, None, HalfDay.MORNING)
    # The Spring Festival of 2026 and the day after it are not like an ordinary Tuesday.
    assert made.inputs["same_weekdays"] == [["2026-02-03", 10], ["2026-02-10", 10]]
    assert (proposal().capacity_before, proposal().capacity_proposed) == (8, 10)  # 11 wanted, 30 % at most, by twos
    (waiting,) = readings.open_proposals([clinic.department_id], NOW)
    assert (waiting.capacity_now, waiting.proposed, waiting.session_id) == (8, 10, forecast)
    assert queries.facts_session(forecast, NOW).capacity == 8
    # Made once: another night, with more known, changes nothing.
    assert demand.make_forecasts(actor=SYSTEM, now=NOW).forecasts == 0


def test_the_outcome_is_written_when_the_day_is_over(clinic, forecast):
    for number, person in enumerate(schedules.people(clinic, 3)):
        schedules.book(forecast, person, window_start=OPENS + number * timedelta(minutes=15))
    assert demand.make_forecasts(actor=SYSTEM, now=OPENS + timedelta(hours=15)).outcomes == 0  # 23:00 of the day itself
    assert demand.make_forecasts(actor=SYSTEM, now=OPENS + timedelta(hours=16)).outcomes == 1
    (made,) = readings.forecasts(clinic.department_id, TUESDAY, TUESDAY)
    assert (made.expected, made.actual) == (10, 3)
    assert readings.forecast_error([made]) == readings.ForecastError(1, 7.0, 7.0)
    assert readings.forecast_error([]) == readings.ForecastError(0, None, None)


def test_a_stopped_half_day_has_no_outcome(clinic, forecast):
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=forecast)
    assert demand.make_forecasts(actor=SYSTEM, now=OPENS + 2 * DAY).outcomes == 0
    assert readings.open_proposals([clinic.department_id], NOW) == []


@pytest.mark.parametrize(
    ("_case", "decided", "state", "after"),
    [
        ("as proposed", 10, ProposalState.ACCEPTED, 10),
        ("another number", 12, ProposalState.ACCEPTED, 12),
        ("fewer, against the proposal", 6, ProposalState.ACCEPTED, 6),
        ("not at all", None, ProposalState.DECLINED, 8),
    ],
)
def test_a_person_decides(clinic, forecast, _case, decided, state, after):
    demand.decide_proposal(actor=SYSTEM, now=NOW, proposal_id=proposal().pk, capacity=decided, reason=" 下周义诊 ")
    row = proposal()
    assert (row.state, row.decided_by_id, row.decided_at, row.capacity_decided, row.reason) == (state, SYSTEM.id, NOW, decided, "下周义诊")
    assert queries.facts_session(forecast, NOW).capacity == after
    assert queries.count_sum_differences(NOW) == 0
    assert journalled("scheduling.ProposalDecided") == [
        {"proposal_id": str(row.pk), "session_id": str(forecast), "proposed": 10, "decided": decided}
    ]
    assert [each.proposal_id for each in readings.decided_proposals([clinic.department_id])] == [row.pk]
    with pytest.raises(AlreadyDecided):
        demand.decide_proposal(actor=SYSTEM, now=NOW, proposal_id=row.pk, capacity=None, reason="再想想")


@pytest.mark.parametrize(
    ("_case", "changes", "refusal"),
    [
        ("without a reason", {"reason": "  "}, ReasonMissing),
        ("without the permission", {"actor": CLERK}, NotAllowed),
        ("after it began", {"now": OPENS}, AlreadyDecided),
        ("below what is booked", {"capacity": 0}, TooFewFree),
        ("an unknown one", {"proposal_id": new_id()}, NotFound),
    ],
)
def test_a_refused_decision_leaves_it_open(clinic, forecast, _case, changes, refusal):
    schedules.book(forecast, schedules.person(clinic))
    given = {"actor": SYSTEM, "now": NOW, "proposal_id": proposal().pk, "capacity": 10, "reason": "义诊"} | changes
    with pytest.raises(refusal):
        demand.decide_proposal(**given)
    assert (proposal().state, proposal().decided_at) == (ProposalState.OPEN, None)
    assert queries.facts_session(forecast, NOW).capacity == 8
    assert journalled("scheduling.ProposalDecided") == []


def test_too_far_ahead_or_nothing_known_makes_no_forecast(clinic):
    schedules.session(clinic, starts_at=OPENS + 4 * DAY)
    schedules.session(clinic, starts_at=OPENS)
    assert demand.make_forecasts(actor=SYSTEM, now=NOW) == demand.ForecastsOfToday(0, 0, 0)
    assert not DemandForecast.objects.exists()


def test_a_decision_after_the_capacity_was_changed_by_hand(clinic, forecast):
    capacity.raise_session(actor=SYSTEM, now=NOW, session_id=forecast, places=4)
    demand.decide_proposal(actor=SYSTEM, now=NOW, proposal_id=proposal().pk, capacity=10, reason="够了")
    assert queries.facts_session(forecast, NOW).capacity == 10
