"""Entering institutions, departments, buildings, rooms and practitioners."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.organizations import events, models, rules
from jiuyi.domains.organizations.words import (
    ORGANIZATION_MANAGE,
    PRACTITIONER_MANAGE,
    AgeRangeReversed,
    DepartmentCategory,
    NotOfThisOrganization,
    OrganizationKind,
    PractitionerTitle,
    RoomKind,
    StaffSex,
    initials_of,
    initials_of_name,
)
from jiuyi.foundation import access, journal, scopes
from jiuyi.foundation.access import Actor
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound


@transaction.atomic
def add_organization(
    *,
    actor: Actor,
    now: datetime,
    kind: OrganizationKind,
    name: str,
    short_name: str = "",
    address: str = "",
    phone: str = "",
    parent_id: UUID | None = None,
    position: int = 0,
    id: UUID | None = None,  # noqa: A002  # the contract's name for an id that the caller has chosen
) -> UUID:
    """Enter an institution below a node of the tree; returns its id, which is the node's.

    Without ``parent_id`` it stands below the root, and the first of all (the consortium itself) is the root.
    """
    access.require(actor, ORGANIZATION_MANAGE, parent_id)
    node_id = scopes.add_node(parent_id=parent_id or _root_or_none(), name=name, id=id)
    models.Organization.objects.create(
        node_id=node_id,
        kind=kind,
        name=name,
        short_name=short_name or name[:40],
        address=address,
        phone=phone,
        pinyin_initials=initials_of(name)[:60],
        position=position,
    )
    journal.record(events.OrganizationAdded(organization_id=node_id, kind=kind, scope_id=node_id), actor=actor, now=now)
    return node_id


@transaction.atomic
def add_department(
    *,
    actor: Actor,
    now: datetime,
    organization_id: UUID,
    name: str,
    code: str,
    category: DepartmentCategory,
    patient_name: str = "",
    sensitive: bool = False,
    min_age: int | None = None,
    max_age: int | None = None,
    location: str = "",
    intro: str = "",
    directions: str = "",
    position: int = 0,
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Open a department; its node lies below the institution's. Refuses: organizations.age_range_reversed."""
    access.require(actor, ORGANIZATION_MANAGE, organization_id)
    _organization_or_refuse(organization_id)
    if not rules.is_age_range(min_age, max_age):
        raise AgeRangeReversed(fields={"min_age": AgeRangeReversed.message})
    node_id = scopes.add_node(parent_id=organization_id, name=name, id=id)
    models.Department.objects.create(
        node_id=node_id,
        organization_id=organization_id,
        name=name,
        patient_name=patient_name or name,
        code=code,
        category=category,
        sensitive=sensitive,
        min_age=min_age,
        max_age=max_age,
        location=location,
        intro=intro,
        directions=directions,
        pinyin_initials=initials_of(name)[:60],
        position=position,
    )
    journal.record(events.DepartmentAdded(department_id=node_id, category=category, scope_id=organization_id), actor=actor, now=now)
    return node_id


@transaction.atomic
def add_building(
    *,
    actor: Actor,
    now: datetime,
    organization_id: UUID,
    name: str,
    directions: str = "",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Enter a building of an institution."""
    access.require(actor, ORGANIZATION_MANAGE, organization_id)
    _organization_or_refuse(organization_id)
    building = models.Building.objects.create(id=id or new_id(), organization_id=organization_id, name=name, directions=directions)
    journal.record(events.BuildingAdded(building_id=building.id, scope_id=organization_id), actor=actor, now=now)
    return building.id


@transaction.atomic
def add_room(
    *,
    actor: Actor,
    now: datetime,
    building_id: UUID,
    floor: int,
    number: str,
    name: str,
    kind: RoomKind,
    department_id: UUID | None = None,
    directions: str = "",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Enter a room of a building. Refuses a department of another institution: organizations.not_of_this_organization."""
    building = models.Building.objects.filter(pk=building_id).first()
    if building is None:
        raise NotFound
    access.require(actor, ORGANIZATION_MANAGE, building.organization_id)
    if department_id is not None and not _is_department_of(department_id, building.organization_id):
        raise NotOfThisOrganization(fields={"department_id": NotOfThisOrganization.message})
    room = models.Room.objects.create(
        id=id or new_id(),
        building=building,
        organization_id=building.organization_id,
        department_id=department_id,
        floor=floor,
        number=number,
        name=name,
        kind=kind,
        directions=directions,
    )
    journal.record(events.RoomAdded(room_id=room.id, kind=kind, scope_id=building.organization_id), actor=actor, now=now)
    return room.id


@transaction.atomic
def add_practitioner(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    title: PractitionerTitle,
    home_organization_id: UUID,
    user_id: UUID | None = None,
    sex: StaffSex = StaffSex.UNKNOWN,
    specialty: str = "",
    intro: str = "",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Enter a practitioner in the directory; without ``user_id`` she cannot sign in."""
    access.require(actor, PRACTITIONER_MANAGE, home_organization_id)
    _organization_or_refuse(home_organization_id)
    row = models.Practitioner.objects.create(
        id=id or new_id(),
        user_id=user_id,
        name=name,
        pinyin_initials=initials_of_name(name)[:40],
        sex=StaffSex(sex),
        title=title,
        home_organization_id=home_organization_id,
        specialty=specialty,
        intro=intro,
    )
    journal.record(events.PractitionerAdded(practitioner_id=row.id, title=title, scope_id=home_organization_id), actor=actor, now=now)
    return row.id


@transaction.atomic
def add_practitioner_role(
    *,
    actor: Actor,
    now: datetime,
    practitioner_id: UUID,
    department_id: UUID,
    room_id: UUID | None = None,
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Let a practitioner work in a department (also of another institution: visiting experts), usually in one room.

    Entering the same pair again only changes the room. Refuses a room of another institution.
    """
    department = models.Department.objects.filter(pk=department_id).first()
    if department is None or not models.Practitioner.objects.filter(pk=practitioner_id).exists():
        raise NotFound
    access.require(actor, PRACTITIONER_MANAGE, department.organization_id)
    if room_id is not None and not models.Room.objects.filter(pk=room_id, organization_id=department.organization_id).exists():
        raise NotOfThisOrganization(fields={"room_id": NotOfThisOrganization.message})
    row, made = models.PractitionerRole.objects.get_or_create(
        practitioner_id=practitioner_id, department_id=department_id, defaults={"id": id or new_id(), "room_id": room_id}
    )
    if not made and row.room_id != room_id:
        row.room_id = room_id
        row.save(update_fields=["room"])
    journal.record(
        events.PractitionerRoleAdded(practitioner_id=practitioner_id, department_id=department_id, scope_id=department.organization_id),
        actor=actor,
        now=now,
    )
    return row.id


def _root_or_none() -> UUID | None:
    try:
        return scopes.root_id()
    except NotFound:
        return None


def _organization_or_refuse(organization_id: UUID) -> None:
    if not models.Organization.objects.filter(pk=organization_id).exists():
        raise NotFound


def _is_department_of(department_id: UUID, organization_id: UUID) -> bool:
    return models.Department.objects.filter(pk=department_id, organization_id=organization_id).exists()
