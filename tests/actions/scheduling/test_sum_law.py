"""Whatever happens in whatever order: every place is accounted for, none is taken twice, no booking goes without an act.

Random sequences of booking, holding, cancelling, expiring, arriving, absence, raising, lowering, stopping, delaying, substituting,
moving, waiting and time going by, against the real database. Seen to fail with a ``give_back_place`` that leaves the capacity of a
stopped session alone, a lowering that withdraws one place too few, a delay that leaves the appointments at their old windows,
a move that keeps the old place taken, and a cancellation that does not free its place.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.actions import capacity, moving, waiting
from jiuyi.domains.scheduling.models import Appointment, ClinicSession, Place, WaitingEntry, WaitingOffer
from jiuyi.domains.scheduling.words import (
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    MoveReason,
    OfferState,
    Party,
    PlaceState,
    Reach,
    WaitingState,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Refusal
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SESSIONS, PEOPLE = 3, 8
A_SESSION = st.integers(0, SESSIONS - 1)
A_PERSON = st.integers(0, PEOPLE - 1)
ANY = st.integers(0, 99)  # reduced to what there is
SELDOM = 40  # of a hundred
ACTS = ("book", "cancel_appointment", "raise", "lower", "stop", "delay")  # these at least, in every run
CHANNELS = st.sampled_from([BookingChannel.WINDOW, BookingChannel.PHONE, BookingChannel.FAMILY_DOCTOR])


class SumLaw(RuleBasedStateMachine):
    """Two clinics of one department on Tuesday (the second not released yet), one on Wednesday, and eight people."""

    clinic: ClassVar[schedules.Clinic]
    people: ClassVar[list[UUID]]
    doctors: ClassVar[list[UUID]]
    done: ClassVar[Counter[str]]

    @initialize()
    def open_the_clinic(self) -> None:
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        # What the acts so far say of every appointment: its status and its place.
        self.known: dict[UUID, tuple[AppointmentStatus, UUID]] = {}
        plans = ((OPENS, NOW - DAY), (OPENS, NOW + 30 * MINUTE), (OPENS + DAY, NOW - DAY))
        self.sessions = [
            schedules.session(self.clinic, starts_at=starts_at, per_window=2, minutes=45, visible_at=visible_at, practitioner_id=doctor)
            for (starts_at, visible_at), doctor in zip(plans, self.doctors, strict=False)
        ]
        for session in range(SESSIONS):  # so that there is somebody whom the acts concern
            self.several_book(first=2 * session, session=session, channel=BookingChannel.WINDOW)
        self.wait(person=PEOPLE - 1)

    def teardown(self) -> None:
        if hasattr(self, "example"):
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    # What patients, clerks and time do.

    @rule(minutes=st.sampled_from([1, 5, 10, 16, 45]))
    def time_goes_by(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(minutes=st.integers(0, 50), chance=ANY)
    def the_clinic_opens(self, minutes: int, chance: int) -> None:
        if chance < SELDOM:
            self.now = max(self.now, OPENS + minutes * MINUTE)

    @rule(chance=ANY)
    def the_day_is_over(self, chance: int) -> None:
        if chance < SELDOM:
            self.now = max(self.now, OPENS + 10 * 60 * MINUTE)

    @rule(person=A_PERSON, session=A_SESSION, window=ANY, channel=CHANNELS, held=st.booleans())
    def book(self, *, person: int, session: int, window: int, channel: BookingChannel, held: bool) -> None:
        with self.perhaps("book"):
            taken = schedules.book(
                self.sessions[session], self.people[person], window_start=self.window(session, window), now=self.now,
                held_until=self.now + 15 * MINUTE if held else None, actor=CLERK, channel=channel,
            )  # fmt: skip
            place = Place.objects.get(pk=queries.facts_appointment(taken.appointment_id).place_id)
            assert place.visible_at <= self.now < place.window_end, "nobody books before the release or after the end"
            self.known[taken.appointment_id] = (taken.status, place.pk)

    @rule(first=A_PERSON, session=A_SESSION, channel=CHANNELS)
    def several_book(self, *, first: int, session: int, channel: BookingChannel) -> None:
        for number in range(4):
            self.book(person=(first + number) % PEOPLE, session=session, window=number, channel=channel, held=number == 3)

    @rule(which=ANY, reason=st.sampled_from([CancelReason.PLAN_CHANGED, CancelReason.SESSION_STOPPED]))
    def cancel(self, which: int, reason: CancelReason) -> None:
        self.with_one(which, AppointmentStatus.CANCELLED, actions.cancel_appointment, actor=CLERK, reason=reason)

    @rule(which=ANY)
    def pay(self, which: int) -> None:
        if (one := self.one_of(which, AppointmentStatus.HELD)) is not None:
            self.with_appointment(one, AppointmentStatus.BOOKED, actions.confirm_appointment, actor=SYSTEM)

    @rule(which=ANY, seen=st.booleans())
    def arrive(self, *, which: int, seen: bool) -> None:
        if (one := self.one_of(which, AppointmentStatus.BOOKED)) is not None:
            self.with_appointment(one, AppointmentStatus.ARRIVED, actions.mark_arrived, actor=CLERK)
            if seen:
                self.with_appointment(one, AppointmentStatus.FULFILLED, actions.mark_fulfilled, actor=CLERK)

    @rule()
    def holds_expire_and_the_absent_are_marked(self) -> None:
        expired, absent = actions.expire_holds(now=self.now), actions.mark_noshows(now=self.now)
        self.note(expired, AppointmentStatus.EXPIRED)
        self.note(absent, AppointmentStatus.NOSHOW)
        self.done["expire"] += len(expired)
        self.done["mark_noshow"] += len(absent)

    @rule(which=ANY, session=A_SESSION, window=ANY, extra=st.booleans())
    def move(self, *, which: int, session: int, window: int, extra: bool) -> None:
        if (one := self.one_of(which)) is None:
            return
        with self.perhaps("move"):
            moved = moving.move_appointment(
                actor=CLERK, now=self.now, appointment_id=one, session_id=self.sessions[session],
                window_start=self.window(session, window), reason=MoveReason.PATIENT, by=Party.STAFF, idempotency_key=new_id(), extra=extra,
            )  # fmt: skip
            assert moved.from_place_id == self.known[one][1]
            self.known[one] = (self.known[one][0], moved.to_place_id)

    # What the hospital does.

    @rule(session=A_SESSION, places=st.integers(1, 5))
    def raise_by(self, session: int, places: int) -> None:
        with self.perhaps("raise"):
            changed = capacity.raise_session(actor=SYSTEM, now=self.now, session_id=self.sessions[session], places=places)
            assert changed.after - changed.before == places

    @rule(session=A_SESSION, fewer=st.integers(1, 5))
    def lower_by(self, session: int, fewer: int) -> None:
        with self.perhaps("lower"):
            before = ClinicSession.objects.get(pk=self.sessions[session]).capacity
            capacity.lower_session(actor=SYSTEM, now=self.now, session_id=self.sessions[session], to_capacity=before - fewer)

    @rule(session=A_SESSION, chance=ANY, leaving=st.integers(0, 3))
    def stop(self, session: int, chance: int, leaving: int) -> None:
        if chance >= SELDOM // 2:
            return
        with self.perhaps("stop"):
            affected = actions.stop_session(actor=SYSTEM, now=self.now, session_id=self.sessions[session])
            alive = {one for one, (status, place) in self.known.items() if status in {"held", "booked", "arrived"}}
            here = set(Appointment.objects.filter(session_id=self.sessions[session]).values_list("pk", flat=True))
            assert set(affected) == alive & here, "everybody who is booked is told, nobody else"
            for one in affected[:leaving]:
                self.with_appointment(
                    one, AppointmentStatus.CANCELLED, actions.cancel_appointment, actor=CLERK, reason=CancelReason.SESSION_STOPPED
                )

    @rule(session=A_SESSION, minutes=st.sampled_from([None, 10, 30]), chance=ANY)
    def delay(self, session: int, minutes: int | None, chance: int) -> None:
        if chance >= SELDOM:
            return
        with self.perhaps("delay"):
            actions.delay_session(actor=SYSTEM, now=self.now, session_id=self.sessions[session], minutes=minutes, reason="手术未完")

    @rule(session=A_SESSION, doctor=ANY)
    def substitute(self, session: int, doctor: int) -> None:
        with self.perhaps("substitute"):
            practitioner_id = self.doctors[doctor % len(self.doctors)]
            actions.substitute_session(
                actor=SYSTEM, now=self.now, session_id=self.sessions[session], practitioner_id=practitioner_id, reason="外出会诊"
            )

    # The waiting list.

    @rule(person=A_PERSON)
    def wait(self, person: int) -> None:
        with self.perhaps("wait"):
            waiting.join(
                actor=CLERK, now=self.now, person_id=self.people[person], department_id=self.clinic.department_id,
                first_day=service_date(OPENS), last_day=service_date(OPENS + DAY), half_days=[], travel_minutes=30, reach=Reach.CALL_LIST,
            )  # fmt: skip

    @rule(which=ANY, window=ANY, takes=st.sampled_from([None, True, False]))
    def offer(self, *, which: int, window: int, takes: bool | None) -> None:
        for session in range(SESSIONS):
            entries = WaitingEntry.objects.filter(state=WaitingState.WAITING).order_by("joined_at", "pk").values_list("pk", flat=True)
            if entries:
                self.offer_place(entries[which % len(entries)], self.sessions[session], self.window(session, window))
        if takes is not None:
            self.answer(takes=takes)

    def offer_place(self, entry_id: UUID, session_id: UUID, window_start: Any) -> None:
        with self.perhaps("offer"):
            offered = waiting.offer(
                actor=SYSTEM, now=self.now, entry_id=entry_id, session_id=session_id, window_start=window_start, fee_fen=1500, fee_rule=None
            )
            if offered is not None:
                (made,) = Appointment.objects.exclude(pk__in=self.known)
                self.known[made.pk] = (AppointmentStatus.HELD, made.place_id)

    @rule(takes=st.booleans())
    def answer(self, *, takes: bool) -> None:
        offer = WaitingOffer.objects.filter(state=OfferState.OPEN).order_by("offered_at", "pk").first()
        if offer is None:
            return
        act, status = (waiting.accept, AppointmentStatus.BOOKED) if takes else (waiting.decline, AppointmentStatus.CANCELLED)
        with self.perhaps("answer"):
            self.note([act(actor=CLERK, now=self.now, offer_id=offer.pk)], status)

    # The laws.

    @invariant()
    def every_place_is_accounted_for(self) -> None:
        if hasattr(self, "sessions"):
            assert queries.place_differences(now=self.now) == []

    @invariant()
    def no_booking_changes_without_an_act(self) -> None:
        if hasattr(self, "sessions"):
            rows = Appointment.objects.values_list("pk", "status", "place_id")
            assert {pk: (status, place) for pk, status, place in rows} == self.known

    @invariant()
    def what_is_stopped_sells_nothing(self) -> None:
        if hasattr(self, "sessions"):
            assert not Place.objects.filter(session__status="stopped", state=PlaceState.FREE).exists()

    # How an act is done.

    @contextmanager
    def perhaps(self, act: str) -> Any:
        """A refusal is an answer, and leaves everything as it was: the laws look."""
        with suppress(Refusal):
            with transaction.atomic():
                yield
            self.done[act] += 1

    def window(self, session: int, number: int) -> Any:
        starts = sorted(set(Place.objects.filter(session_id=self.sessions[session], extra=False).values_list("window_start", flat=True)))
        return starts[number % len(starts)]

    def one_of(self, which: int, *statuses: AppointmentStatus) -> UUID | None:
        wanted = statuses or (AppointmentStatus.HELD, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
        found = [one for one, (status, _) in self.known.items() if status in wanted]
        return found[which % len(found)] if found else None

    def with_one(self, which: int, after: AppointmentStatus, act: Callable[..., Any], **arguments: Any) -> None:
        if (one := self.one_of(which)) is not None:
            self.with_appointment(one, after, act, **arguments)

    def with_appointment(self, one: UUID, after: AppointmentStatus, act: Callable[..., Any], **arguments: Any) -> None:
        with self.perhaps(act.__name__):
            act(now=self.now, appointment_id=one, **arguments)
            self.note([one], after)

    def note(self, appointment_ids: list[UUID], status: AppointmentStatus) -> None:
        for one in appointment_ids:
            self.known[one] = (status, self.known[one][1])


@pytest.mark.catalogue("C1", part="the sum law holds after every step of random sequences of all acts")
def test_the_law_of_sums_holds_whatever_happens(monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda bound: bound // 2)  # the same sequences in every run
    SumLaw.clinic = schedules.clinic()
    SumLaw.people = schedules.people(SumLaw.clinic, PEOPLE)
    SumLaw.doctors = [schedules.doctor(SumLaw.clinic.organization_id, f"周启{name}") for name in "甲乙丙丁"]
    SumLaw.done = Counter()
    run_state_machine_as_test(
        SumLaw,
        settings=settings(
            max_examples=30,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert all(SumLaw.done[act] for act in ACTS), f"too seldom to prove anything: {SumLaw.done}"
