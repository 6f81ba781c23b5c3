"""What a person has to do next, decided from facts alone. Django-free, no clock, no I/O.

The phone, the printed slip, the desk and the doctor's room show the answer of this one function, so they cannot differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class StepKind(Word):
    """What kind of step; the label is the sentence shown as its title. The order is the order of urgency."""

    GO_IN = "go_in", gettext_noop("轮到您了，请进诊室")
    IN_ROOM = "in_room", gettext_noop("正在就诊")
    OFFER = "offer", gettext_noop("候补有号了，请尽快答复")
    CHANGED = "changed", gettext_noop("门诊有变动，请先看一下")
    WAIT = "wait", gettext_noop("请在候诊区等候叫号")
    MISSED_CALL = "missed_call", gettext_noop("叫号时您不在，请到护士站重新排队")
    PAY_HOLD = "pay_hold", gettext_noop("请支付挂号费，号才算约上")
    CHECK_IN = "check_in", gettext_noop("到院后请先签到")
    PAY_AT_DESK = "pay_at_desk", gettext_noop("请先付挂号费，再签到")
    PAY_ORDERS = "pay_orders", gettext_noop("请支付检查费和药费")
    LAB = "lab", gettext_noop("请去做检验")
    DRUGS = "drugs", gettext_noop("请去药房取药")
    COME = "come", gettext_noop("请按时来院")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go: the place's name, how to get there, and the institution."""

    name: str = ""
    directions: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """What happened to the session: whether it does not take place at all, and until when the person may choose."""

    stopped: bool
    choose_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppointmentFact:
    """A live appointment. ``paid`` is true when nothing is owed for it (also when the fee is nought)."""

    appointment_id: UUID
    state: AppointmentStatus
    window_start: datetime
    window_end: datetime
    place: Place
    doctor: str
    department: str
    fee_fen: int
    paid: bool
    held_until: datetime | None = None
    offer_id: UUID | None = None
    payment_charge_id: UUID | None = None
    change: ChangeFact | None = None


@dataclass(frozen=True, slots=True)
class TicketFact:
    """A live ticket; ``ahead`` counts the people who will be called before."""

    ticket_id: UUID
    label: str
    state: TicketStatus
    place: Place
    ahead: int
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderFact:
    """An order that still wants something of the patient: payment, or to be carried out."""

    order_id: UUID
    encounter_id: UUID
    is_drug: bool
    name: str
    place: Place
    paid: bool
    cost_fen: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``cost_fen`` is what is to be paid in this step; ``ahead`` the people before; ``when`` a window."""

    kind: StepKind
    place: Place
    when: tuple[datetime, datetime] | None = None
    deadline: datetime | None = None
    cost_fen: int = 0
    ahead: int | None = None
    ticket_label: str = ""
    doctor: str = ""
    department: str = ""
    names: tuple[str, ...] = ()
    appointment_id: UUID | None = None
    encounter_id: UUID | None = None
    offer_id: UUID | None = None

    @property
    def title(self) -> str:
        """The sentence of the step (Chinese source; the page translates it)."""
        return self.kind.label


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rule needs about one person."""

    appointments: Sequence[AppointmentFact] = ()
    tickets: Sequence[TicketFact] = ()
    orders: Sequence[OrderFact] = field(default_factory=tuple)


def next_steps(facts: Facts, *, now: datetime) -> list[Step]:
    """The person's steps, the next one first.

    A call to a room comes before everything, then an offer from the waiting list, which does not wait long.
    Payment of the last visit's orders comes before what is paid with it
    (drugs, tests); an appointment of another day comes last. A held place whose time has run out is no step any more.
    """
    steps = [*_queue_steps(facts.tickets), *_appointment_steps(facts, now), *_order_steps(facts.orders)]
    rank = {kind: position for position, kind in enumerate(StepKind)}
    return sorted(steps, key=lambda step: (rank[step.kind], step.when[0] if step.when else now))


def _queue_steps(tickets: Iterable[TicketFact]) -> Iterable[Step]:
    kinds = {
        TicketStatus.WAITING: StepKind.WAIT,
        TicketStatus.CALLED: StepKind.GO_IN,
        TicketStatus.IN_ROOM: StepKind.IN_ROOM,
        TicketStatus.PASSED: StepKind.MISSED_CALL,
    }
    for ticket in tickets:
        waiting = ticket.state == TicketStatus.WAITING
        yield Step(
            kind=kinds[ticket.state],
            place=ticket.place,
            ahead=ticket.ahead if waiting else None,
            ticket_label=ticket.label,
            appointment_id=ticket.appointment_id,
        )


def _appointment_steps(facts: Facts, now: datetime) -> Iterable[Step]:
    today = service_date(now)
    for appointment in facts.appointments:
        if appointment.change is not None:
            yield Step(
                kind=StepKind.CHANGED,
                place=appointment.place,
                when=(appointment.window_start, appointment.window_end),
                deadline=appointment.change.choose_until,
                doctor=appointment.doctor,
                department=appointment.department,
                appointment_id=appointment.appointment_id,
            )
            if appointment.change.stopped:
                continue
        kind = _appointment_step_kind(appointment, now=now, today=today)
        if kind is None:
            continue
        yield Step(
            kind=kind,
            place=appointment.place,
            when=(appointment.window_start, appointment.window_end),
            deadline=appointment.held_until if kind in {StepKind.PAY_HOLD, StepKind.OFFER} else None,
            cost_fen=0 if appointment.paid else appointment.fee_fen,
            doctor=appointment.doctor,
            department=appointment.department,
            appointment_id=appointment.appointment_id,
            offer_id=appointment.offer_id,
        )


def _appointment_step_kind(appointment: AppointmentFact, *, now: datetime, today: date) -> StepKind | None:
    if appointment.state is AppointmentStatus.HELD:
        alive = appointment.held_until is None or now < appointment.held_until
        return (StepKind.OFFER if appointment.offer_id else StepKind.PAY_HOLD) if alive else None
    if appointment.state is not AppointmentStatus.BOOKED:
        return None
    if service_date(appointment.window_start) != today:
        return StepKind.COME
    return StepKind.CHECK_IN if appointment.paid else StepKind.PAY_AT_DESK


def _order_steps(orders: Sequence[OrderFact]) -> Iterable[Step]:
    unpaid = [order for order in orders if not order.paid]
    for encounter_id in dict.fromkeys(order.encounter_id for order in unpaid):
        mine = [order for order in unpaid if order.encounter_id == encounter_id]
        yield Step(
            kind=StepKind.PAY_ORDERS,
            place=mine[0].place,
            cost_fen=sum(order.cost_fen for order in mine),
            names=tuple(order.name for order in mine),
            encounter_id=encounter_id,
        )
    for is_drug, kind in ((False, StepKind.LAB), (True, StepKind.DRUGS)):
        paid = [order for order in orders if order.paid and order.is_drug is is_drug]
        for encounter_id in dict.fromkeys(order.encounter_id for order in paid):
            mine = [order for order in paid if order.encounter_id == encounter_id]
            yield Step(kind=kind, place=mine[0].place, names=tuple(order.name for order in mine), encounter_id=encounter_id)
