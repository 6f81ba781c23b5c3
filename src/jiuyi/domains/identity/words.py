"""The vocabulary of people, their numbers, accounts, families and care relations."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Invalid, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class Sex(Word):
    """Sex by GB/T 2261.1."""

    UNKNOWN = "0", gettext_noop("未知")
    MALE = "1", gettext_noop("男")
    FEMALE = "2", gettext_noop("女")
    UNSPECIFIED = "9", gettext_noop("未说明")


class IdentifierType(Word):
    """Kind of identity paper: WS 364.3 CV02.01.101, with the two residence cards and the birth certificate set apart."""

    RESIDENT_ID = "01", gettext_noop("居民身份证")
    HOUSEHOLD_BOOK = "02", gettext_noop("居民户口簿")
    PASSPORT = "03", gettext_noop("护照")
    OFFICER_CARD = "04", gettext_noop("军官证")
    DRIVING_LICENCE = "05", gettext_noop("驾驶证")
    HK_MACAO_PASS = "06", gettext_noop("港澳居民来往内地通行证")
    TAIWAN_PASS = "07", gettext_noop("台湾居民来往大陆通行证")
    RESIDENCE_PERMIT = "11", gettext_noop("港澳台居民居住证")
    FOREIGN_RESIDENT = "12", gettext_noop("外国人永久居留身份证")
    BIRTH_CERTIFICATE = "13", gettext_noop("出生医学证明")
    RESIDENT_ID_15 = "15", gettext_noop("15位旧身份证号")
    OTHER = "99", gettext_noop("其他法定有效证件")


# What a form offers: the fifteen-digit number is only ever an alias of the eighteen-digit one.
OFFERED_IDENTIFIER_TYPES: tuple[IdentifierType, ...] = tuple(t for t in IdentifierType if t is not IdentifierType.RESIDENT_ID_15)


class Certainty(Word):
    """How sure we are about a person, a number or a link."""

    CLAIMED = "claimed", gettext_noop("未核验")
    VERIFIED = "verified", gettext_noop("已核验")


LinkLevel = Certainty


class IdentifierStatus(Word):
    """How sure we are that a number belongs to this person; a disputed number waits for a human."""

    CLAIMED = "claimed", gettext_noop("未核验")
    VERIFIED = "verified", gettext_noop("已核验")
    DISPUTED = "disputed", gettext_noop("待人工核对")


class Relation(Word):
    """What the patient is to the holder of the account."""

    SELF = "self", gettext_noop("本人")
    SPOUSE = "spouse", gettext_noop("配偶")
    CHILD = "child", gettext_noop("子女")
    PARENT = "parent", gettext_noop("父母")
    GRANDPARENT = "grandparent", gettext_noop("祖父母或外祖父母")
    GRANDCHILD = "grandchild", gettext_noop("孙辈")
    SIBLING = "sibling", gettext_noop("兄弟姐妹")
    OTHER = "other", gettext_noop("其他亲友")


class ContactManner(Word):
    """How the owner of a phone can be told something: not everybody hears, reads, or has a phone that shows text."""

    ANY = "any", gettext_noop("短信、电话都可以")
    TEXT_ONLY = "text_only", gettext_noop("只看文字（听力不便）")
    VOICE_ONLY = "voice_only", gettext_noop("只接电话（看不了短信）")


class Credential(Word):
    """What was shown at the desk in a visit."""

    ID_CARD = "id_card", gettext_noop("居民身份证")
    INSURANCE_VOUCHER = "insurance_voucher", gettext_noop("医保电子凭证")
    SOCIAL_CARD = "social_card", gettext_noop("社会保障卡")
    HEALTH_CARD = "health_card", gettext_noop("电子健康卡")
    HOUSEHOLD_BOOK = "household_book", gettext_noop("户口簿")
    OTHER_PAPER = "other_paper", gettext_noop("其他有效证件")
    EXPIRED_CARD = "expired_card", gettext_noop("过期证件")
    BOOKING_VOUCHER = "booking_voucher", gettext_noop("预约凭证")
    VERBAL = "verbal", gettext_noop("无证件，口头报姓名")
    NONE = "none", gettext_noop("身份不明")


# Papers that prove who somebody is; a booking voucher only checks in, and a spoken name is completed later.
PROVING_CREDENTIALS: frozenset[Credential] = frozenset(
    {
        Credential.ID_CARD,
        Credential.INSURANCE_VOUCHER,
        Credential.SOCIAL_CARD,
        Credential.HEALTH_CARD,
        Credential.HOUSEHOLD_BOOK,
        Credential.OTHER_PAPER,
    }
)


class CareBasis(Word):
    """Why a unit or a member of staff may open somebody's record for a time."""

    OUTPATIENT_VISIT = "outpatient_visit", gettext_noop("门诊就诊")
    EMERGENCY_VISIT = "emergency_visit", gettext_noop("急诊就诊")
    INPATIENT_STAY = "inpatient_stay", gettext_noop("住院")
    REFERRAL = "referral", gettext_noop("转诊")
    FAMILY_DOCTOR = "family_doctor", gettext_noop("家庭医生签约")
    FOLLOW_UP = "follow_up", gettext_noop("随访")
    HOME_CARE = "home_care", gettext_noop("上门服务")


class Match(Word):
    """What two descriptions of a person are to each other."""

    SAME = "same", gettext_noop("同一人")
    DISAGREES = "disagrees", gettext_noop("号码相同但信息不一致")
    CANDIDATE = "candidate", gettext_noop("可能是同一人")
    DIFFERENT = "different", gettext_noop("不同的人")


class ReviewReason(Word):
    """Why a human has to compare two people."""

    NUMBER_DISAGREES = "number_disagrees", gettext_noop("证件号码相同，姓名、性别或出生日期不一致")
    LOOKS_ALIKE = "looks_alike", gettext_noop("没有证件号码，姓名、性别、出生日期和电话相同")


class AgeUnit(Word):
    """The unit in which an age is written; the label is the template around the number."""

    YEARS = "years", gettext_noop("{value}岁")
    MONTHS = "months", gettext_noop("{value}个月")
    DAYS = "days", gettext_noop("{value}天")
    UNKNOWN = "unknown", gettext_noop("年龄不详")


class NumberFault(Word):
    """What is wrong with a typed number; the label says how to mend it."""

    EMPTY = "empty", gettext_noop("请填写证件号码。")
    LENGTH = "length", gettext_noop("身份证号码应为18位，请核对是否多填或少填。")
    CHARACTERS = "characters", gettext_noop("身份证号码前17位应为数字，最后一位为数字或X，请核对。")
    BIRTH_DATE = "birth_date", gettext_noop("身份证号码中的出生日期不存在，请核对第7到14位。")
    FUTURE = "future", gettext_noop("身份证号码中的出生日期还没有到，请核对第7到14位。")
    CHECKSUM = "checksum", gettext_noop("身份证号码校验不通过，请逐位核对。")
    SHAPE = "shape", gettext_noop("号码与所选证件类型的格式不符，请核对证件类型和号码。")


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A checked number of a paper; birth date and sex when the number tells them."""

    type: IdentifierType
    number: str
    birth_date: date | None = None
    sex: Sex | None = None
    alias: tuple[IdentifierType, str] | None = None

    @property
    def last_four(self) -> str:
        """The last four characters, which may be shown."""
        return self.number[-4:]


IdNumber = ParsedNumber


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a person when two are compared; ``number`` is (type, number or its hash), None when none was shown."""

    name: str
    sex: Sex
    birth_date: date | None
    number: tuple[IdentifierType, str | bytes] | None = None
    phone: str | bytes | None = None


class LoginAnswer(Word):
    """What the door says to a code or to the wish for one."""

    SEND = "send", gettext_noop("发送验证码")
    SILENT = "silent", gettext_noop("不发送，回答相同")
    DEVICE_WAITS = "device_waits", gettext_noop("设备请求过多")
    OPEN = "open", gettext_noop("登录成功")
    WRONG = "wrong", gettext_noop("验证码不正确")
    LOCK = "lock", gettext_noop("错误过多，开始锁定")
    LOCKED = "locked", gettext_noop("锁定中")


@dataclass(frozen=True, slots=True)
class Age:
    """An age in the unit in which it is written. Source: rule ID-8."""

    value: int
    unit: AgeUnit

    @property
    def text(self) -> str:
        """The age in Chinese: ``12天``, ``5个月``, ``77岁``, ``年龄不详``."""
        return self.unit.label.format(value=self.value)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """One entry of a registration; ``credential`` is what was shown, and a proving one makes the person verified."""

    name: str
    sex: Sex
    birth_date: date | None
    id_type: IdentifierType | None = None
    number: str | None = None
    phone: str | None = None
    village: str = ""
    address: str = ""
    credential: Credential | None = None
    id: UUID | None = None


PERSON_SEARCH = "person.search"
PERSON_REGISTER = "person.register"
PERSON_VERIFY = "person.verify"
PERSON_OPEN = "person.open"
PERMISSIONS = {
    PERSON_SEARCH: gettext_noop("查找患者"),
    PERSON_REGISTER: gettext_noop("登记患者"),
    PERSON_VERIFY: gettext_noop("核验患者身份"),
    PERSON_OPEN: gettext_noop("打开患者档案（限诊疗关系内）"),
}


class FamilyAccounts(RuleParameters, frozen=True, kw_only=True):
    """How many people one phone account looks after, and when its certainty fades."""

    rule_id: ClassVar[str] = "ID-15"
    title: ClassVar[str] = gettext_noop("家庭成员与账号")
    source: ClassVar[str] = gettext_noop("PIPL §§28-31; practice; 二次放号 after 90 idle days")

    family_limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 8
    claims_per_day: Annotated[int, msgspec.Meta(ge=1, le=200)] = 20
    idle_days: Annotated[int, msgspec.Meta(ge=30, le=730)] = 90


class LoginCodes(RuleParameters, frozen=True, kw_only=True):
    """Codes by text message: how long they live, how often they are sent, when the door closes."""

    rule_id: ClassVar[str] = "DS-8"
    title: ClassVar[str] = gettext_noop("短信验证码与登录锁定")
    source: ClassVar[str] = gettext_noop("GB/T 22239-2019 8.1.4; practice")

    valid_minutes: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5
    codes_per_minute: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    codes_per_hour: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5
    codes_per_hour_and_device: Annotated[int, msgspec.Meta(ge=1, le=500)] = 20
    wrong_codes: Annotated[int, msgspec.Meta(ge=3, le=10)] = 5
    wrong_codes_per_hour_and_device: Annotated[int, msgspec.Meta(ge=5, le=200)] = 20
    lock_minutes: Annotated[int, msgspec.Meta(ge=10, le=120)] = 15


class NumberRefused(Invalid):
    """A typed number of a paper cannot be taken; ``fault`` says why."""

    code = "identity.number_refused"

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(fields={"number": fault.label}, fault=fault.value)
        self.fault = fault


class WrongCode(Refusal):
    """The code does not open the account: wrong, used, too old or never sent; which of these is not told."""

    code = "identity.wrong_code"
    message = gettext_noop("验证码不正确或已过期。请核对短信中的6位数字，或重新获取验证码。")


class LoginLocked(Refusal):
    """Too many wrong codes; ``minutes`` until the next try."""

    code = "identity.login_locked"
    message = gettext_noop("验证码错误次数过多，请在{minutes}分钟后重新获取。急需就诊请直接到医院服务台办理。")
    status = 429


class TooManyCodes(Refusal):
    """This device has asked for too many codes; ``minutes`` until it may again."""

    code = "identity.too_many_codes"
    message = gettext_noop("这台设备获取验证码过于频繁，请在{minutes}分钟后再试，或到医院服务台办理。")
    status = 429


class FamilyFull(Refusal):
    """The account already looks after as many people as allowed (``limit``)."""

    code = "identity.family_full"
    message = gettext_noop("一个账号最多添加{limit}位就诊人。请先移除不再使用的就诊人，或到服务台办理。")


class TooManyClaims(Refusal):
    """The account has typed too many people today."""

    code = "identity.too_many_claims"
    message = gettext_noop("今天添加就诊人的次数过多，请明天再试，或携带证件到服务台办理。")
    status = 429


class PersonNotTaken(Invalid):
    """Name, number, phone or dates cannot be taken as typed; ``fields`` says which."""

    code = "identity.person_not_taken"


class PhoneNotTaken(Invalid):
    """The phone number cannot be one."""

    code = "identity.phone_not_taken"
    message = gettext_noop("请输入11位手机号码。")


class SearchTooShort(Invalid):
    """The search says too little."""

    code = "identity.search_too_short"
    message = gettext_noop("请输入证件号码、手机号码、姓名，或至少两个拼音首字母。")


class CredentialProvesNothing(Refusal):
    """What was shown does not prove who somebody is."""

    code = "identity.credential_proves_nothing"
    message = gettext_noop("所选凭证不能证明身份。可以先按“未核验”就诊，补齐证件后再核验。")


class NumberHeldByAnother(Refusal):
    """The number was verified for somebody else; a human has to compare papers."""

    code = "identity.number_held_by_another"
    message = gettext_noop("这个证件号码已为另一位患者核验。请两位患者的证件一并交病案室人工核对，暂按“未核验”就诊。")
    status = 409


class RelationTaken(Invalid):
    """The account already has somebody as its holder."""

    code = "identity.relation_taken"
    message = gettext_noop("“本人”已经登记过，请选择与您的关系。")


class PeriodReversed(Invalid):
    """A care relation ends before it starts."""

    code = "identity.period_reversed"
    message = gettext_noop("结束时间应晚于开始时间。")


NAME_EMPTY = gettext_noop("请填写姓名。")
NAME_TOO_LONG = gettext_noop("姓名过长，请核对。")
NAME_CHARACTERS = gettext_noop("姓名中有不能使用的符号，请核对。")
BIRTH_DATE_FUTURE = gettext_noop("出生日期还没有到，请核对。")
BIRTH_DATE_DISAGREES = gettext_noop("出生日期与证件号码不一致，请核对。")
SEX_DISAGREES = gettext_noop("性别与证件号码不一致，请核对。")
BIRTH_DATE_NEEDED = gettext_noop("请填写出生日期。")
ID_TYPE_NEEDED = gettext_noop("请选择证件类型。")
