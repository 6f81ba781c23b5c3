"""The institutions of the county: houses, floors, rooms and the way to each room."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from jiuyi.domains.organizations.words import OrganizationKind, RoomKind
from jiuyi.scenarios.county import places
from jiuyi.scenarios.county.departments import Plan, plans
from jiuyi.scenarios.county.world import Building, Department, Organization, Room, world_id

GENERAL_HOSPITAL = "general"
TCM_HOSPITAL = "tcm"
EXPERT_HOSPITALS = {
    "provincial": "岚江省立医院",
    "university": "岚江医科大学附属医院",
    "provincial_tcm": "岚江省中医院",
}
_DIGITS = "一二三四五六七八九十"

# How one gets from the gate to a house: (to the ground floor's hall, lift).
_WAYS = {
    (GENERAL_HOSPITAL, "门诊楼"): ("从东门进", "乘2号电梯"),
    (GENERAL_HOSPITAL, "急诊楼"): ("从北门（急诊入口）进", "乘1号电梯"),
    (GENERAL_HOSPITAL, "医技楼"): ("从东门进，穿过门诊大厅直走到医技楼", "乘3号电梯"),
    (GENERAL_HOSPITAL, "发热门诊楼"): ("从西北角发热门诊入口进", "走楼梯"),
    (TCM_HOSPITAL, "门诊楼"): ("从南门进", "乘1号电梯"),
}
# Service windows of the whole house: (place, house, floor, name).
_COMMON_ROOMS = (
    (GENERAL_HOSPITAL, "门诊楼", 1, "服务台"),
    (GENERAL_HOSPITAL, "门诊楼", 1, "挂号收费处"),
    (GENERAL_HOSPITAL, "门诊楼", 3, "三楼收费处"),
    (TCM_HOSPITAL, "门诊楼", 1, "服务台"),
    (TCM_HOSPITAL, "门诊楼", 1, "挂号收费处"),
)
_VILLAGES_OF_A_CENTRE = 3
_ROOM_LABELS = {
    RoomKind.CONSULTING: "诊室",
    RoomKind.LABORATORY: "采血窗口",
    RoomKind.IMAGING: "检查室",
    RoomKind.PHARMACY: "取药窗口",
}


@dataclass(slots=True)
class Institutions:
    """What has been built so far; ``doors`` counts those of each floor."""

    seed: int
    rng: Random
    organizations: list[Organization] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    plans: dict[UUID, Plan] = field(default_factory=dict)
    keys: dict[str, UUID] = field(default_factory=dict)
    doors: dict[tuple[UUID, int], int] = field(default_factory=dict)

    def rooms_of(self, department_id: UUID) -> list[Room]:
        """The rooms of a department in the order of their doors."""
        return [room for room in self.rooms if room.department_id == department_id]

    def department(self, place: str, code: str) -> Department:
        """The department with that code at a place (``general``, ``tcm``, a township's or village's name)."""
        organization_id = self.keys[place]
        return next(item for item in self.departments if item.organization_id == organization_id and item.code == code)


def build(seed: int, rng: Random) -> Institutions:
    """All institutions: two county hospitals, seven township centres, twenty village clinics, three hospitals of the province."""
    made = Institutions(seed, rng)
    seat = f"{places.COUNTY}{places.SEAT}"
    _add(
        made,
        GENERAL_HOSPITAL,
        OrganizationKind.COUNTY_HOSPITAL,
        names=("县人民医院", f"{places.COUNTY}人民医院"),
        address=f"{seat}禾兴路18号",
    )
    _add(made, TCM_HOSPITAL, OrganizationKind.TCM_HOSPITAL, names=("县中医院", f"{places.COUNTY}中医医院"), address=f"{seat}云稷路66号")
    for township, villages in places.VILLAGES.items():
        centre = f"{township[:2]}{'中心卫生院' if len(villages) >= _VILLAGES_OF_A_CENTRE else '卫生院'}"
        address = f"{places.COUNTY}{township}{places.STREETS[township]}1号"
        _add(made, township, OrganizationKind.TOWNSHIP_CENTRE, names=(centre, f"{places.COUNTY}{centre}"), address=address)
        for village in villages:
            address = f"{places.COUNTY}{township}{village}村委会旁"
            clinic = (f"{village}卫生室", f"{township}{village}卫生室")
            _add(made, village, OrganizationKind.VILLAGE_CLINIC, names=clinic, address=address)
    for key, name in EXPERT_HOSPITALS.items():
        _enter(made, key, OrganizationKind.PROVINCIAL_HOSPITAL, names=(name, name), address=f"{places.PROVINCE}省")
    return made


def _enter(made: Institutions, place: str, kind: OrganizationKind, *, names: tuple[str, str], address: str) -> None:
    """Write an institution with its ``(short, full)`` name and a telephone that no exchange connects: 0100 was never given out."""
    made.keys[place] = world_id(made.seed, "organization", place)
    made.organizations.append(
        Organization(
            id=made.keys[place],
            kind=kind,
            name=names[1],
            short_name=names[0],
            address=address,
            phone=f"0100-{made.rng.randrange(1_000_000, 10_000_000)}",
        )
    )


def _add(made: Institutions, place: str, kind: OrganizationKind, *, names: tuple[str, str], address: str) -> None:
    """Build an institution of the county with its houses, common rooms and departments."""
    _enter(made, place, kind, names=names, address=address)
    for house in dict.fromkeys(plan.building for plan in plans(kind)):
        building = Building(id=world_id(made.seed, "building", place, house), organization_id=made.keys[place], name=house)
        made.buildings.append(building)
        for common_place, common_house, floor, room_name in _COMMON_ROOMS:
            if (common_place, common_house) == (place, house):
                _add_room(made, place, building, floor, name=room_name, kind=RoomKind.DESK, department_id=None)
        for plan in plans(kind):
            if plan.building == house:
                _add_department(made, place, building, plan)


def _add_department(made: Institutions, place: str, building: Building, plan: Plan) -> None:
    department_id = world_id(made.seed, "department", place, plan.code)
    made.plans[department_id] = plan
    made.departments.append(
        Department(
            id=department_id,
            organization_id=made.keys[place],
            code=plan.code,
            name=plan.name,
            patient_name=plan.patient_name,
            category=plan.category,
            sensitive=plan.sensitive,
            min_age=plan.min_age,
            max_age=plan.max_age,
            location=f"{plan.building}{plan.floor}层",
            intro=plan.intro,
            directions=_way_to_floor(place, plan.building, plan.floor),
            queue_prefix=plan.prefix,
            bookable=plan.bookable,
        )
    )
    label = _ROOM_LABELS[plan.room_kind]
    for ordinal in range(1, plan.rooms + 1):
        name = f"{plan.name}{label}" if plan.rooms == 1 else f"{plan.name}{ordinal}{label}"
        _add_room(made, place, building, plan.floor, name=name, kind=plan.room_kind, department_id=department_id)


def _add_room(
    made: Institutions, place: str, building: Building, floor: int, *, name: str, kind: RoomKind, department_id: UUID | None
) -> None:
    door = made.doors[building.id, floor] = made.doors.get((building.id, floor), 0) + 1
    number = f"{floor}{door:02d}"
    made.rooms.append(
        Room(
            id=world_id(made.seed, "room", place, building.name, number),
            building_id=building.id,
            organization_id=building.organization_id,
            department_id=department_id,
            floor=floor,
            number=number,
            name=name,
            kind=kind,
            directions=_way_to_door(place, building.name, floor, door),
        )
    )


def _way_to_floor(place: str, house: str, floor: int) -> str:
    if place in places.VILLAGES:
        return "从卫生院大门进，到一楼大厅"
    if (place, house) not in _WAYS:
        return "进门就是"
    gate, lift = _WAYS[place, house]
    return f"{gate}，到1层大厅" if floor == 1 else f"{gate}，{lift}到{floor}层"


def _way_to_door(place: str, house: str, floor: int, door: int) -> str:
    """Odd doors lie on the left, even ones on the right; the hall or the lift is where one turns."""
    way = _way_to_floor(place, house, floor)
    if way == "进门就是":
        return f"{way}，右手第{_count(door)}间"
    side = "左" if door % 2 else "右"
    turn = f"进大厅{side}转" if floor == 1 else f"出电梯{side}转"
    return f"{way}，{turn}第{_count((door + 1) // 2)}间"


def _count(number: int) -> str:
    ten = len(_DIGITS)
    return _DIGITS[number - 1] if number <= ten else f"十{_DIGITS[number - ten - 1]}"
