"""The waiting list (候补): joining, the offers of given-up places with their charge, and the answers.

An offered place is an ordinary held booking with its charge, so paying, expiring and cancelling need no second way.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import LinkLevel
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, OrganizationFacts, PractitionerFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import waiting as scheduling
from jiuyi.domains.scheduling.queries import AppointmentFacts
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.queries.waiting import EntryFacts, OfferFacts
from jiuyi.domains.scheduling.words import APPOINTMENT_BOOK, AlreadyWaiting, HalfDay, OfferState, Reach
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind, system
from jiuyi.journeys import booking
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.journeys.words import BookAtTheDesk
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound, Refusal

logger = logging.getLogger(__name__)

SERVER = "journeys.serve_waiting_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody waits for: a department or one doctor, from a day to a day, half-days (none: any), minutes to the house."""

    department_id: UUID
    first_day: date
    last_day: date
    half_days: Collection[HalfDay]
    travel_minutes: int
    practitioner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry as its owner sees it."""

    facts: EntryFacts
    person_name: str
    department: DepartmentFacts
    organization: OrganizationFacts
    doctor: PractitionerFacts | None

    @property
    def is_live(self) -> bool:
        """Whether it still waits, or holds an offer."""
        return self.facts.state in entries.LIVE


@dataclass(frozen=True, slots=True)
class Offer:
    """An offered place as its owner sees it; ``fee_fen`` is what it costs, ``charge_id`` what is to be paid online."""

    facts: OfferFacts
    appointment: AppointmentFacts
    waiting: Waiting
    doctor: PractitionerFacts
    fee_fen: int
    charge_id: UUID | None

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.facts.state is OfferState.OPEN and now < self.facts.expires_at


@transaction.atomic
def join(*, actor: Actor, now: datetime, person_ids: Sequence[UUID], wish: Wish) -> list[UUID]:
    """Put one person on the list, or several of a family who want to come together; their entries in the same order.

    A patient's account joins for its own people, staff with the booking permission for anybody; whoever has no phone is
    called. Refuses ``not_found``, ``not_allowed``, ``scheduling.bad_wish``, ``scheduling.already_waiting``, and
    ``book_at_the_desk`` where that would tell a claimed link what another account did.
    """
    family = new_id() if len(person_ids) > 1 else None
    return [_join_one(actor, person_id, wish, family=family, now=now) for person_id in person_ids]


@transaction.atomic
def leave(*, actor: Actor, now: datetime, entry_id: UUID) -> None:
    """Leave the list; an offered place goes to the next. Refuses ``not_found`` and ``scheduling.not_waiting``."""
    entry = entries.open_entry(actor, entry_id, now=now)
    if entry.offer_id is not None:
        _decline(actor, entry.offer_id, now=now)
    scheduling.leave(actor=actor, now=now, entry_id=entry_id)


@transaction.atomic
def accept(*, actor: Actor, now: datetime, offer_id: UUID) -> UUID:
    """Take the offered place; the fee is paid at the hospital. Its appointment. Twice is once.

    Refuses ``not_found``, ``scheduling.offer_over``, ``scheduling.session_stopped``.
    """
    entries.open_offer(actor, offer_id, now=now)
    return scheduling.accept(actor=actor, now=now, offer_id=offer_id)


def accept_and_pay(*, actor: Actor, now: datetime, offer_id: UUID) -> Offer:
    """Keep the place while the fee is paid online; the payment itself makes it firm. Refuses as ``accept`` does."""
    with transaction.atomic():
        entries.open_offer(actor, offer_id, now=now)
        scheduling.keep_for_payment(actor=actor, now=now, offer_id=offer_id)
    return offer_of(actor, offer_id, now=now)


@transaction.atomic
def decline(*, actor: Actor, now: datetime, offer_id: UUID) -> None:
    """Let the place go to the next and wait on. Twice is once. Refuses ``not_found`` and ``scheduling.offer_over``."""
    entries.open_offer(actor, offer_id, now=now)
    _decline(actor, offer_id, now=now)


def of_account(actor: Actor, *, now: datetime) -> list[Waiting]:
    """What the account's people wait for, and what they waited for."""
    names = {member.person_id: member.typed_name for member in people.account_people(actor, now=now)}
    return [_with_names(each, names.get(each.person_id, "")) for each in entries.entries_of_account(actor, now)]


def of_department(actor: Actor, department_id: UUID, *, now: datetime) -> list[Waiting]:
    """The list of a department for its staff, in order. Refuses ``not_allowed``."""
    del now
    found = entries.waiting_of_department(actor, department_id)
    facts = people.facts_people({each.person_id for each in found})
    return [_with_names(each, facts[each.person_id].name) for each in found]


def entry_of(actor: Actor, entry_id: UUID, *, now: datetime) -> Waiting:
    """One entry. Refuses ``not_found`` for somebody else's."""
    found = entries.open_entry(actor, entry_id, now=now)
    if actor.kind is not ActorKind.PATIENT:
        return _with_names(found, people.facts_person(found.person_id).name)
    names = {member.person_id: member.typed_name for member in people.account_people(actor, now=now)}
    return _with_names(found, names.get(found.person_id, ""))


def offer_of(actor: Actor, offer_id: UUID, *, now: datetime) -> Offer:
    """One offered place. Refuses ``not_found`` for somebody else's."""
    found = entries.facts_offer(offer_id)
    waiting = entry_of(actor, found.entry_id, now=now)
    appointment = schedule.facts_appointment(found.appointment_id)
    charge = next(reversed(booking.charges_of(found.appointment_id)), None)
    return Offer(
        facts=found,
        appointment=appointment,
        waiting=waiting,
        doctor=organizations.practitioner(appointment.practitioner_id),
        fee_fen=appointment.fee_fen,
        charge_id=charge.charge_id if charge else None,
    )


def is_open_now(organization_id: UUID, *, now: datetime) -> bool:
    """Whether offers are made at this hour."""
    return entries.offers_are_open(organization_id, now=now)


def serve(*, now: datetime) -> int:
    """Offer what was given up to those who wait; how many offers were made. Run again and again by the worker.

    Each offer is a transaction of its own. One that is refused, because a limit or another booking came in between, bars
    only itself: the place goes to the next at once.
    """
    return one_by_one(entries.departments_to_serve(), lambda each: _serve_department(each, now=now), name=SERVER)


def end_due(*, now: datetime, limit: int = 200) -> int:
    """Close the entries whose days are over; how many."""
    over = entries.entries_over(service_date(now), limit=limit)
    return one_by_one(over, lambda each: scheduling.end_entry(actor=system(SERVER), now=now, entry_id=each), name="journeys.end_waiting")


def offer_place(turn: entries.NextOffer, *, now: datetime) -> bool:
    """Hold the place and charge its fee, in one transaction; False if it could not be: the next one is asked."""
    actor = system(SERVER)
    try:
        with transaction.atomic():
            terms = booking.quote(session_id=turn.session_id, window_start=turn.window_start, now=now)
            offered = scheduling.offer(
                actor=actor,
                now=now,
                entry_id=turn.entry_id,
                session_id=turn.session_id,
                window_start=turn.window_start,
                fee_fen=terms.fee_fen,
                fee_rule=terms.rule,
            )
            if offered is None:
                return False
            if terms.fee_fen:
                booking.charge_visit(
                    actor=actor,
                    now=now,
                    person_id=schedule.facts_appointment(offered.appointment_id).person_id,
                    session=schedule.facts_session(turn.session_id),
                    appointment_id=offered.appointment_id,
                    terms=terms,
                )
    except Refusal as refusal:
        logger.info("waiting.not_offered", extra={"code": refusal.code})
        return False
    except Exception:  # whoever stumbles bars nobody behind them
        logger.exception("a place could not be offered", extra={"object_id": str(turn.entry_id)})
        return False
    return True


def _serve_department(department_id: UUID, *, now: datetime) -> int:
    refused: set[tuple[UUID, UUID]] = set()
    made = 0
    while True:
        before = len(refused)
        for turn in entries.next_turns(department_id, now=now, refused=refused):
            if offer_place(turn, now=now):
                made += 1
            else:
                refused.add((turn.entry_id, turn.session_id))
        if len(refused) == before:  # all of it was given away, or nobody wants what is left
            return made


def _join_one(actor: Actor, person_id: UUID, wish: Wish, *, family: UUID | None, now: datetime) -> UUID:
    if actor.kind is ActorKind.PATIENT:
        if people.facts_link(actor.id, person_id) is None:
            raise NotFound
        reach = Reach.TEXT
    else:
        access.require(actor, APPOINTMENT_BOOK, wish.department_id)
        reach = Reach.TEXT if people.facts_phone(person_id) else Reach.CALL_LIST
    try:
        return scheduling.join(
            actor=actor,
            now=now,
            person_id=person_id,
            department_id=wish.department_id,
            practitioner_id=wish.practitioner_id,
            first_day=wish.first_day,
            last_day=wish.last_day,
            half_days=wish.half_days,
            travel_minutes=wish.travel_minutes,
            family_group=family,
            reach=reach,
        )
    except AlreadyWaiting:
        if actor.kind is not ActorKind.PATIENT or people.facts_link(actor.id, person_id) is LinkLevel.VERIFIED:
            raise
        own = [each for each in entries.entries_of_account(actor, now) if each.account_id == actor.id and each.state in entries.LIVE]
        if any(each.person_id == person_id and each.department_id == wish.department_id for each in own):
            raise
        raise BookAtTheDesk from None


def _decline(actor: Actor, offer_id: UUID, *, now: datetime) -> None:
    appointment_id = scheduling.decline(actor=actor, now=now, offer_id=offer_id)
    booking.settle_charge_of_lost_place(actor=actor, now=now, appointment_id=appointment_id)


def _with_names(facts: EntryFacts, person_name: str) -> Waiting:
    department = organizations.department(facts.department_id)
    return Waiting(
        facts=facts,
        person_name=person_name,
        department=department,
        organization=organizations.organization(department.organization_id),
        doctor=organizations.practitioner(facts.practitioner_id) if facts.practitioner_id else None,
    )
