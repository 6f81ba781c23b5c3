"""Forecasts each night, proposals from them, and what a person decides. No capacity is ever changed by a machine (C3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions.capacity import set_capacity
from jiuyi.domains.scheduling.events.capacity import ForecastsMade, ProposalDecided
from jiuyi.domains.scheduling.queries import demand as readings
from jiuyi.domains.scheduling.rules import forecast as rules
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    AlreadyDecided,
    DemandForecasting,
    HalfDay,
    NumberClass,
    ProposalState,
    ReasonMissing,
    SessionKind,
    SessionStatus,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

_A_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_LONGEST_AHEAD = 6
_REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ForecastsOfToday:
    """How many forecasts and proposals were made, and how many outcomes were written down."""

    forecasts: int
    proposals: int
    outcomes: int


@transaction.atomic
def make_forecasts(*, actor: Actor, now: datetime) -> ForecastsOfToday:
    """Write down what came on days that are over, forecast the coming half-days that have none yet, and propose.

    A forecast is made ``days_ahead`` days before (or as late as the session was published) and never changed afterwards, so
    that its error is honest. Only open sessions of the ordinary clinic that have not begun get proposals. Source: AP-5; C3.
    """
    today = service_date(now)
    outcomes = _write_outcomes(today)
    made = proposals = 0
    for half_day in _without_forecast(today):
        forecast = _forecast(half_day, today, now)
        if forecast is not None:
            made += 1
            proposals += _propose(forecast, now)
    if made or outcomes:
        journal.record(ForecastsMade(forecasts=made, proposals=proposals), actor=actor, now=now)
    return ForecastsOfToday(made, proposals, outcomes)


@transaction.atomic
def decide_proposal(*, actor: Actor, now: datetime, proposal_id: UUID, capacity: int | None, reason: str) -> None:
    """Take a proposal (``capacity`` as proposed), change it (any other) or decline it (None), with a reason; who and when are kept.

    Refuses ``scheduling.already_decided``, ``scheduling.reason_missing``, and whatever raising and lowering refuse: then it
    stays open. Source: rule AP-5; C3.
    """
    proposal = models.CapacityProposal.objects.select_for_update(no_key=True, of=("self",)).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    session = models.ClinicSession.objects.get(pk=proposal.session_id)
    access.require(actor, SESSION_PUBLISH, session.department_id)
    if proposal.state != ProposalState.OPEN or session.starts_at <= now or session.status != SessionStatus.OPEN:
        raise AlreadyDecided
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    if capacity is not None:
        set_capacity(actor=actor, now=now, session_id=session.pk, to_capacity=capacity)
    proposal.state = ProposalState.DECLINED if capacity is None else ProposalState.ACCEPTED
    proposal.decided_by_id, proposal.decided_at, proposal.capacity_decided = actor.id, now, capacity
    proposal.reason = reason.strip()[:_REASON_LENGTH]
    proposal.save(update_fields=["state", "decided_by_id", "decided_at", "capacity_decided", "reason"])
    event = ProposalDecided(
        proposal_id=proposal.pk,
        session_id=session.pk,
        proposed=proposal.capacity_proposed,
        decided=capacity,
        scope_id=session.organization_id,
    )
    journal.record(event, actor=actor, now=now)


@dataclass(frozen=True, slots=True)
class _HalfDay:
    department_id: UUID
    day: date
    half_day: HalfDay


def _write_outcomes(today: date) -> int:
    waiting = list(models.DemandForecast.objects.filter(actual=None, service_date__lt=today))
    if not waiting:
        return 0
    days = [row.service_date for row in waiting]
    found = {
        (each.department_id, each.day, each.half_day): each.demand
        for each in readings.demand_of_half_days([row.department_id for row in waiting], min(days), max(days))
        if each.sessions  # a half-day that was stopped says nothing about the forecast
    }
    known = [row for row in waiting if (row.department_id, row.service_date, HalfDay(row.half_day)) in found]
    for row in known:
        row.actual = found[row.department_id, row.service_date, HalfDay(row.half_day)]
    models.DemandForecast.objects.bulk_update(known, ["actual"])
    return len(known)


def _without_forecast(today: date) -> list[_HalfDay]:
    coming = models.ClinicSession.objects.filter(
        status=SessionStatus.OPEN, kind=SessionKind.CLINIC, service_date__gt=today, service_date__lte=today + _LONGEST_AHEAD * _A_DAY
    ).exclude(number_class=NumberClass.EMERGENCY)
    wanted = set(coming.values_list("department_id", "service_date", "half_day"))
    made = models.DemandForecast.objects.filter(service_date__gt=today)
    wanted -= set(made.values_list("department_id", "service_date", "half_day"))
    return [
        _HalfDay(department, day, HalfDay(half_day))
        for department, day, half_day in sorted(wanted, key=lambda each: (each[1], each[2], each[0]))
    ]


def _forecast(half_day: _HalfDay, today: date, now: datetime) -> models.DemandForecast | None:
    parameters = rulebook.rule(DemandForecasting, scope_id=half_day.department_id, at=now).parameters
    if half_day.day > today + parameters.days_ahead * _A_DAY:
        return None
    first = today - (parameters.weeks + 1) * _WEEK
    decided = dict(models.CalendarDay.objects.filter(day__gte=first - _A_DAY).values_list("day", "working"))
    history = [
        rules.DemandOfDay(each.day, each.demand, rules.is_beside_holiday(each.day, decided))
        for each in readings.demand_of_half_days([half_day.department_id], first, today - _A_DAY)
        if each.half_day is half_day.half_day and each.sessions
    ]
    found = rules.forecast_demand(
        half_day.day,
        beside_holiday=rules.is_beside_holiday(half_day.day, decided),
        history=history,
        made_on=today,
        parameters=parameters,
    )
    if found is None:
        return None
    return models.DemandForecast.objects.create(
        department_id=half_day.department_id,
        service_date=half_day.day,
        half_day=half_day.half_day,
        made_at=now,
        expected=found.expected,
        last_week=found.last_week,
        inputs=dict(found.inputs),
    )


def _propose(forecast: models.DemandForecast, now: datetime) -> int:
    rows = models.ClinicSession.objects.filter(
        department_id=forecast.department_id,
        service_date=forecast.service_date,
        half_day=forecast.half_day,
        status=SessionStatus.OPEN,
        kind=SessionKind.CLINIC,
        starts_at__gt=now,
    ).exclude(number_class=NumberClass.EMERGENCY)
    amounts = _amounts(list(rows.order_by("id").values_list("pk", flat=True)), now)
    parameters = rulebook.rule(DemandForecasting, scope_id=forecast.department_id, at=now).parameters
    proposed = rules.propose_capacities(amounts, expected=forecast.expected, parameters=parameters)
    before = {each.session_id: each.capacity for each in amounts}
    models.CapacityProposal.objects.bulk_create([
        models.CapacityProposal(
            forecast=forecast, session_id=session_id, capacity_before=before[session_id], capacity_proposed=capacity, made_at=now
        )
        for session_id, capacity in proposed.items()
    ])  # fmt: skip
    return len(proposed)


def _amounts(session_ids: Sequence[UUID], now: datetime) -> list[rules.SessionAmount]:
    amounts = []
    for sums in queries.sums_of_sessions(now=now, session_ids=list(session_ids)):
        windows = models.Place.objects.filter(session_id=sums.session_id, extra=False).values("window_start").distinct().count()
        per_window = max(1, round(sums.capacity / windows)) if windows else 1
        amounts.append(rules.SessionAmount(sums.session_id, sums.capacity, sums.held + sums.booked + sums.used, per_window))
    return amounts
