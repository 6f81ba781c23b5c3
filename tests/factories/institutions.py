"""Small institutions, built through the doors."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from jiuyi.domains.organizations import actions
from jiuyi.domains.organizations.words import DepartmentCategory, OrganizationKind, PractitionerTitle, RoomKind
from jiuyi.foundation import access, scopes
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind, Grant
from jiuyi.kernel.ids import new_id

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, 09:00 here


@dataclass(frozen=True)
class County:
    """A consortium with a hospital (two departments, a building, a room) and a township centre."""

    root_id: UUID
    hospital_id: UUID
    township_id: UUID
    medicine_id: UUID
    surgery_id: UUID
    building_id: UUID
    room_id: UUID


def build_county(now: datetime = NOW) -> County:
    """The smallest county in which a visit can happen."""
    root_id = actions.add_organization(actor=SYSTEM, now=now, kind=OrganizationKind.CONSORTIUM, name="青禾县医共体")
    hospital_id = actions.add_organization(actor=SYSTEM, now=now, kind=OrganizationKind.COUNTY_HOSPITAL, name="青禾县人民医院")
    township_id = actions.add_organization(actor=SYSTEM, now=now, kind=OrganizationKind.TOWNSHIP_CENTRE, name="柳河镇卫生院")
    medicine_id = add_department(hospital_id, "心血管内科", "XN", now=now)
    surgery_id = add_department(hospital_id, "普通外科", "PW", category=DepartmentCategory.SURGERY, now=now)
    building_id = actions.add_building(actor=SYSTEM, now=now, organization_id=hospital_id, name="门诊楼")
    room_id = actions.add_room(
        actor=SYSTEM,
        now=now,
        building_id=building_id,
        floor=3,
        number="305",
        name="3诊室",
        kind=RoomKind.CONSULTING,
        department_id=medicine_id,
    )
    return County(root_id, hospital_id, township_id, medicine_id, surgery_id, building_id, room_id)


def add_department(
    organization_id: UUID,
    name: str,
    code: str,
    *,
    category: DepartmentCategory = DepartmentCategory.INTERNAL,
    now: datetime = NOW,
) -> UUID:
    """A department without age limits."""
    return actions.add_department(actor=SYSTEM, now=now, organization_id=organization_id, name=name, code=code, category=category)


def add_doctor(
    organization_id: UUID,
    department_id: UUID,
    *,
    name: str = "林安宁",
    title: PractitionerTitle = PractitionerTitle.ATTENDING,
    room_id: UUID | None = None,
    user_id: UUID | None = None,
    now: datetime = NOW,
) -> UUID:
    """A practitioner who works in one department."""
    practitioner_id = actions.add_practitioner(
        actor=SYSTEM, now=now, name=name, title=title, home_organization_id=organization_id, user_id=user_id
    )
    actions.add_practitioner_role(actor=SYSTEM, now=now, practitioner_id=practitioner_id, department_id=department_id, room_id=room_id)
    return practitioner_id


def staff_actor(role: str, node_id: UUID, *, user_id: UUID | None = None) -> Actor:
    """A member of staff with a role at a node, in a request of its own (the role must be registered)."""
    grant = Grant(role, node_id, scopes.path(node_id))
    return Actor(ActorKind.STAFF, user_id or new_id(), frozenset({grant}), new_id())


def staff_user(username: str, *, display_name: str = "林安宁", now: datetime = NOW) -> UUID:
    """A staff log-in."""
    return access.create_staff_user(actor=SYSTEM, now=now, username=username, display_name=display_name)
