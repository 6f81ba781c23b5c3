"""The county is a pure function of seed and anchor, of the promised size, and cannot be mistaken for real people."""

import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from jiuyi.domains.identity.words import IdentifierType
from jiuyi.domains.organizations.words import OrganizationKind, PractitionerTitle, RoomKind, StaffRole
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.kernel import clock
from jiuyi.scenarios.county import county
from jiuyi.scenarios.county.working_days import is_provisional, is_working_day

ANCHOR = date(2026, 11, 24)
_WEIGHTS = [2 ** (17 - position) % 11 for position in range(17)]


@pytest.fixture(scope="module")
def world():
    return county(7, ANCHOR)


def test_equal_arguments_give_an_equal_world(world):
    again = county(7, ANCHOR)
    assert again == world
    assert again.fingerprint() == world.fingerprint()


@pytest.mark.parametrize(("_case", "seed", "anchor"), [("other seed", 8, ANCHOR), ("other day", 7, ANCHOR + timedelta(days=1))])
def test_other_arguments_give_another_world(world, _case, seed, anchor):
    assert county(seed, anchor).fingerprint() != world.fingerprint()


def test_the_fingerprint_does_not_depend_on_the_process(world):
    code = "from datetime import date; from jiuyi.scenarios.county import county; print(county(7, date(2026, 11, 24)).fingerprint())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == world.fingerprint()


def test_the_county_needs_no_web_framework():
    code = "import sys; import jiuyi.scenarios.county; print([m for m in sys.modules if m.split('.')[0] in {'django', 'psycopg'}])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == "[]"


def test_the_institutions_are_those_of_a_county(world):
    assert Counter(organization.kind for organization in world.organizations) == {
        OrganizationKind.COUNTY_HOSPITAL: 1,
        OrganizationKind.TCM_HOSPITAL: 1,
        OrganizationKind.TOWNSHIP_CENTRE: 7,
        OrganizationKind.VILLAGE_CLINIC: 20,
        OrganizationKind.PROVINCIAL_HOSPITAL: 3,
    }


def test_the_tcm_hospital_has_the_departments_of_the_newspaper_page(world):
    hospital = next(o for o in world.organizations if o.kind is OrganizationKind.TCM_HOSPITAL)
    named = {d.name for d in world.departments if d.organization_id == hospital.id}
    assert named >= {
        "肝胆外科", "内镜诊疗科", "两腺外科", "胸外科", "脊柱外科", "疼痛科", "心内科",
        "呼吸内科", "关节外科", "小儿外科", "眼科", "男科", "不孕不育科", "内分泌科",
        "超声科",
    }  # fmt: skip


def test_the_general_hospital_has_the_usual_departments(world):
    hospital = next(o for o in world.organizations if o.kind is OrganizationKind.COUNTY_HOSPITAL)
    named = {d.name for d in world.departments if d.organization_id == hospital.id}
    assert named >= {
        "心血管内科", "普通外科", "骨科", "儿科", "妇科", "产科", "急诊科",
        "发热门诊", "耳鼻咽喉科", "眼科", "口腔科", "皮肤科", "中医科", "全天候便民门诊",
    }  # fmt: skip


def test_ticket_letters_are_unique_within_an_institution(world):
    letters = Counter((d.organization_id, d.queue_prefix) for d in world.departments if d.queue_prefix)
    assert set(letters.values()) == {1}


def test_there_are_about_eighty_practitioners_beside_the_village_doctors(world):
    titles = Counter(person.title for person in world.practitioners)
    assert titles[PractitionerTitle.VILLAGE_DOCTOR] == 20
    assert 75 <= len(world.practitioners) - 20 <= 85
    assert all(person.specialty for person in world.practitioners)
    assert len({person.name for person in world.practitioners}) == len(world.practitioners)


def test_experts_visit_from_hospitals_outside_the_county(world):
    outside = {o.id for o in world.organizations if o.kind is OrganizationKind.PROVINCIAL_HOSPITAL}
    experts = {person.id for person in world.practitioners if person.home_organization_id in outside}
    visits = [session for session in world.sessions if session.practitioner_id in experts]
    assert len(experts) == 10
    assert {session.practitioner_id for session in visits} == experts
    assert {session.number_class for session in visits} == {NumberClass.RENOWNED}
    assert all(session.organization_id not in outside for session in visits)
    assert all(clock.service_date(s.visible_at) == clock.service_date(s.starts_at) - timedelta(days=7) for s in visits)


def test_every_room_tells_the_way(world):
    assert all(room.directions for room in world.rooms)
    upstairs = [room for room in world.rooms if room.floor > 1]
    assert upstairs
    assert all(f"到{room.floor}层" in room.directions and "出电梯" in room.directions for room in upstairs)


def test_no_two_rooms_of_a_house_are_reached_by_the_same_way(world):
    ways = Counter((room.building_id, room.directions) for room in world.rooms)
    assert set(ways.values()) == {1}


def test_every_clinic_has_a_consulting_room(world):
    with_consulting = {room.department_id for room in world.rooms if room.kind is RoomKind.CONSULTING}
    assert {d.id for d in world.departments if d.bookable or d.queue_prefix} <= with_consulting


@pytest.mark.parametrize(
    ("_case", "anchor"),
    [
        ("an ordinary Tuesday", ANCHOR),
        ("the national holiday with make-up days", date(2026, 9, 26)),
        ("a year that is not announced", date(2031, 12, 25)),
        ("leap day", date(2028, 2, 29)),
    ],
)
def test_sessions_of_one_practitioner_never_overlap(_case, anchor):
    world = county(3, anchor)
    of_practitioner = defaultdict(list)
    for session in world.sessions:
        of_practitioner[session.practitioner_id].append(session)
    assert of_practitioner
    for sessions in of_practitioner.values():
        ordered = sorted(sessions, key=lambda session: session.starts_at)
        for earlier, later in pairwise(ordered):
            assert earlier.ends_at <= later.starts_at
            if earlier.organization_id != later.organization_id:
                assert later.starts_at - earlier.ends_at >= timedelta(minutes=60)


def test_sessions_cover_two_weeks_from_the_anchor(world):
    days = {clock.service_date(session.starts_at) for session in world.sessions}
    assert days == {ANCHOR + timedelta(days=ahead) for ahead in range(14)}


def test_every_bookable_department_has_sessions_or_is_the_open_clinic(world):
    with_sessions = {session.department_id for session in world.sessions}
    bookable = {department.id for department in world.departments if department.bookable}
    assert bookable - with_sessions == {world.open_clinic.department_id}


def test_holidays_have_duty_clinics_in_the_morning_only():
    world = county(3, date(2026, 10, 1))
    holiday = [session for session in world.sessions if clock.service_date(session.starts_at) == date(2026, 10, 1)]
    assert {clock.local(session.starts_at).hour for session in holiday} == {8}
    assert 5 <= len(holiday) <= 12


@pytest.mark.parametrize(
    ("_case", "day", "working", "provisional"),
    [
        ("a Tuesday", date(2026, 11, 24), True, False),
        ("a Sunday", date(2026, 11, 29), False, False),
        ("national day", date(2026, 10, 1), False, False),
        ("make-up Saturday", date(2026, 10, 10), True, False),
        ("unannounced Monday", date(2031, 11, 24), True, True),
        ("unannounced Saturday", date(2031, 11, 22), False, True),
        ("unannounced New Year", date(2031, 1, 1), False, True),
    ],
)
def test_working_days(_case, day, working, provisional):
    assert (is_working_day(day), is_provisional(day)) == (working, provisional)


def test_there_are_three_thousand_residents_with_ids_of_their_own(world):
    assert len(world.residents) == 3000
    assert len({resident.id for resident in world.residents}) == 3000
    assert all(resident.birth_date <= ANCHOR for resident in world.residents)
    assert all(resident.address and resident.village for resident in world.residents)


def test_id_numbers_are_right_unassigned_and_unique(world):
    cards = [resident for resident in world.residents if resident.id_type is IdentifierType.RESIDENT_ID]
    assert len(cards) > 2900
    assert len({resident.number for resident in cards}) == len(cards)
    for resident in cards:
        number = resident.number
        assert len(number) == 18
        assert number.startswith("1099")
        assert number[6:14] == f"{resident.birth_date:%Y%m%d}"
        assert int(number[16]) % 2 == int(resident.sex == "1")
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        assert number[17] == "10X98765432"[total % 11]


def test_phones_ring_nowhere(world):
    phones = [resident.phone for resident in world.residents if resident.phone]
    assert len(phones) > 2500
    assert all(len(phone) == 11 and phone.isdigit() and phone.startswith("100") for phone in phones)
    assert all(organization.phone.startswith("0100-") for organization in world.organizations)


def test_people_of_one_name_live_in_one_village(world):
    namesakes = [world.person(f"namesake_{rank}") for rank in (1, 2, 3, 4)]
    assert {(person.name, person.village) for person in namesakes} == {("王秀英", "望禾村")}
    assert len({person.number[-4:] for person in namesakes}) == 4
    assert len({person.household_id for person in namesakes}) == 4
    assert namesakes[1].birth_date.year == namesakes[2].birth_date.year


@pytest.mark.parametrize("pair", [1, 2, 3, 4])
def test_twins_share_everything_but_name_and_number(world, pair):
    one, other = (world.person(f"twin_{pair}{letter}") for letter in "ab")
    assert (one.birth_date, one.phone, one.address, one.sex) == (other.birth_date, other.phone, other.address, other.sex)
    assert one.name != other.name
    assert one.number != other.number


def test_names_that_break_careless_software_are_there(world):
    residents = [resident.name for resident in world.residents]
    assert any("·" in name for name in residents)
    assert any(len(name) == 1 for name in residents)
    assert any(ord(character) > 0xFFFF for name in residents for character in name)
    assert any("'" in name for name in residents)


def test_guests_from_abroad_have_passports(world):
    guest = world.person("guest_1")
    assert (guest.id_type, guest.number) == (IdentifierType.PASSPORT, "X10990001")


def test_newborns_have_no_number_and_their_mothers_phone(world):
    child = world.person("newborn_1")
    mother = next(r for r in world.residents if r.household_id == child.household_id and r.id != child.id)
    assert (child.number, child.phone, child.name) == (None, mother.phone, f"{mother.name}之子")


def test_there_is_one_account_for_each_role(world):
    assert {account.role for account in world.staff} == set(StaffRole)
    assert len({account.username for account in world.staff}) == len(world.staff)
    doctor = next(account for account in world.staff if account.username == "1001")
    assert doctor.practitioner_id == world.open_clinic.practitioner_ids[0]


def test_the_open_clinic_has_two_doctors_in_two_rooms_and_no_other_work(world):
    clinic = world.open_clinic
    assert len(set(clinic.practitioner_ids)) == len(set(clinic.room_ids)) == 2
    assert not {session.practitioner_id for session in world.sessions} & set(clinic.practitioner_ids)


def test_family_links_stay_within_the_limit_and_have_one_holder(world):
    of_account = defaultdict(list)
    for link in world.family_links:
        of_account[link.phone].append(link)
    assert len(of_account) > 10
    for links in of_account.values():
        assert len(links) <= 8
        assert Counter(link.relation.value for link in links)["self"] == 1
        assert len({link.person_id for link in links}) == len(links)
