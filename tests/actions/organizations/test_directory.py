from collections.abc import Iterator

import pytest

from jiuyi.domains.organizations import actions, models, queries
from jiuyi.domains.organizations.words import (
    ORGANIZATION_MANAGE,
    PRACTITIONER_MANAGE,
    AgeRangeReversed,
    DepartmentCategory,
    NotOfThisOrganization,
    OrganizationKind,
    PractitionerTitle,
    RoomKind,
)
from jiuyi.foundation import access, scopes
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories.institutions import NOW, County, add_department, add_doctor, build_county, staff_actor, staff_user


@pytest.fixture(autouse=True)
def _roles() -> Iterator[None]:
    before = access.registered_roles()
    access.register_roles({"admin": frozenset({ORGANIZATION_MANAGE, PRACTITIONER_MANAGE}), "doctor": frozenset()})
    scopes.forget()
    yield
    access.register_roles(before)
    scopes.forget()


@pytest.fixture
def county(db) -> County:
    return build_county()


def counts():
    tables = (models.Organization, models.Department, models.Building, models.Room, models.Practitioner, models.PractitionerRole)
    return [table.objects.count() for table in tables]


def test_an_institution_is_a_node_below_the_root_and_its_departments_below_it(county):
    assert scopes.root_id() == county.root_id
    assert scopes.path(county.medicine_id) == (county.root_id, county.hospital_id, county.medicine_id)
    assert queries.organization(county.hospital_id).name == "青禾县人民医院"
    assert [d.name for d in queries.departments(county.hospital_id)] == ["普通外科", "心血管内科"]
    assert [o.id for o in queries.organizations(OrganizationKind.TOWNSHIP_CENTRE)] == [county.township_id]


def test_ids_may_be_chosen_by_the_caller(county):
    wanted = [new_id() for _ in range(5)]
    common = {"actor": SYSTEM, "now": NOW}
    made = [
        actions.add_organization(**common, kind=OrganizationKind.VILLAGE_CLINIC, name="柳河村卫生室", id=wanted[0]),
        actions.add_department(
            **common, organization_id=county.hospital_id, name="眼科", code="YK", category=DepartmentCategory.SENSES, id=wanted[1]
        ),
        actions.add_building(**common, organization_id=county.hospital_id, name="住院楼", id=wanted[2]),
        actions.add_room(
            **common, building_id=county.building_id, floor=-1, number="B101", name="药房", kind=RoomKind.PHARMACY, id=wanted[3]
        ),
        actions.add_practitioner(
            **common, name="单小明", title=PractitionerTitle.CHIEF, home_organization_id=county.hospital_id, id=wanted[4]
        ),
    ]
    assert made == wanted
    assert queries.room(wanted[3]).place_text == "门诊楼 B1 B101"


def test_rooms_and_the_way_to_them(county):
    assert [room.place_text for room in queries.rooms(county.hospital_id)] == ["门诊楼 3F 305"]
    assert queries.rooms(county.hospital_id, county.surgery_id) == []
    assert set(queries.facts_rooms({county.room_id, new_id()})) == {county.room_id}


def test_a_doctor_works_in_departments_and_signs_in(county):
    user_id = staff_user("D0001")
    doctor_id = add_doctor(county.hospital_id, county.medicine_id, room_id=county.room_id, user_id=user_id)
    actions.add_practitioner_role(actor=SYSTEM, now=NOW, practitioner_id=doctor_id, department_id=county.surgery_id)
    assert queries.practitioner_of_user(user_id).id == doctor_id
    assert queries.practitioner_of_user(new_id()) is None
    assert [p.id for p in queries.practitioners(county.surgery_id)] == [doctor_id]
    assert [(r.department_id, r.room_id) for r in queries.roles_of_practitioner(doctor_id)] == [
        (county.medicine_id, county.room_id),
        (county.surgery_id, None),
    ]
    again = actions.add_practitioner_role(actor=SYSTEM, now=NOW, practitioner_id=doctor_id, department_id=county.medicine_id)
    assert models.PractitionerRole.objects.get(pk=again).room_id is None
    assert models.PractitionerRole.objects.count() == 2


def test_practitioners_stand_in_the_order_of_their_pinyin(county):
    for name in ("赵一", "单二", "安三"):
        add_doctor(county.hospital_id, county.medicine_id, name=name)
    assert [p.name for p in queries.practitioners(county.medicine_id)] == ["安三", "单二", "赵一"]


def test_ages_of_a_department(county):
    children = actions.add_department(
        actor=SYSTEM,
        now=NOW,
        organization_id=county.hospital_id,
        name="儿科",
        code="EK",
        category=DepartmentCategory.PAEDIATRICS,
        max_age=13,
    )
    assert queries.department_accepts_age(children, 13)
    assert not queries.department_accepts_age(children, 14)


def refused_acts(county, actor):
    common = {"actor": actor, "now": NOW}
    yield lambda: actions.add_organization(**common, kind=OrganizationKind.VILLAGE_CLINIC, name="村卫生室")
    yield lambda: actions.add_department(
        **common, organization_id=county.hospital_id, name="眼科", code="YK", category=DepartmentCategory.SENSES
    )
    yield lambda: actions.add_building(**common, organization_id=county.hospital_id, name="住院楼")
    yield lambda: actions.add_room(**common, building_id=county.building_id, floor=1, number="101", name="1诊室", kind=RoomKind.CONSULTING)
    yield lambda: actions.add_practitioner(**common, name="林安宁", title=PractitionerTitle.CHIEF, home_organization_id=county.hospital_id)


@pytest.mark.parametrize(("role", "where"), [("doctor", "root_id"), ("admin", "township_id")])
def test_only_an_administrator_of_the_institution_changes_the_directory(county, role, where):
    before = counts()
    for act in refused_acts(county, staff_actor(role, getattr(county, where))):
        with pytest.raises(NotAllowed):
            act()
    assert counts() == before


def test_an_administrator_of_the_house_changes_the_directory(county):
    for act in refused_acts(county, staff_actor("admin", county.root_id)):
        assert act()


def test_what_belongs_to_another_institution_is_refused(county):
    elsewhere = add_department(county.township_id, "全科", "QK")
    doctor_id = add_doctor(county.hospital_id, county.medicine_id)
    before = counts()
    with pytest.raises(NotOfThisOrganization):
        actions.add_room(
            actor=SYSTEM,
            now=NOW,
            building_id=county.building_id,
            floor=1,
            number="102",
            name="2诊室",
            kind=RoomKind.CONSULTING,
            department_id=elsewhere,
        )
    with pytest.raises(NotOfThisOrganization):
        actions.add_practitioner_role(actor=SYSTEM, now=NOW, practitioner_id=doctor_id, department_id=elsewhere, room_id=county.room_id)
    with pytest.raises(AgeRangeReversed):
        actions.add_department(
            actor=SYSTEM,
            now=NOW,
            organization_id=county.hospital_id,
            name="眼科",
            code="YK",
            category=DepartmentCategory.SENSES,
            min_age=14,
            max_age=13,
        )
    assert counts() == before


@pytest.mark.parametrize(
    "ask", [queries.organization, queries.department, queries.room, queries.practitioner], ids=lambda ask: ask.__name__
)
def test_what_is_not_there_is_not_found(county, ask):
    with pytest.raises(NotFound):
        ask(new_id())
