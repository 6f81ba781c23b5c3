"""Facts about a running installation, asked through its own doors: ``python -m tests.browser.inside FUNCTION ARGUMENTS``.

A process of its own, because a browser test's thread runs Playwright's loop, and Django's connections belong to another database there.
"""

import dataclasses
import json
import sys
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import django

django.setup(set_prefix=False)

# ruff: noqa: E402  # Django first
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model

from jiuyi.domains.billing import queries as billing
from jiuyi.domains.billing.words import PaymentChannel
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import OrderKind, PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential, Relation
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import conduct
from jiuyi.domains.scheduling.actions import timetable as timetabling
from jiuyi.domains.scheduling.actions import trips as trip_actions
from jiuyi.domains.scheduling.models import Appointment, CapacityProposal, ClinicSession, DemandForecast, ReviewCase
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries import timetable as timetables
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.queries.waiting import NextOffer
from jiuyi.domains.scheduling.words import TRIP_PLAN, AppointmentStatus, BookingChannel, CancelReason, ExceptionKind, NumberClass
from jiuyi.domains.scheduling.words.conduct import ReviewPattern
from jiuyi.foundation import access, audit, clock
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import arriving, booking, changing, consulting, offers, paying, trips, waiting
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.ids import new_id
from jiuyi.scenarios import open_clinic
from jiuyi.scenarios.county import county
from jiuyi.scenarios.loading import logins


def books() -> dict[str, Any]:
    """Whether money and places add up."""
    return {
        "ledger": sum(billing.ledger_balance().values()),
        "ledger_difference": billing.count_ledger_difference(),
        "place_difference": schedule.count_place_difference(),
    }


def appointment(appointment_id: str) -> dict[str, Any]:
    """State and bill of one booking."""
    facts = schedule.facts_appointment(UUID(appointment_id))
    charges = billing.facts_charges(source_kind="appointment", source_ids=[facts.appointment_id])
    return {
        "status": facts.status.value,
        "voucher": facts.voucher,
        "person_id": str(facts.person_id),
        "charges": [{"status": charge.status.value, "amount_fen": charge.amount_fen} for charge in charges],
    }


def clinic() -> dict[str, Any]:
    """The clinic that is open whatever the hour, as the choosing pages name it."""
    found = open_clinic.find()
    assert found is not None
    department = organizations.department(found.department_id)
    return {
        "hospital": organizations.organization(found.organization_id).name,
        "department": department.patient_name or department.name,
        "department_name": department.name,
        "doctor": organizations.practitioner(found.practitioner_ids[0]).name,
        "queue_id": queues.queue_of_department(found.department_id).queue_id,
    }


def others_leave(label: str) -> int:
    """Everybody who waits for the first doctor of the open clinic goes home, but one ticket."""
    found, now = open_clinic.find(), clock.now()
    assert found is not None
    queue_id = queues.queue_of_department(found.department_id).queue_id
    others = [row.ticket for row in queues.waiting(SYSTEM, queue_id, found.practitioner_ids[0], now=now) if row.ticket.label != label]
    for ticket in others:
        queueing.leave(actor=SYSTEM, now=now, ticket_id=ticket.ticket_id)
    return len(others)


def open_next_week() -> bool:
    """A morning of the first doctor in a week, unless there is a coming day already: somewhere the return visit must go."""
    found, now = open_clinic.find(), clock.now()
    assert found is not None
    offer = offers.offer_of_doctor(department_id=found.department_id, practitioner_id=found.practitioner_ids[0], now=now, days=14)
    if any(day.day > service_date(now) for day in offer.days):
        return False
    morning = instant_at(service_date(now) + timedelta(days=7), time(8))
    scheduling.publish_session(
        actor=SYSTEM,
        now=now,
        practitioner_id=found.practitioner_ids[0],
        department_id=found.department_id,
        room_id=found.room_ids[0],
        starts_at=morning,
        ends_at=morning + timedelta(hours=3),
        number_class=NumberClass.ORDINARY,
        per_window=4,
        visible_at=now,
    )
    return True


def witnessed(person_id: str) -> dict[str, list[str]]:
    """Who opened somebody's record, and what was done in it."""
    rows = audit.entries(person_id=UUID(person_id))
    return {"opened_by": sorted({row.actor_kind for row in rows}), "acts": sorted({row.act for row in rows})}


def _van(doctor: Actor, hospital_id: UUID, department_id: UUID, now: datetime) -> UUID:
    """Tomorrow's van of the village: one person who agreed, with a wish, and one without."""
    (village_id,) = access.nodes_with(doctor, TRIP_PLAN)
    morning = instant_at(service_date(now) + timedelta(days=1), time(7))
    trip_id = trips.plan_trip(
        actor=doctor,
        now=now,
        id=new_id(),
        village_id=village_id,
        hospital_id=hospital_id,
        leaves_at=morning,
        arrives_at=morning + timedelta(hours=1),
        returns_at=morning + timedelta(hours=6),
        seats=10,
    )
    going = [each.id for each in county(1, service_date(now)).residents[-60:-58]]
    first, _ = (trips.add_person(actor=doctor, now=now, trip_id=trip_id, person_id=each, consent="本人当面同意") for each in going)
    trip_actions.set_wish(actor=doctor, seat_id=first, department_id=department_id)
    return trip_id


def scene() -> dict[str, Any]:
    """Play so far that every page has something to show; returns the ids that stand in addresses, by the name of the argument."""
    now = clock.now()
    world = county(1, service_date(now))
    mother, child, grandmother, husband = (
        world.person(part).id for part in ("demo_patient", "demo_child", "demo_grandmother", "demo_husband")
    )
    account = next(link for link in people.links_of_person(SYSTEM, mother) if link.relation is Relation.SELF)
    patient = Actor(ActorKind.PATIENT, account.account_id)
    clinic = open_clinic.find()
    assert clinic is not None
    users = {each.username: each for each in get_user_model().objects.all()}
    doctor, clerk = (access.actor_of_user(users[name], None) for name in ("1001", "2001"))
    doctor_id, room_id = clinic.practitioner_ids[0], clinic.room_ids[0]

    here = _Booker(patient, clinic.department_id, doctor_id, now)
    came = here.book(mother, days=1)
    waits = here.book(child, days=1)
    paid, owing = here.book(grandmother, days=1), here.book(husband, days=1)
    for each in (came, waits, paid):
        paying.take_cash(actor=clerk, now=now, charge_ids=[each.charge_id], tendered_fen=100_00, idempotency_key=new_id())
    for each in (came, waits):
        arriving.check_in(
            actor=clerk, now=now, appointment_id=each.appointment_id, payer_category=PayerCategory.RESIDENT, credential=Credential.ID_CARD
        )
    ticket = queues.facts_ticket_of_appointment(came.appointment_id)
    assert ticket is not None
    queueing.call_ticket(actor=doctor, now=now, ticket_id=ticket.ticket_id, practitioner_id=doctor_id, room_id=room_id)
    encounter_id = consulting.start(actor=doctor, now=now, ticket_id=ticket.ticket_id)
    lab = visits.search_orderables("血常规", OrderKind.LAB)[0]
    order_id = consulting.order_lab(actor=doctor, now=now, encounter_id=encounter_id, code=lab.code)
    condition_id = encounters.add_diagnosis(actor=doctor, now=now, encounter_id=encounter_id, code="J06.900", primary=True)

    elsewhere = next(
        offer for offer in schedule.departments_with_sessions(clinic.organization_id, now) if offer.department_id != clinic.department_id
    )
    colleague = offers.doctors_of(elsewhere.department_id, now=now)[0].doctor.id
    there = _Booker(patient, elsewhere.department_id, colleague, now)
    booked = there.book(grandmother, days=14)
    there.passed_by = 1
    cancelled = there.book(mother, days=14)
    booking.cancel(actor=patient, now=now, appointment_id=cancelled.appointment_id, reason=CancelReason.PLAN_CHANGED)
    held = there.book(child, days=14, at_hospital=False)
    started = paying.start(
        actor=patient, now=now, charge_ids=[held.charge_id], channel=PaymentChannel.WECHAT, idempotency_key=new_id(), return_url="/"
    )
    missed, appealed = there.book(mother, days=14), there.book(husband, days=14)
    Appointment.objects.filter(pk__in=[missed.appointment_id, appealed.appointment_id]).update(
        status=AppointmentStatus.NOSHOW, closed_at=now
    )
    appeal_id = conduct.submit_appeal(actor=patient, now=now, appointment_id=appealed.appointment_id, words="那天在县急救站。")
    case = ReviewCase.objects.create(
        subject_kind="account",
        subject_id=str(account.account_id),
        pattern=ReviewPattern.MANY_PATIENTS.value,
        evidence={"patients": 9, "days": 30},
        seen_at=now,
    )
    entry_id, offer_id = _waits(there, husband)
    past = next(each for each in visits.timeline(SYSTEM, mother, now=now) if each.encounter_id != encounter_id)
    free = there.window(14)
    return {
        "account_id": account.account_id,
        "person_id": mother,
        "child_id": child,
        "organization_id": clinic.organization_id,
        "department_id": elsewhere.department_id,
        "practitioner_id": colleague,
        "clinic_department_id": clinic.department_id,
        "clinic_practitioner_id": doctor_id,
        "room_id": room_id,
        "queue_id": ticket.queue_id,
        "ticket_id": ticket.ticket_id,
        "encounter_id": encounter_id,
        "past_encounter_id": past.encounter_id,
        "order_id": order_id,
        "condition_id": condition_id,
        "appointment_id": booked.appointment_id,
        "arrived_id": waits.appointment_id,
        "held_id": held.appointment_id,
        "entry_id": entry_id,
        "offer_id": offer_id,
        "cancelled_id": cancelled.appointment_id,
        "missed_id": missed.appointment_id,
        "appealed_id": appealed.appointment_id,
        "appeal_id": appeal_id,
        "case_id": case.id,
        "payment_id": started.payment_id,
        "session_id": free.session_id,
        **_standing(elsewhere.department_id, now),
        **_forecast(free.session_id, now),
        **_changed(patient, child, {clinic.department_id, elsewhere.department_id}, clinic.organization_id, now),
        "slot": f"{free.session_id}_{int(free.start.timestamp())}",
        "kind": "pregnancy",
        "mode": "team",
        "search_kind": "dx",
        "rule_id": "F3-5",
        "user_id": users["3001"].id,
        "trip_id": _van(access.actor_of_user(users["5001"], None), clinic.organization_id, clinic.department_id, now),
        "walkers": [each.number for each in world.residents[-40:] if each.number][-12:],
        "paid_id": paid.appointment_id,
        "owing_id": owing.appointment_id,
    } | {
        f"{whose}_{name}": value
        for whose, each in (("paid", paid), ("owing", owing), ("arrived", waits))
        for name, value in _voucher(each.appointment_id).items()
    }


def _forecast(session_id: UUID, now: datetime) -> dict[str, UUID]:
    """Two weeks of forecasts for the department of a session, the first with its outcome, the last with a proposal."""
    session = ClinicSession.objects.get(pk=session_id)
    inputs = {
        "same_weekdays": [["2026-02-03", 18], ["2026-02-10", 22]],
        "typical": 20.0,
        "recent_days": [["2026-02-24", 24]],
        "recent_sum": 24,
        "recent_typical_sum": 20.0,
        "trend_percent": 120.0,
        "holiday_neighbours": 0,
        "holiday_percent": 100.0,
    }
    rows = [
        DemandForecast.objects.create(
            department_id=session.department_id,
            service_date=session.service_date - timedelta(days=back),
            half_day=session.half_day,
            made_at=now,
            expected=24 + back % 5,
            last_week=20 + back % 7,
            actual=22 + back % 6 if back else None,
            inputs=inputs,
        )
        for back in range(14, -1, -1)
    ]
    proposal = CapacityProposal.objects.create(
        forecast=rows[-1], session=session, capacity_before=session.capacity, capacity_proposed=session.capacity + 3, made_at=now
    )
    return {"forecast_id": rows[-1].pk, "proposal_id": proposal.pk, "forecast_department_id": session.department_id}


def _standing(department_id: UUID, now: datetime) -> dict[str, UUID]:
    """A standing clinic, a day away far ahead, and a visiting expert of this week."""
    today = service_date(now)
    row = timetables.templates(department_id, on=today)[0]
    far = today + timedelta(days=60)
    away = timetabling.add_exception(
        actor=SYSTEM,
        now=now,
        department_id=department_id,
        practitioner_id=row.practitioner_id,
        first_day=far,
        last_day=far,
        kind=ExceptionKind.LEAVE,
        reason="年休",
    )
    visit = timetables.visiting_sessions(today, 8, now=now)[0]
    return {"template_id": row.id, "exception_id": away.id, "visiting_id": visit.session_id}


def _changed(patient: Actor, person_id: UUID, taken: set[UUID], organization_id: UUID, now: datetime) -> dict[str, UUID]:
    """A visit in a third department whose session was stopped: its owner has not chosen yet, and has to be rung."""
    third = next(
        each for each in schedule.departments_with_sessions(organization_id, now) if each.next_day and each.department_id not in taken
    )
    doctor = offers.doctors_of(third.department_id, now=now)[0].doctor.id
    booked = _Booker(patient, third.department_id, doctor, now).book(person_id, days=14)
    appointment = schedule.facts_appointment(booked.appointment_id)
    changing.stop(actor=SYSTEM, now=now, session_id=appointment.session_id, reason="医生生病")
    notice = changes.newest_notices([appointment.appointment_id])[appointment.appointment_id]
    return {"changed_id": appointment.appointment_id, "change_id": notice.change.change_id, "change_notice_id": notice.notice_id}


def _waits(there: "_Booker", person_id: UUID) -> tuple[UUID, UUID | None]:
    """Somebody on the waiting list, with a place that is offered."""
    today = service_date(there.now)
    wish = waiting.Wish(
        department_id=there.department_id, first_day=today, last_day=today + timedelta(days=14), half_days=(), travel_minutes=10
    )
    (entry_id,) = waiting.join(actor=there.actor, now=there.now, person_ids=[person_id], wish=wish)
    window = there.window(14)
    waiting.offer_place(NextOffer(entry_id, window.session_id, window.start), now=there.now)
    return entry_id, entries.facts_entry(entry_id).offer_id


def _voucher(appointment_id: UUID) -> dict[str, str]:
    facts = schedule.facts_appointment(appointment_id)
    return {"voucher": facts.voucher, "last_four": people.facts_person(facts.person_id).id_last_four}


def add_security_key(username: str) -> int:
    """An account with a security key, without the key: enough for the pages that name and remove it."""
    user = get_user_model().objects.get(username=username)
    data = {"name": "Key in the drawer", "credential": {"clientExtensionResults": {}}}
    return int(Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data).pk)


def demo_phone() -> str:
    """The phone of the family of the tour."""
    return logins()[0].username


@dataclasses.dataclass(slots=True)
class _Booker:
    """Books one doctor's places for the people of an account, the first free ones first."""

    actor: Actor
    department_id: UUID
    practitioner_id: UUID
    now: datetime
    passed_by: int = 0

    def window(self, days: int) -> offers.WindowOnOffer:
        """The next free window."""
        offer = offers.offer_of_doctor(department_id=self.department_id, practitioner_id=self.practitioner_id, now=self.now, days=days)
        free = [window for each in offer.days for window in offers.windows_on(offer, each.day, now=self.now) if window.free]
        return free[self.passed_by]

    def book(self, person_id: UUID, *, days: int, at_hospital: bool = True) -> Any:
        """One booking."""
        window = self.window(days)
        return booking.book(
            actor=self.actor,
            now=self.now,
            person_id=person_id,
            session_id=window.session_id,
            window_start=window.start,
            channel=BookingChannel.WEB,
            pay_at_arrival=at_hospital,
            idempotency_key=new_id(),
        )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](*json.loads(sys.argv[2])), ensure_ascii=False, default=str))
