"""A small hospital with one clinic, people to book for, and charges to pay; everything through the departments' own doors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

from django.db import connection, connections

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing.words import ChargeKind
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import Sex
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory, OrganizationKind, PractitionerTitle, RoomKind
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.words import BookingChannel, NumberClass
from jiuyi.foundation import scopes
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id

NOW = datetime(2026, 3, 2, 0, tzinfo=UTC)  # a Monday, 08:00 in Shanghai
OPENS = datetime(2026, 3, 3, 0, tzinfo=UTC)  # Tuesday 08:00
PATIENT = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
CLERK = Actor(ActorKind.STAFF, new_id(), request_id=new_id())


@dataclass(frozen=True)
class Clinic:
    """One hospital, one department, one room, one doctor."""

    organization_id: UUID
    department_id: UUID
    room_id: UUID
    practitioner_id: UUID


def clinic() -> Clinic:
    """Enter the hospital; the tree's root is planted when there is none."""
    scopes.forget()
    try:
        scopes.root_id()
    except Exception:  # noqa: BLE001  # an empty tree refuses
        scopes.add_node(parent_id=None, name="县")
    hospital = organizations.add_organization(actor=SYSTEM, now=NOW, kind=OrganizationKind.COUNTY_HOSPITAL, name="清河县人民医院")
    department = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=hospital, name="心血管内科", code="0301", category=DepartmentCategory.INTERNAL
    )
    building = organizations.add_building(actor=SYSTEM, now=NOW, organization_id=hospital, name="门诊楼")
    room = organizations.add_room(
        actor=SYSTEM,
        now=NOW,
        building_id=building,
        floor=3,
        number="305",
        name="心内一诊室",
        kind=RoomKind.CONSULTING,
        department_id=department,
    )
    return Clinic(hospital, department, room, doctor(hospital))


def doctor(organization_id: UUID, name: str = "周启明") -> UUID:
    """A practitioner of the hospital."""
    return organizations.add_practitioner(
        actor=SYSTEM, now=NOW, name=name, title=PractitionerTitle.ATTENDING, home_organization_id=organization_id
    )


def session(
    where: Clinic,
    *,
    starts_at: datetime = OPENS,
    minutes: int = 60,
    per_window: int = 1,
    number_class: NumberClass = NumberClass.ORDINARY,
    visible_at: datetime = NOW - timedelta(days=1),
    practitioner_id: UUID | None = None,
    department_id: UUID | None = None,
    now: datetime = NOW,
) -> UUID:
    """A published session in windows of 15 minutes."""
    return scheduling.publish_session(
        actor=SYSTEM,
        now=now,
        practitioner_id=practitioner_id or where.practitioner_id,
        department_id=department_id or where.department_id,
        room_id=where.room_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        number_class=number_class,
        per_window=per_window,
        visible_at=visible_at,
    )


def person(where: Clinic, name: str = "张明", birth_date: date | None = date(1980, 5, 1)) -> UUID:
    """A person registered at the desk without a number."""
    return identity.register_person(
        actor=SYSTEM, now=NOW, organization_id=where.organization_id, name=name, sex=Sex.MALE, birth_date=birth_date
    )


def people(where: Clinic, count: int) -> list[UUID]:
    """Several persons."""
    return [person(where, name=f"张{chr(0x4E00 + 200 + number)}") for number in range(count)]


def book(
    session_id: UUID,
    person_id: UUID,
    *,
    window_start: datetime = OPENS,
    now: datetime = NOW,
    held_until: datetime | None = None,
    key: str | UUID | None = None,
    actor: Actor = PATIENT,
    channel: BookingChannel = BookingChannel.WEB,
    fee_fen: int = 1500,
) -> scheduling.AppointmentRef:
    """Take a place."""
    return scheduling.claim_place(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        window_start=window_start,
        channel=channel,
        account_id=actor.id if actor.kind is ActorKind.PATIENT else None,
        fee_fen=fee_fen,
        fee_rule=None,
        held_until=held_until,
        pay_at_arrival=held_until is None,
        idempotency_key=key or new_id(),
    )


def charge(
    where: Clinic,
    person_id: UUID,
    *,
    fen: int = 1500,
    source_id: UUID | None = None,
    kind: ChargeKind = ChargeKind.REGISTRATION,
    source_kind: str = "appointment",
    now: datetime = NOW,
) -> UUID:
    """Something to pay."""
    return billing.add_charge(
        actor=SYSTEM,
        now=now,
        person_id=person_id,
        organization_id=where.organization_id,
        source_kind=source_kind,
        source_id=source_id or new_id(),
        kind=kind,
        description="诊查费",
        quantity=1,
        unit_price_fen=fen,
    )


def _own_connection() -> None:
    """A connection outside the pool: the pool would let only sixteen of them race."""
    pooled = connections["default"]
    options = {name: value for name, value in pooled.settings_dict["OPTIONS"].items() if name != "pool"}
    connections["default"] = type(pooled)({**pooled.settings_dict, "OPTIONS": options}, "default")
    connections["default"].ensure_connection()


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all acts in threads of their own, released by one barrier; each result, or the exception that came instead."""
    barrier = Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            _start_together()
            results[number] = act()
        except BaseException as error:  # noqa: BLE001  # what came is the result
            results[number] = error
        finally:
            connection.close()

    def _start_together() -> None:
        try:
            _own_connection()
            barrier.wait(timeout=60)
        except BaseException:
            barrier.abort()  # nobody waits for a thread that could not start
            raise

    threads = [Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results
