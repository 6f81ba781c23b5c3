"""The vocabulary of institutions, departments, rooms, staff, and of how a name is spelt in initials."""

from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class OrganizationKind(Word):
    """What sort of institution a member of the consortium is."""

    CONSORTIUM = "consortium", gettext_noop("医共体")
    COUNTY_HOSPITAL = "county_hospital", gettext_noop("县人民医院")
    TCM_HOSPITAL = "tcm_hospital", gettext_noop("中医医院")
    TOWNSHIP_CENTRE = "township_centre", gettext_noop("乡镇卫生院")
    VILLAGE_CLINIC = "village_clinic", gettext_noop("村卫生室")
    PROVINCIAL_HOSPITAL = "provincial_hospital", gettext_noop("省级医院")


class DepartmentCategory(Word):
    """The large group under which patients look for a department."""

    INTERNAL = "internal", gettext_noop("内科")
    SURGERY = "surgery", gettext_noop("外科")
    PAEDIATRICS = "paediatrics", gettext_noop("儿科")
    WOMEN = "women", gettext_noop("妇产科")
    SENSES = "senses", gettext_noop("五官与皮肤")
    TCM = "tcm", gettext_noop("中医")
    GENERAL = "general", gettext_noop("全科")
    EMERGENCY = "emergency", gettext_noop("急诊与发热门诊")
    TECHNICAL = "technical", gettext_noop("医技")
    OFFICE = "office", gettext_noop("行政后勤")


class PractitionerTitle(Word):
    """Professional title (职称); the number class of a clinic follows from it."""

    CHIEF = "chief", gettext_noop("主任医师")
    ASSOCIATE_CHIEF = "associate_chief", gettext_noop("副主任医师")
    ATTENDING = "attending", gettext_noop("主治医师")
    RESIDENT = "resident", gettext_noop("住院医师")
    ASSISTANT = "assistant", gettext_noop("助理医师")
    VILLAGE_DOCTOR = "village_doctor", gettext_noop("乡村医生")
    NURSE = "nurse", gettext_noop("护士")
    NURSE_IN_CHARGE = "nurse_in_charge", gettext_noop("主管护师")
    TECHNICIAN = "technician", gettext_noop("技师")
    PHARMACIST = "pharmacist", gettext_noop("药师")
    OTHER = "other", gettext_noop("其他")


class StaffSex(Word):
    """Sex of a practitioner as patients may ask for it when they choose a doctor."""

    UNKNOWN = "0", gettext_noop("未知")
    MALE = "1", gettext_noop("男")
    FEMALE = "2", gettext_noop("女")


class RoomKind(Word):
    """What a room is for."""

    CONSULTING = "consulting", gettext_noop("诊室")
    TREATMENT = "treatment", gettext_noop("治疗室")
    LABORATORY = "laboratory", gettext_noop("检验采集处")
    IMAGING = "imaging", gettext_noop("检查室")
    PHARMACY = "pharmacy", gettext_noop("药房")
    DESK = "desk", gettext_noop("服务窗口")
    WAITING = "waiting", gettext_noop("候诊区")
    RESUSCITATION = "resuscitation", gettext_noop("抢救室")
    OFFICE = "office", gettext_noop("办公室")


class StaffRole(Word):
    """A role bound to a node; what it may do is written in the project's table of roles."""

    CLERK = "clerk", gettext_noop("挂号收费员")
    DOCTOR = "doctor", gettext_noop("医生")
    NURSE = "nurse", gettext_noop("护士")
    TECHNICIAN = "technician", gettext_noop("医技人员")
    PHARMACIST = "pharmacist", gettext_noop("药师")
    VILLAGE_DOCTOR = "village_doctor", gettext_noop("乡村医生")
    OPERATOR = "operator", gettext_noop("电话预约员")
    SECRETARY = "secretary", gettext_noop("科室排班员")
    RECORDS = "records", gettext_noop("病案管理员")
    ADMIN = "admin", gettext_noop("系统管理员")
    SECURITY = "security", gettext_noop("安全管理员")
    AUDITOR = "auditor", gettext_noop("审计管理员")


ORGANIZATION_MANAGE = "organization.manage"
PRACTITIONER_MANAGE = "practitioner.manage"
PERMISSIONS = {
    ORGANIZATION_MANAGE: gettext_noop("维护机构、科室和诊室"),
    PRACTITIONER_MANAGE: gettext_noop("维护医务人员名录"),
}


class NotOfThisOrganization(Refusal):
    """The department, building or room belongs to another institution."""

    code = "organizations.not_of_this_organization"
    message = gettext_noop("所选科室、楼栋或诊室不属于这家机构，请重新选择。")


class AgeRangeReversed(Refusal):
    """A department's lowest age lies above its highest."""

    code = "organizations.age_range_reversed"
    message = gettext_noop("最小年龄不能大于最大年龄，请改正后再保存。")


# Own list of the compound surnames still in use; the reading of each stands beside it because many are read unlike their characters.
COMPOUND_SURNAMES: dict[str, str] = {
    "欧阳": "oy", "上官": "sg", "司马": "sm", "诸葛": "zg", "东方": "df", "皇甫": "hf", "尉迟": "yc", "公孙": "gs",
    "慕容": "mr", "司徒": "st", "令狐": "lh", "夏侯": "xh", "宇文": "yw", "长孙": "zs", "轩辕": "xy", "鲜于": "xy",
    "闻人": "wr", "澹台": "tt", "公冶": "gy", "宗政": "zz", "濮阳": "py", "淳于": "cy", "单于": "cy", "太叔": "ts",
    "申屠": "st", "仲孙": "zs", "钟离": "zl", "呼延": "hy", "赫连": "hl", "万俟": "mq", "东郭": "dg", "南宫": "ng",
    "西门": "xm", "独孤": "dg", "百里": "bl", "端木": "dm", "第五": "dw", "拓跋": "tb", "完颜": "wy", "耶律": "yl",
    "纳兰": "nl", "司空": "sk", "左丘": "zq", "公羊": "gy", "谷梁": "gl", "宰父": "zf", "梁丘": "lq", "乐正": "yz",
    "漆雕": "qd", "巫马": "wm", "公西": "gx", "颛孙": "zs", "壤驷": "rs", "夹谷": "jg", "段干": "dg", "东门": "dm",
    "南门": "nm", "羊舌": "ys", "微生": "ws", "归海": "gh", "即墨": "jm", "达奚": "dx", "褚师": "cs", "闾丘": "lq",
    "子车": "zj", "太史": "ts", "司寇": "sk", "亓官": "qg",
}  # fmt: skip

# Surnames whose initial differs from that of the character's usual reading.
SURNAME_READINGS: dict[str, str] = {
    "单": "s", "仇": "q", "曾": "z", "解": "x", "查": "z", "区": "o", "翟": "z", "覃": "q", "秘": "b", "种": "c", "繁": "p",
    "乐": "y", "召": "s", "佴": "n", "句": "g", "乜": "n", "折": "s", "重": "c", "祭": "z", "阚": "k", "隗": "w",
}  # fmt: skip


def compound_surname(name: str) -> str | None:
    """The two-character surname a Chinese name of three or more characters starts with, or None.

    A name of two characters is read as one-character surname and given name.
    """
    return name[:2] if len(name) > len("欧阳") and name[:2] in COMPOUND_SURNAMES else None


def initials_of(text: str) -> str:
    """Pinyin initials of any Chinese text, lower case: ``慢性胃炎`` → ``mxwy``; a Latin word gives its first letter; digits stay.

    A character without a known reading gives nothing.
    """
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  # its tables take half a second and 30 MB

    def others(rest: str) -> str:
        words = "".join(c if c.isalnum() else " " for c in rest).split()
        return "".join(word if word.isdigit() else word[0] for word in words)

    parts = lazy_pinyin(text, style=Style.FIRST_LETTER, errors=others)
    return "".join(c for c in "".join(parts).lower() if c.isascii() and c.isalnum())


def initials_of_name(name: str) -> str:
    """Pinyin initials of a person's name with the surname's own reading: ``单小明`` → ``sxm``, ``尉迟恭`` → ``ycg``."""
    compound = compound_surname(name)
    if compound is not None:
        return COMPOUND_SURNAMES[compound] + initials_of(name[2:])
    if name[:1] in SURNAME_READINGS and "·" not in name:
        return SURNAME_READINGS[name[0]] + initials_of(name[1:])
    return initials_of(name)
