"""One staff account for each role, with passwords and second factors that everybody may know, and the devices in the halls."""

import base64
import hashlib
from uuid import UUID

from jiuyi.domains.organizations.words import PractitionerTitle, StaffRole, StaffSex
from jiuyi.scenarios.county import places
from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE
from jiuyi.scenarios.county.institutions import GENERAL_HOSPITAL, TCM_HOSPITAL, Institutions
from jiuyi.scenarios.county.practitioners import DEMO_DOCTOR, SECOND_DOCTOR, Practice
from jiuyi.scenarios.county.world import Device, Practitioner, PractitionerRole, StaffAccount, world_id

_SECRET_BYTES = 20
ROOT = ""

# Work number, role, where the role counts (empty: the whole consortium), name of the account.
ACCOUNTS = (
    ("1001", StaffRole.DOCTOR, GENERAL_HOSPITAL, DEMO_DOCTOR[0]),
    ("1002", StaffRole.DOCTOR, GENERAL_HOSPITAL, SECOND_DOCTOR[0]),
    ("2001", StaffRole.CLERK, GENERAL_HOSPITAL, "马晓燕"),
    ("2501", StaffRole.OPERATOR, GENERAL_HOSPITAL, "乔雨欣"),
    ("3001", StaffRole.NURSE, GENERAL_HOSPITAL, "田静"),
    ("4001", StaffRole.TECHNICIAN, GENERAL_HOSPITAL, "余志斌"),
    ("4501", StaffRole.PHARMACIST, GENERAL_HOSPITAL, "孔令梅"),
    ("5001", StaffRole.VILLAGE_DOCTOR, places.VILLAGES["麦川镇"][1], ""),
    ("6001", StaffRole.SECRETARY, GENERAL_HOSPITAL, "方晓华"),
    ("6501", StaffRole.RECORDS, GENERAL_HOSPITAL, "程淑芬"),
    ("9001", StaffRole.ADMIN, ROOT, "高海涛"),
    ("9002", StaffRole.SECURITY, ROOT, "严立新"),
    ("9003", StaffRole.AUDITOR, ROOT, "白素琴"),
)
# Staff who treat but hold no clinic: work number, department code, title, specialty.
_COLLEAGUES = (
    ("3001", OPEN_CLINIC_CODE, PractitionerTitle.NURSE_IN_CHARGE, "分诊与门诊护理。"),
    ("4001", "JYK", PractitionerTitle.TECHNICIAN, "临床检验。"),
    ("4501", "YJK", PractitionerTitle.PHARMACIST, "处方审核与用药指导。"),
)


def totp_secret(username: str) -> str:
    """The second factor of a demo account in base32: fixed, so that it can be typed into a phone once and stay."""
    return base64.b32encode(hashlib.sha256(f"jiuyi demo {username}".encode()).digest()[:_SECRET_BYTES]).decode()


def password(role: StaffRole) -> str:
    """The password of every demo account of a role."""
    return f"heling-{role.value.replace('_', '-')}-2026"


def add_colleagues(made: Institutions, practice: Practice) -> None:
    """Enter the nurse, the technician and the pharmacist of the demo in the directory."""
    people = {username: name for username, _, _, name in ACCOUNTS}
    for username, code, title, specialty in _COLLEAGUES:
        department = made.department(GENERAL_HOSPITAL, code)
        colleague = Practitioner(
            id=world_id(made.seed, "practitioner", "colleague", username),
            name=people[username],
            sex=_sex_of(username),
            title=title,
            home_organization_id=department.organization_id,
            specialty=specialty,
            intro="",
        )
        practice.practitioners.append(colleague)
        practice.roles.append(
            PractitionerRole(
                id=world_id(made.seed, "role", str(colleague.id), str(department.id)),
                practitioner_id=colleague.id,
                department_id=department.id,
                room_id=None,
            )
        )


def staff(made: Institutions, practice: Practice) -> list[StaffAccount]:
    """The accounts, tied to the practitioner of the same name where there is one."""
    by_name = {person.name: person for person in practice.practitioners}
    result = []
    for username, role, place, name in ACCOUNTS:
        practitioner = by_name.get(name) if name else _village_doctor(made, practice, place)
        result.append(
            StaffAccount(
                id=world_id(made.seed, "staff", username),
                username=username,
                password=password(role),
                totp_secret=totp_secret(username),
                display_name=practitioner.name if practitioner is not None else name,
                role=role,
                organization_id=_node_of(made, role, place),
                practitioner_id=practitioner.id if practitioner is not None else None,
            )
        )
    return result


def _node_of(made: Institutions, role: StaffRole, place: str) -> UUID | None:
    """Where the role is held: a doctor's at the department, not at the whole hospital, so that others' visits stay closed."""
    if role is StaffRole.DOCTOR:
        return made.department(place, OPEN_CLINIC_CODE).id
    return made.keys[place] if place else None


def devices(made: Institutions) -> list[Device]:
    """A kiosk in the hall of each county hospital, and a wall screen on each floor where people wait."""
    result = []
    for place in (GENERAL_HOSPITAL, TCM_HOSPITAL):
        organization_id = made.keys[place]
        result.append(
            Device(
                id=world_id(made.seed, "kiosk", place),
                kind="kiosk",
                name="一楼大厅自助机",
                organization_id=organization_id,
                department_ids=(),
            )
        )
        queues = [item for item in made.departments if item.organization_id == organization_id and item.queue_prefix]
        result.extend(
            Device(
                id=world_id(made.seed, "wall", place, location),
                kind="wall",
                name=f"{location}候诊屏",
                organization_id=organization_id,
                department_ids=tuple(item.id for item in queues if item.location == location),
            )
            for location in dict.fromkeys(item.location for item in queues)
        )
    return result


def _village_doctor(made: Institutions, practice: Practice, village: str) -> Practitioner:
    clinic = next(item for item in made.departments if item.organization_id == made.keys[village])
    return practice.by_department[clinic.id][0]


def _sex_of(username: str) -> StaffSex:
    return StaffSex.MALE if username == "4001" else StaffSex.FEMALE
