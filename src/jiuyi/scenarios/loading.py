"""Putting a world into an empty database, through the doors that the pages use."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import CareBasis, Credential, NewPerson
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations import queries as directory
from jiuyi.domains.organizations.words import OrganizationKind, StaffRole
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.actions import generating, releasing, timetable
from jiuyi.domains.scheduling.words import SessionKind
from jiuyi.foundation import access, scopes
from jiuyi.foundation.access import system
from jiuyi.kernel.clock import completed_years, service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.scenarios import money, visits
from jiuyi.scenarios.county import county
from jiuyi.scenarios.county.world import StaffAccount, Template, World, world_id
from jiuyi.scenarios.families import open_accounts
from jiuyi.scenarios.logins import Login, logins
from jiuyi.scenarios.open_clinic import ensure_open_now

__all__ = ["DEFAULT_SEED", "Login", "NotEmpty", "ensure_open_now", "is_empty", "load", "load_demo", "logins"]

DEFAULT_SEED = 1
SIGNED_UP_FROM_AGE = 60
ACTOR = system("scenarios.loading")
Progress = Callable[[str, int, int], None]


class NotEmpty(Refusal):
    """A world goes into an empty database only."""

    code = "scenarios.not_empty"
    message = gettext_noop("数据库里已有机构，不能装入演示数据。请换一个空的数据库。")
    status = 409


def is_empty() -> bool:
    """Whether nothing has been entered yet: no tree, no institution."""
    try:
        scopes.root_id()
    except NotFound:
        return not directory.organizations()
    return False


def load_demo(now: datetime, *, seed: int = DEFAULT_SEED, anchor: date | None = None, progress: Progress | None = None) -> World:
    """Load the demo county as of ``anchor`` (the local day of ``now`` unless told otherwise). Refuses like ``load``."""
    world = county(seed, anchor or service_date(now))
    load(world, now=now, progress=progress or _silent)
    return world


def load(world: World, *, now: datetime, progress: Progress) -> None:
    """Enter the whole world, or nothing of it: ``progress(what, done, all)`` is told after each part.

    Refuses ``not_allowed`` outside demo mode, because its passwords are public, and ``scenarios.not_empty``.
    """
    if not settings.DEMO:
        raise NotAllowed
    if not is_empty():
        raise NotEmpty
    encounters.load_reference_codes()
    progress("编码", 1, 1)
    with transaction.atomic():
        _institutions(world, now, progress)
        _staff(world, now, progress)
        _people(world, now, progress)
        _clinics(world, now, progress)
    open_accounts(world, now=now, progress=progress)
    visits.play(world, now=now, progress=progress)


def _silent(what: str, done: int, total: int) -> None:
    """Say nothing."""


def _institutions(world: World, now: datetime, progress: Progress) -> None:
    root = scopes.add_node(parent_id=None, name=world.root_name, id=world_id(world.seed, "root"))
    outside = scopes.add_node(parent_id=root, name="省级协作医院", id=world_id(world.seed, "outside"))
    for position, item in enumerate(world.organizations):
        organizations.add_organization(
            actor=ACTOR,
            now=now,
            id=item.id,
            parent_id=outside if item.kind is OrganizationKind.PROVINCIAL_HOSPITAL else root,
            kind=item.kind,
            name=item.name,
            short_name=item.short_name,
            address=item.address,
            phone=item.phone,
            position=position,
        )
    for position, department in enumerate(world.departments):
        organizations.add_department(
            actor=ACTOR,
            now=now,
            id=department.id,
            organization_id=department.organization_id,
            name=department.name,
            code=department.code,
            category=department.category,
            patient_name=department.patient_name,
            sensitive=department.sensitive,
            min_age=department.min_age,
            max_age=department.max_age,
            location=department.location,
            intro=department.intro,
            directions=department.directions,
            position=position,
        )
    for building in world.buildings:
        organizations.add_building(actor=ACTOR, now=now, id=building.id, organization_id=building.organization_id, name=building.name)
    for room in world.rooms:
        organizations.add_room(
            actor=ACTOR,
            now=now,
            id=room.id,
            building_id=room.building_id,
            floor=room.floor,
            number=room.number,
            name=room.name,
            kind=room.kind,
            department_id=room.department_id,
            directions=room.directions,
        )
    progress("机构", len(world.organizations), len(world.organizations))


def _staff(world: World, now: datetime, progress: Progress) -> None:
    accounts = {account.practitioner_id: account for account in world.staff if account.practitioner_id is not None}
    for done, account in enumerate(world.staff, start=1):
        _account(account, now)
        progress("账号", done, len(world.staff))
    for person in world.practitioners:
        account_of_person = accounts.get(person.id)
        organizations.add_practitioner(
            actor=ACTOR,
            now=now,
            id=person.id,
            user_id=account_of_person.id if account_of_person is not None else None,
            name=person.name,
            title=person.title,
            home_organization_id=person.home_organization_id,
            sex=person.sex,
            specialty=person.specialty,
            intro=person.intro,
        )
    for role in world.practitioner_roles:
        organizations.add_practitioner_role(
            actor=ACTOR,
            now=now,
            id=role.id,
            practitioner_id=role.practitioner_id,
            department_id=role.department_id,
            room_id=role.room_id,
        )
    progress("医务人员", len(world.practitioners), len(world.practitioners))


def _account(account: StaffAccount, now: datetime) -> None:
    """Password and second factor, so that one signs in as in a real house."""
    from allauth.mfa.totp.internal.auth import TOTP  # noqa: PLC0415  # slow, and only here
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # as above

    node_id = account.organization_id or scopes.root_id()
    access.create_staff_user(
        actor=ACTOR,
        now=now,
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        password=account.password,
        node_id=node_id,
    )
    access.assign_role(actor=ACTOR, now=now, user_id=account.id, role=account.role.value, node_id=node_id)
    TOTP.activate(get_user_model().objects.get(pk=account.id), account.totp_secret)


def _people(world: World, now: datetime, progress: Progress) -> None:
    entries = [
        NewPerson(
            id=resident.id,
            name=resident.name,
            sex=resident.sex,
            birth_date=resident.birth_date,
            id_type=resident.id_type,
            number=resident.number,
            phone=resident.phone,
            village=resident.village,
            address=resident.address,
            credential=Credential.ID_CARD if resident.number else None,
        )
        for resident in world.residents
    ]
    identity.register_people(actor=ACTOR, now=now, organization_id=_hospital(world), entries=entries)
    _family_doctors(world, now)
    progress("居民", len(entries), len(entries))


def _family_doctors(world: World, now: datetime) -> None:
    """The elderly of each village whose doctor has an account are signed up with that village's family doctor."""
    homes = {account.organization_id for account in world.staff if account.role is StaffRole.VILLAGE_DOCTOR}
    today = service_date(now)
    for clinic in (each for each in world.organizations if each.id in homes):
        for resident in world.residents:
            is_old = completed_years(resident.birth_date, today) >= SIGNED_UP_FROM_AGE
            if resident.village and resident.village in clinic.name and is_old:
                identity.add_care_relation(
                    actor=ACTOR, now=now, person_id=resident.id, basis=CareBasis.FAMILY_DOCTOR, node_id=clinic.id, start=now, end=None
                )


def _clinics(world: World, now: datetime, progress: Progress) -> None:
    for department in world.departments:
        if department.queue_prefix:
            queueing.open_queue(
                actor=ACTOR,
                now=now,
                id=world_id(world.seed, "queue", str(department.id)),
                organization_id=department.organization_id,
                department_id=department.id,
                name=f"{department.name}候诊",
                prefix=department.queue_prefix,
                area=f"{department.location}候诊区",
            )
    money.set_prices(now)
    timetable.add_templates(actor=ACTOR, now=now, templates=[_template(each) for each in world.templates])
    phones = {each.id: each.phone for each in world.organizations}
    sessions = [
        scheduling.NewSession(
            id=session.id,
            practitioner_id=session.practitioner_id,
            department_id=session.department_id,
            room_id=session.room_id,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            number_class=session.number_class,
            per_window=session.per_window,
            visible_at=session.visible_at,
            template_id=session.template_id,
            kind=SessionKind.VISITING if session.visiting else SessionKind.CLINIC,
            contact=phones[session.organization_id] if session.visiting else "",
            how_to_book=generating.HOW_TO_BOOK if session.visiting else "",
        )
        for session in world.sessions
    ]
    scheduling.publish_sessions(actor=ACTOR, now=now, sessions=releasing.with_release(sessions, now=now))
    ensure_open_now(now)
    progress("门诊班次", len(sessions), len(sessions))


def _template(each: Template) -> timetable.NewTemplate:
    return timetable.NewTemplate(
        id=each.id,
        practitioner_id=each.practitioner_id,
        department_id=each.department_id,
        room_id=each.room_id,
        weekday=each.weekday,
        start_minute=each.start_minute,
        end_minute=each.end_minute,
        number_class=each.number_class,
        per_window=each.per_window,
        valid_from=each.valid_from,
    )


def _hospital(world: World) -> UUID:
    return next(item.id for item in world.organizations if item.kind is OrganizationKind.COUNTY_HOSPITAL)
