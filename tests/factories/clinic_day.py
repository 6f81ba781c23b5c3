"""A day at internal medicine: sessions today and tomorrow, an account with its family, a doctor, a clerk, a payment channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeKind, PaymentChannel, PaymentRequest, ProviderReceipt, ProviderUnavailable, RefundRequest
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import Answer, Frequency, PayerCategory, Route
from jiuyi.domains.identity.words import Credential, Relation
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import BookingChannel, NumberClass
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.journeys import arriving, booking, consulting, paying
from jiuyi.journeys.booking import APPOINTMENT, Booked
from jiuyi.journeys.consulting import Prescription
from jiuyi.kernel.ids import new_id
from tests.factories import people, rooms
from tests.factories.rooms import NOW, Room

OPENS = NOW + timedelta(hours=1)  # today, 10:00
TOMORROW = NOW + timedelta(days=1)  # tomorrow, 09:00
MINUTE = timedelta(minutes=1)
PHONE = "12000000001"
LAB, LAB_FEN = "LAB-CBC", 2000
DRUG, DRUG_FEN = "DRG-AMX", 1260
RETURN_URL = "https://example.test/back"


class Channel:
    """A payment channel that does as it is told."""

    def __init__(self) -> None:
        self.silent = False
        self.refunded: list[RefundRequest] = []

    def start(self, payment: PaymentRequest, *, return_url: str) -> str:
        """The address of the cashier page."""
        if self.silent:
            raise ProviderUnavailable
        return f"/cashier-of-tests/{payment.payment_id}/?back={return_url}"

    def refund(self, refund: RefundRequest) -> str:
        """Give back."""
        self.refunded.append(refund)
        return f"R{refund.refund_id.hex}"

    def query(self, payment_id: UUID) -> list[ProviderReceipt]:
        """Nothing was ever lost."""
        return []


@dataclass(frozen=True)
class ClinicDay:
    """What the tests of journeys and of the patient's pages need to know."""

    room: Room
    today_id: UUID
    tomorrow_id: UUID
    account: Actor
    person_id: UUID  # verified
    mother_id: UUID  # claimed only

    @property
    def hospital_id(self) -> UUID:
        """The hospital."""
        return self.room.county.hospital_id


def clinic_day() -> ClinicDay:
    """Two sessions of one doctor with one place in each window; 李秀兰 is verified, 陈阿婆 only claimed."""
    room = rooms.waiting_room()
    account = people.signed_in(PHONE)
    person_id = people.claim(account)
    people.verify(account, person_id, room.county.hospital_id)
    mother_id = people.claim(account, name="陈阿婆", number=people.id_number(people.date(1940, 2, 3), serial=31), relation=Relation.PARENT)
    for code, kind, fen in ((LAB, ChargeKind.LAB, LAB_FEN), (DRUG, ChargeKind.DRUG, DRUG_FEN)):
        billing.add_price(code=code, name=code, kind=kind, unit_price_fen=fen, valid_from=NOW - timedelta(days=30))
    return ClinicDay(room, publish(room, OPENS), publish(room, TOMORROW), account, person_id, mother_id)


def publish(
    room: Room,
    starts_at: datetime,
    *,
    minutes: int = 60,
    number_class: NumberClass = NumberClass.ORDINARY,
    practitioner_id: UUID | None = None,
) -> UUID:
    """A session with one place in each window of 15 minutes."""
    return scheduling.publish_session(
        actor=SYSTEM,
        now=NOW - timedelta(days=2),
        practitioner_id=practitioner_id or room.practitioner_id,
        department_id=room.department_id,
        room_id=room.room_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        number_class=number_class,
        per_window=1,
        visible_at=NOW - timedelta(days=1),
    )


def book(
    day: ClinicDay,
    *,
    person_id: UUID | None = None,
    session_id: UUID | None = None,
    window_start: datetime = TOMORROW,
    online: bool = False,
    now: datetime = NOW,
    key: UUID | None = None,
    actor: Actor | None = None,
) -> Booked:
    """Book as the phone does; tomorrow at nine unless told otherwise."""
    return booking.book(
        actor=actor or day.account,
        now=now,
        person_id=person_id or day.person_id,
        session_id=session_id or (day.today_id if window_start < TOMORROW else day.tomorrow_id),
        window_start=window_start,
        channel=BookingChannel.WEB,
        pay_at_arrival=not online,
        idempotency_key=key or new_id(),
    )


def begin_payment(day: ClinicDay, charge_ids: list[UUID], *, now: datetime = NOW, key: UUID | None = None) -> UUID:
    """Open an online payment and go to the channel."""
    started = paying.start(
        actor=day.account,
        now=now,
        charge_ids=charge_ids,
        channel=PaymentChannel.WECHAT,
        idempotency_key=key or new_id(),
        return_url=RETURN_URL,
    )
    return started.payment_id


def arrives(payment_id: UUID, *, reference: str = "T1", now: datetime = NOW, fen: int | None = None) -> None:
    """The channel's call-back."""
    amount_fen = bills.facts_payment(payment_id).amount_fen if fen is None else fen
    paying.receive_callback(payment_id=payment_id, provider_reference=reference, amount_fen=amount_fen, now=now)


def paid_booking(day: ClinicDay, *, window_start: datetime = OPENS, person_id: UUID | None = None) -> UUID:
    """A booking whose fee was paid on the phone."""
    booked = book(day, window_start=window_start, online=True, person_id=person_id)
    arrives(begin_payment(day, [booked.charge_id]), reference=f"T-{booked.appointment_id}")
    return booked.appointment_id


def checks_in(day: ClinicDay, appointment_id: UUID, *, now: datetime = OPENS) -> arriving.CheckedIn:
    """At the desk, with the ID card."""
    return arriving.check_in(
        actor=day.room.clerk,
        now=now,
        appointment_id=appointment_id,
        payer_category=PayerCategory.RESIDENT,
        credential=Credential.ID_CARD,
    )


def enters(day: ClinicDay, checked_in: arriving.CheckedIn, *, now: datetime = OPENS) -> UUID:
    """Called and in the room; the encounter."""
    called = consulting.call_next(actor=day.room.doctor, now=now, queue_id=day.room.queue_id, room_id=day.room.room_id)
    assert called is not None
    assert called.ticket_id == checked_in.ticket_id
    return consulting.start(actor=day.room.doctor, now=now, ticket_id=called.ticket_id)


def diagnoses(day: ClinicDay, encounter_id: UUID, *, now: datetime = OPENS) -> None:
    """The doctor asks about allergies, writes and signs (needs the fixture ``lists``)."""
    doctor = day.room.doctor
    encounters.record_allergy_status(actor=doctor, now=now, encounter_id=encounter_id, status=Answer.NONE)
    encounters.add_diagnosis(actor=doctor, now=now, encounter_id=encounter_id, code="J06.900")
    note_id = encounters.save_note(
        actor=doctor,
        now=now,
        encounter_id=encounter_id,
        complaint="咽痛两天",
        history="无发热",
        exam="咽部充血",
        plan="多喝水，三天不好再来",
    )
    encounters.sign_note(actor=doctor, now=now, note_id=note_id)


def orders(day: ClinicDay, encounter_id: UUID, *, now: datetime = OPENS) -> tuple[UUID, UUID]:
    """A blood count and a drug, each on the bill."""
    doctor = day.room.doctor
    lab_id = consulting.order_lab(actor=doctor, now=now, encounter_id=encounter_id, code=LAB)
    line = Prescription(code=DRUG, dose="0.5g", route=Route.ORAL, frequency=Frequency.THRICE, days=5, quantity=2)
    return lab_id, consulting.order_medication(actor=doctor, now=now, encounter_id=encounter_id, line=line)


def charge_of(source_id: UUID, *, kind: str = APPOINTMENT) -> bills.ChargeFacts:
    """The one charge of a thing."""
    (charge,) = bills.facts_charges(source_kind=kind, source_ids=[source_id])
    return charge


def status_of(appointment_id: UUID) -> object:
    """The state of a booking."""
    return schedule.facts_appointment(appointment_id).status


def status_of_order(order_id: UUID) -> object:
    """The state of an order."""
    return visits.facts_order(order_id).status
