"""One booking as its owner sees it: place, doctor, money, voucher, and what may still be done with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.queries import RefundFacts
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, OrganizationFacts, PractitionerFacts, RoomFacts
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import OPEN_STATES, AppointmentStatus
from jiuyi.foundation.access import Actor
from jiuyi.journeys import booking
from jiuyi.journeys.booking import APPOINTMENT

SHOWN_WITH_VOUCHER = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking with everything its page shows. ``owed_fen`` is nought when nothing is to be paid."""

    facts: AppointmentFacts
    person_name: str
    doctor: PractitionerFacts
    department: DepartmentFacts
    organization: OrganizationFacts
    room: RoomFacts | None
    charge_id: UUID | None
    owed_fen: int
    refunds: tuple[RefundFacts, ...]
    may_cancel: bool
    may_move: bool
    cancel_until: datetime | None
    notice: NoticeFacts | None

    @property
    def is_held(self) -> bool:
        """Whether the place is only held until the fee is paid."""
        return self.facts.status is AppointmentStatus.HELD

    @property
    def is_stopped(self) -> bool:
        """Whether the session does not take place and its owner has not chosen yet."""
        return self.notice is not None and self.notice.waits_for_choice

    @property
    def is_changed(self) -> bool:
        """Whether something happened to the session that the page names."""
        return self.notice is not None and self.notice.is_open

    @property
    def has_voucher(self) -> bool:
        """Whether the voucher is of use: booked, or on the way through the house."""
        return self.facts.status in SHOWN_WITH_VOUCHER and not self.is_stopped

    @property
    def directions(self) -> str:
        """The way to the room, or to the department."""
        return (self.room.directions if self.room else "") or self.department.directions

    @property
    def place_name(self) -> str:
        """Building, floor and room where known; otherwise where the department is."""
        return self.room.place_text if self.room else self.department.location


def one(actor: Actor, appointment_id: UUID, *, now: datetime) -> Booking:
    """One booking. Refuses ``not_found`` for somebody else's."""
    facts = schedule.open_appointment(actor, appointment_id, now=now)
    if facts.status is AppointmentStatus.HELD:  # from the gate, perhaps a moment ago: it must be possible to pay
        booking.charge_claimed(appointment_id=appointment_id, now=now)
    return _with_everything([facts], names=_names(actor, now=now), now=now)[0]


def of_account(actor: Actor, *, now: datetime) -> tuple[list[Booking], list[Booking]]:
    """The account's bookings: those still to come in order of time, then the others, newest first."""
    bookings = _with_everything(schedule.appointments_of_account(actor, now), names=_names(actor, now=now), now=now)
    coming = [each for each in bookings if each.facts.status in OPEN_STATES and each.facts.session_ends_at > now]
    past = [each for each in bookings if each.facts.status not in OPEN_STATES or each.facts.session_ends_at <= now]
    return sorted(coming, key=lambda each: each.facts.window_start), sorted(past, key=lambda each: each.facts.window_start, reverse=True)


def _names(actor: Actor, *, now: datetime) -> dict[UUID, str]:
    return {member.person_id: member.typed_name for member in people.account_people(actor, now=now)}


def _with_everything(found: list[AppointmentFacts], *, names: dict[UUID, str], now: datetime) -> list[Booking]:
    doctors = organizations.facts_practitioners({each.practitioner_id for each in found})
    departments = organizations.facts_departments({each.department_id for each in found})
    rooms = organizations.facts_rooms({each.room_id for each in found if each.room_id})
    hospitals = {each.id: each for each in organizations.organizations()}
    every = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[each.appointment_id for each in found])
    charges = {charge.source_id: charge for charge in every}  # the newest stands; a move may have given older ones back
    of_charge = {charge.charge_id: charge.source_id for charge in every}
    refunds = bills.facts_refunds(list(of_charge))
    notices = changes.newest_notices([each.appointment_id for each in found])
    result = []
    for each in found:
        charge = charges.get(each.appointment_id)
        terms = schedule.cancel_terms_of_appointment(each, now=now) if each.status in OPEN_STATES else None
        result.append(
            Booking(
                facts=each,
                person_name=names.get(each.person_id, ""),
                doctor=doctors[each.practitioner_id],
                department=departments[each.department_id],
                organization=hospitals[each.organization_id],
                room=rooms.get(each.room_id) if each.room_id else None,
                charge_id=charge.charge_id if charge else None,
                owed_fen=charge.amount_fen if charge and charge.status is ChargeStatus.UNPAID else 0,
                refunds=tuple(refund for refund in refunds if of_charge[refund.charge_id] == each.appointment_id),
                may_cancel=terms is not None and terms.may,
                may_move=terms is not None and terms.may and each.status is AppointmentStatus.BOOKED,
                cancel_until=terms.until if terms else None,
                notice=notices.get(each.appointment_id),
            )
        )
    return result
