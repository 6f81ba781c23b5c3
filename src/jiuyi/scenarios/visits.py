"""Life in the county on the day of loading: visits of the past, people waiting in the open clinic, bookings for the next days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters.words import Allergy, Answer, PayerCategory
from jiuyi.domains.identity.words import Credential, Sex
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketCategory
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, system
from jiuyi.journeys import booking, consulting
from jiuyi.kernel import clock
from jiuyi.kernel.refusals import Refusal
from jiuyi.scenarios.county.world import Department, Resident, Session, World, world_id

ACTOR = system("scenarios.visits")
PAST_VISITS = 30
WAITING = 8
BOOKINGS = 120
BOOKED_WITHIN = timedelta(days=3)
SLOT = timedelta(minutes=15)
_ADULT = 18
_OLD = 80
_PAYERS = (PayerCategory.RESIDENT, PayerCategory.RESIDENT, PayerCategory.EMPLOYEE, PayerCategory.SELF_PAY)


@dataclass(frozen=True, slots=True)
class _Case:
    """What one visit was about; ``code`` is a code of the shipped ICD-10."""

    code: str
    complaint: str
    history: str
    exam: str
    plan: str


_CASES = (
    _Case(
        "J06.900",
        complaint="咽痛、流涕2天。",
        history="2天前受凉后咽痛、流清涕，低热，无气促。",
        exam="体温37.6℃，咽部充血，双肺呼吸音清。",
        plan="多饮水、休息，对症处理；高热或气促随诊。",
    ),
    _Case(
        "I10.x00x002",
        complaint="发现血压高3年，头晕1周。",
        history="规律服药，近1周家测血压150/95mmHg。",
        exam="血压152/94mmHg，心率76次/分，律齐。",
        plan="调整降压药，低盐饮食，一周后复测血压。",
    ),
    _Case(
        "E11.900",
        complaint="口干、多尿1月。",
        history="糖尿病5年，近1月空腹血糖8–9mmol/L。",
        exam="神志清，足背动脉搏动可。",
        plan="控制饮食，调整降糖药，三个月后复查糖化血红蛋白。",
    ),
    _Case(
        "J20.900",
        complaint="咳嗽、咳痰5天。",
        history="咳少量白痰，无发热，无胸痛。",
        exam="双肺呼吸音粗，未闻及湿啰音。",
        plan="止咳化痰，一周不缓解复诊。",
    ),
    _Case(
        "K21.901",
        complaint="反酸、烧心2周。",
        history="餐后明显，夜间加重，无黑便。",
        exam="腹软，剑突下轻压痛。",
        plan="少食多餐、睡前3小时不进食，口服抑酸药两周。",
    ),
    _Case(
        "J30.400",
        complaint="鼻痒、喷嚏1周。",
        history="遇冷空气和花粉加重。",
        exam="鼻黏膜苍白水肿。",
        plan="避免接触过敏原，抗过敏治疗。",
    ),
    _Case(
        "G47.000x001",
        complaint="入睡困难1月。",
        history="工作压力大，每晚睡4–5小时。",
        exam="神经系统查体未见异常。",
        plan="睡眠卫生指导，两周后复诊。",
    ),
)


def play(world: World, *, now: datetime, progress: Callable[[str, int, int], None]) -> None:
    """Let people have visited, wait, and have booked; what depends on the hour is drawn afresh from ``now``."""
    rng = Random(f"{world.seed}/visits")  # noqa: S311  # nothing here is a secret
    doctors = _doctors(world)
    with transaction.atomic():
        _past_visits(world, doctors, now, rng)
        progress("既往就诊", PAST_VISITS, PAST_VISITS)
        _waiting_room(world, doctors, now, rng)
        progress("候诊", WAITING, WAITING)
        booked = _bookings(world, now, rng)
        progress("预约", booked, booked)


def _doctors(world: World) -> list[Actor]:
    """The doctors of the open clinic as they are when signed in."""
    users = {account.practitioner_id: account.id for account in world.staff}
    found = get_user_model().objects.in_bulk([users[practitioner_id] for practitioner_id in world.open_clinic.practitioner_ids])
    return [access.actor_of_user(found[users[doctor_id]], None) for doctor_id in world.open_clinic.practitioner_ids]


def _past_visits(world: World, doctors: list[Actor], now: datetime, rng: Random) -> None:
    people = [world.person(part) for part in ("demo_patient", "demo_child", "demo_grandmother")]
    people += rng.sample(_adults(world, now), PAST_VISITS - len(people))
    for number, person in enumerate(people):
        doctor = number % len(doctors)
        day = clock.service_date(now) - timedelta(days=rng.randint(10, 200))
        began = clock.day_bounds(day)[0] + timedelta(hours=8, minutes=rng.randrange(480))
        encounter_id = encounters.register_encounter(
            actor=ACTOR,
            now=began,
            person_id=person.id,
            organization_id=world.open_clinic.organization_id,
            department_id=world.open_clinic.department_id,
            practitioner_id=world.open_clinic.practitioner_ids[doctor],
            payer_category=rng.choice(_PAYERS),
            credential=Credential.ID_CARD,
        )
        _ask_allergies(person, encounter_id, began)
        _conduct(doctors[doctor], encounter_id, began + timedelta(minutes=20), rng.choice(_CASES))


def _conduct(doctor: Actor, encounter_id: UUID, began: datetime, case: _Case) -> None:
    ended = began + timedelta(minutes=9)
    encounters.start_encounter(actor=doctor, now=began, encounter_id=encounter_id)
    encounters.add_diagnosis(actor=doctor, now=ended, encounter_id=encounter_id, code=case.code, primary=True)
    note_id = encounters.save_note(
        actor=doctor, now=ended, encounter_id=encounter_id, complaint=case.complaint, history=case.history, exam=case.exam, plan=case.plan
    )
    encounters.sign_note(actor=doctor, now=ended, note_id=note_id)
    encounters.finish_encounter(actor=doctor, now=ended, encounter_id=encounter_id)


def _waiting_room(world: World, doctors: list[Actor], now: datetime, rng: Random) -> None:
    """Eight people came in the last hour; the second doctor has one of them in the room, the demo doctor's list waits."""
    clinic = world.open_clinic
    queue_id = queues.queue_of_department(clinic.department_id).queue_id
    midnight = clock.day_bounds(clock.service_date(now))[0]
    waiting = rng.sample(_adults(world, now), WAITING)
    for rank, person in enumerate(waiting):
        came = max(now - timedelta(minutes=6 * (WAITING - rank)), midnight)
        doctor = clinic.practitioner_ids[0 if rank in (2, 5) else 1]
        old = clock.completed_years(person.birth_date, clock.service_date(now)) >= _OLD
        ticket = queueing.check_in(
            actor=ACTOR,
            now=came,
            queue_id=queue_id,
            person_id=person.id,
            practitioner_id=doctor,
            category=TicketCategory.PRIORITY if old else TicketCategory.WALK_IN,
            reason="高龄，行走不便" if old else "",
        )
        encounter_id = encounters.register_encounter(
            actor=ACTOR,
            now=came,
            person_id=person.id,
            ticket_id=ticket.ticket_id,
            organization_id=clinic.organization_id,
            department_id=clinic.department_id,
            practitioner_id=doctor,
            payer_category=rng.choice(_PAYERS),
            credential=Credential.ID_CARD,
        )
        _ask_allergies(person, encounter_id, came)
    called = queueing.call_next(
        actor=doctors[1], now=now, queue_id=queue_id, practitioner_id=clinic.practitioner_ids[1], room_id=clinic.room_ids[1]
    )
    if called is not None:
        consulting.start(actor=doctors[1], now=now, ticket_id=called.ticket_id)


def _ask_allergies(person: Resident, encounter_id: UUID, at: datetime) -> None:
    if person.allergies is None:
        return
    encounters.record_allergy_status(
        actor=ACTOR,
        now=at,
        encounter_id=encounter_id,
        status=Answer.PRESENT if person.allergies else Answer.NONE,
        allergies=[Allergy(substance_code=code, reaction="皮疹") for code in person.allergies],
    )


def _bookings(world: World, now: datetime, rng: Random) -> int:
    """Book some of the coming days' places; a place that is refused (full, not released, too many for one day) is left."""
    departments = {department.id: department for department in world.departments}
    people = _unnamed(world)
    coming = [s for s in world.sessions if now < s.starts_at < now + BOOKED_WITHIN and s.visible_at <= now]
    booked = 0
    for number in range(BOOKINGS if coming else 0):
        session = rng.choice(coming)
        person = rng.choice(people)
        if not _suits(person, departments[session.department_id], now):
            continue
        try:
            booking.book(
                actor=ACTOR,
                now=now,
                person_id=person.id,
                session_id=session.id,
                window_start=_window(session, rng),
                channel=BookingChannel.WINDOW,
                pay_at_arrival=True,
                idempotency_key=world_id(world.seed, "booking", number),
            )
        except Refusal:
            continue
        booked += 1
    return booked


def _window(session: Session, rng: Random) -> datetime:
    return session.starts_at + SLOT * rng.randrange((session.ends_at - session.starts_at) // SLOT)


def _suits(person: Resident, department: Department, now: datetime) -> bool:
    years = clock.completed_years(person.birth_date, clock.service_date(now))
    low = department.min_age if department.min_age is not None else _ADULT if department.max_age is None else 0
    high = department.max_age if department.max_age is not None else years
    return low <= years <= high and (department.category is not DepartmentCategory.WOMEN or person.sex is Sex.FEMALE)


def _adults(world: World, now: datetime) -> list[Resident]:
    """Ordinary people who are grown up."""
    today = clock.service_date(now)
    return [person for person in _unnamed(world) if clock.completed_years(person.birth_date, today) >= _ADULT]


def _unnamed(world: World) -> list[Resident]:
    """Everybody but those who play a named part, so that tests of those parts start from nothing."""
    named = set(dict(world.cast).values())
    return [person for person in world.residents if person.id not in named]
