"""The people who treat: doctors of the hospitals, of the townships and villages, and visiting experts."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from jiuyi.domains.organizations.words import OrganizationKind, PractitionerTitle, StaffSex
from jiuyi.scenarios.county import names, places
from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE, Plan
from jiuyi.scenarios.county.institutions import GENERAL_HOSPITAL, TCM_HOSPITAL, Institutions
from jiuyi.scenarios.county.world import Practitioner, PractitionerRole, world_id

# Titles of the first, second and third doctor of a department.
_TITLES = (PractitionerTitle.CHIEF, PractitionerTitle.ATTENDING, PractitionerTitle.ASSOCIATE_CHIEF)
_SINGLE_TITLES = (PractitionerTitle.ASSOCIATE_CHIEF, PractitionerTitle.ATTENDING, PractitionerTitle.CHIEF)
_WOMEN_SHARE = 0.46
_YOUNGEST_BIRTH_YEAR = {
    PractitionerTitle.CHIEF: 1966,
    PractitionerTitle.ASSOCIATE_CHIEF: 1974,
    PractitionerTitle.ATTENDING: 1983,
    PractitionerTitle.VILLAGE_DOCTOR: 1965,
}
_YEARS_SPREAD = 9

# The doctor whose log-in the demo prints, and her colleague of the next room.
DEMO_DOCTOR = ("沈知禾", StaffSex.FEMALE, PractitionerTitle.ATTENDING, "常见病、慢性病用药调整、检查结果解读。")
SECOND_DOCTOR = ("顾明远", StaffSex.MALE, PractitionerTitle.ATTENDING, "常见病、老年人多种慢性病、健康咨询。")

# Visiting experts: (home, place, department code, specialty).
EXPERTS = (
    ("provincial", TCM_HOSPITAL, "HXK", "疑难肺部感染、间质性肺病、肺癌的早期诊断。"),
    ("provincial", TCM_HOSPITAL, "GJW", "人工髋、膝关节置换与翻修。"),
    ("provincial", TCM_HOSPITAL, "XEW", "小儿疝、先天性巨结肠、尿道下裂。"),
    ("university", TCM_HOSPITAL, "NJZ", "内镜下早癌切除、胆道取石。"),
    ("university", TCM_HOSPITAL, "XWK", "胸腔镜肺部手术、食管癌。"),
    ("university", TCM_HOSPITAL, "TTK", "神经痛微创治疗、癌痛规范化治疗。"),
    ("university", TCM_HOSPITAL, "JZW", "脊柱微创手术、脊柱侧弯。"),
    ("provincial_tcm", TCM_HOSPITAL, "LXW", "甲状腺与乳腺肿瘤的综合治疗。"),
    ("provincial", GENERAL_HOSPITAL, "XNK", "冠心病介入、心房颤动消融。"),
    ("provincial", GENERAL_HOSPITAL, "XYK", "淋巴瘤、多发性骨髓瘤。"),
)


@dataclass(slots=True)
class Practice:
    """Who works where; ``by_department`` keeps a department's own doctors in order, ``experts`` the visitors."""

    practitioners: list[Practitioner] = field(default_factory=list)
    roles: list[PractitionerRole] = field(default_factory=list)
    by_department: dict[UUID, list[Practitioner]] = field(default_factory=dict)
    experts: list[tuple[Practitioner, UUID]] = field(default_factory=list)
    used_names: set[str] = field(default_factory=set)

    def room_of(self, practitioner_id: UUID, department_id: UUID) -> UUID | None:
        """The room in which somebody usually sits."""
        return next(
            (role.room_id for role in self.roles if (role.practitioner_id, role.department_id) == (practitioner_id, department_id)), None
        )


def appoint(made: Institutions, rng: Random) -> Practice:
    """Fill every department with its own doctors, then let the experts visit."""
    practice = Practice()
    for department in made.departments:
        plan = made.plans[department.id]
        place = next(key for key, value in made.keys.items() if value == department.organization_id)
        for ordinal in range(plan.doctors):
            doctor = _doctor(made, practice, rng, place, ordinal=ordinal, plan=plan)
            practice.practitioners.append(doctor)
            practice.by_department.setdefault(department.id, []).append(doctor)
            _give_room(made, practice, doctor, department.id, ordinal)
    for home, place, code, specialty in EXPERTS:
        department_id = made.department(place, code).id
        name, sex = _name(practice, rng, 1968)
        expert = Practitioner(
            id=world_id(made.seed, "practitioner", "expert", home, place, code),
            name=name,
            sex=sex,
            title=PractitionerTitle.CHIEF,
            home_organization_id=made.keys[home],
            specialty=specialty,
            intro="省级专家，每周定期来院坐诊，提前一周公布时间和地点。",
        )
        practice.practitioners.append(expert)
        practice.experts.append((expert, department_id))
        _give_room(made, practice, expert, department_id, -1)
    return practice


def _doctor(made: Institutions, practice: Practice, rng: Random, place: str, *, plan: Plan, ordinal: int) -> Practitioner:
    intro = ""
    if plan.code == OPEN_CLINIC_CODE:
        name, sex, title, specialty = (DEMO_DOCTOR, SECOND_DOCTOR)[ordinal]
        practice.used_names.add(name)
    else:
        title = _title(plan, ordinal, rng)
        name, sex = _name(practice, rng, _YOUNGEST_BIRTH_YEAR[title] + rng.randrange(_YEARS_SPREAD))
        specialty = plan.intro
        if plan.kind is OrganizationKind.VILLAGE_CLINIC:
            intro = f"{place}乡村医生，负责家庭医生签约、随访和代约。"
        elif title is PractitionerTitle.CHIEF:
            intro = f"{plan.name}主任，从事临床工作三十余年。"
    return Practitioner(
        id=world_id(made.seed, "practitioner", place, plan.code, ordinal),
        name=name,
        sex=sex,
        title=title,
        home_organization_id=made.keys[place],
        specialty=specialty,
        intro=intro,
    )


def _title(plan: Plan, ordinal: int, rng: Random) -> PractitionerTitle:
    if plan.kind is OrganizationKind.VILLAGE_CLINIC:
        return PractitionerTitle.VILLAGE_DOCTOR
    if plan.kind is OrganizationKind.TOWNSHIP_CENTRE:
        return PractitionerTitle.ATTENDING
    return _TITLES[ordinal] if plan.doctors > 1 else rng.choice(_SINGLE_TITLES)


def _name(practice: Practice, rng: Random, birth_year: int) -> tuple[str, StaffSex]:
    """A name that no other practitioner has, so that patients cannot mix up two doctors."""
    male = rng.random() >= _WOMEN_SHARE
    while True:
        name = names.surname(rng) + names.given_name(rng, birth_year, male=male)
        if name not in practice.used_names:
            practice.used_names.add(name)
            return name, StaffSex.MALE if male else StaffSex.FEMALE


def _give_room(made: Institutions, practice: Practice, doctor: Practitioner, department_id: UUID, ordinal: int) -> None:
    rooms = made.rooms_of(department_id)
    practice.roles.append(
        PractitionerRole(
            id=world_id(made.seed, "role", str(doctor.id), str(department_id)),
            practitioner_id=doctor.id,
            department_id=department_id,
            room_id=rooms[ordinal % len(rooms)].id if rooms else None,
        )
    )


def township_visits(made: Institutions, practice: Practice) -> list[tuple[Practitioner, UUID, UUID]]:
    """Doctors of the county TCM hospital who sit in a township's TCM room once a week: ``(doctor, department, room)``."""
    tcm = practice.by_department[made.department(TCM_HOSPITAL, "ZNK").id] + practice.by_department[made.department(TCM_HOSPITAL, "ZJT").id]
    result = []
    for number, township in enumerate(places.VILLAGES):
        department_id = made.department(township, "ZYG").id
        doctor = tcm[number % len(tcm)]
        _give_room(made, practice, doctor, department_id, 0)
        result.append((doctor, department_id, made.rooms_of(department_id)[0].id))
    return result
