"""The patient's next step, case by case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.journeys.worklist_rules import (
    AppointmentFact,
    Facts,
    OrderFact,
    Place,
    StepKind,
    TicketFact,
    next_steps,
)
from jiuyi.kernel.ids import new_id

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
CLINIC = Place(name="心血管内科", directions="门诊楼 3 层", institution="云溪县人民医院")


def appointment(**change: Any) -> AppointmentFact:
    start = change.pop("start", NOW + timedelta(minutes=30))
    facts: dict[str, Any] = {
        "appointment_id": new_id(),
        "state": AppointmentStatus.BOOKED,
        "window_start": start,
        "window_end": start + timedelta(minutes=15),
        "place": CLINIC,
        "doctor": "李敏",
        "department": "心血管内科",
        "fee_fen": 1500,
        "paid": True,
    }
    return AppointmentFact(**(facts | change))


def order(**change: Any) -> OrderFact:
    facts: dict[str, Any] = {
        "order_id": new_id(),
        "encounter_id": new_id(),
        "is_drug": False,
        "name": "血常规",
        "place": CLINIC,
        "paid": False,
        "cost_fen": 2000,
    }
    return OrderFact(**(facts | change))


@pytest.mark.parametrize(
    ("_case", "fact", "kind", "cost_fen"),
    [
        (
            "held, a second before it lapses",
            appointment(state=AppointmentStatus.HELD, paid=False, held_until=NOW + timedelta(seconds=1)),
            StepKind.PAY_HOLD,
            1500,
        ),
        ("held, at the very instant it lapses", appointment(state=AppointmentStatus.HELD, paid=False, held_until=NOW), None, 0),
        ("held without a limit", appointment(state=AppointmentStatus.HELD, paid=False), StepKind.PAY_HOLD, 1500),
        ("booked and paid, today", appointment(), StepKind.CHECK_IN, 0),
        ("booked, fee still owed, today", appointment(paid=False), StepKind.PAY_AT_DESK, 1500),
        ("booked, tomorrow", appointment(start=NOW + timedelta(days=1)), StepKind.COME, 0),
        ("23:59 local is still today", appointment(start=datetime(2026, 11, 24, 15, 59, tzinfo=UTC)), StepKind.CHECK_IN, 0),
        ("00:00 local is tomorrow", appointment(start=datetime(2026, 11, 24, 16, 0, tzinfo=UTC)), StepKind.COME, 0),
        ("already arrived: the ticket speaks", appointment(state=AppointmentStatus.ARRIVED), None, 0),
    ],
)
def test_step_of_one_appointment(_case: str, fact: AppointmentFact, kind: StepKind | None, cost_fen: int) -> None:
    steps = next_steps(Facts(appointments=[fact]), now=NOW)
    assert [(step.kind, step.cost_fen) for step in steps] == ([(kind, cost_fen)] if kind else [])


@pytest.mark.parametrize(
    ("_case", "state", "kind", "ahead"),
    [
        ("waiting shows the people ahead", TicketStatus.WAITING, StepKind.WAIT, 3),
        ("called", TicketStatus.CALLED, StepKind.GO_IN, None),
        ("in the room", TicketStatus.IN_ROOM, StepKind.IN_ROOM, None),
        ("passed over", TicketStatus.PASSED, StepKind.MISSED_CALL, None),
    ],
)
def test_step_of_a_ticket(_case: str, state: TicketStatus, kind: StepKind, ahead: int | None) -> None:
    ticket = TicketFact(ticket_id=new_id(), label="A017", state=state, place=CLINIC, ahead=3)
    (step,) = next_steps(Facts(tickets=[ticket]), now=NOW)
    assert (step.kind, step.ahead, step.ticket_label) == (kind, ahead, "A017")


def test_unpaid_orders_of_one_visit_are_one_step_with_their_sum() -> None:
    visit = new_id()
    orders = [order(encounter_id=visit), order(encounter_id=visit, is_drug=True, name="阿莫西林胶囊", cost_fen=1850)]
    (step,) = next_steps(Facts(orders=orders), now=NOW)
    assert (step.kind, step.cost_fen, step.names) == (StepKind.PAY_ORDERS, 3850, ("血常规", "阿莫西林胶囊"))


def test_paid_orders_become_test_and_drug_steps_in_that_order() -> None:
    visit = new_id()
    orders = [order(encounter_id=visit, paid=True, is_drug=True, name="阿莫西林胶囊"), order(encounter_id=visit, paid=True)]
    assert [step.kind for step in next_steps(Facts(orders=orders), now=NOW)] == [StepKind.LAB, StepKind.DRUGS]


def test_a_call_comes_before_everything_else() -> None:
    called = TicketFact(ticket_id=new_id(), label="A001", state=TicketStatus.CALLED, place=CLINIC, ahead=0)
    appointments = [appointment(state=AppointmentStatus.HELD, paid=False), appointment(start=NOW + timedelta(days=2))]
    facts = Facts(appointments=appointments, tickets=[called], orders=[order()])
    assert [step.kind for step in next_steps(facts, now=NOW)] == [StepKind.GO_IN, StepKind.PAY_HOLD, StepKind.PAY_ORDERS, StepKind.COME]


def test_appointments_of_other_days_stand_in_order_of_time() -> None:
    far, near = appointment(start=NOW + timedelta(days=5)), appointment(start=NOW + timedelta(days=2))
    steps = next_steps(Facts(appointments=[far, near]), now=NOW)
    assert [step.appointment_id for step in steps] == [near.appointment_id, far.appointment_id]


def test_nothing_to_do_is_an_empty_list() -> None:
    assert next_steps(Facts(), now=NOW) == []
