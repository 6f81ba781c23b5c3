"""The words of a visit: payers, states, orders, allergies, refusals and rule packs."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import NotAllowed, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

ENCOUNTER_REGISTER = "encounter.register"
ENCOUNTER_OPEN = "encounter.open"
ENCOUNTER_CONDUCT = "encounter.conduct"
PERMISSIONS = {
    ENCOUNTER_REGISTER: gettext_noop("登记就诊"),
    ENCOUNTER_OPEN: gettext_noop("查看就诊记录"),
    ENCOUNTER_CONDUCT: gettext_noop("接诊、书写病历和开医嘱"),
}


class PayerCategory(Word):
    """Who pays for this visit (费别), stored per visit because it changes between visits."""

    SELF_PAY = "self_pay", gettext_noop("自费")
    EMPLOYEE = "employee", gettext_noop("职工医保")
    RESIDENT = "resident", gettext_noop("城乡居民医保")
    OTHER_PLACE = "other_place", gettext_noop("异地医保")
    WORK_INJURY = "work_injury", gettext_noop("工伤保险")
    MATERNITY = "maternity", gettext_noop("生育保险")
    ASSISTANCE = "assistance", gettext_noop("医疗救助")
    COMMERCIAL = "commercial", gettext_noop("商业保险")
    PUBLIC = "public", gettext_noop("公费医疗")


class EncounterStatus(Word):
    """Where a visit is."""

    ARRIVED = "arrived", gettext_noop("已到诊")
    IN_PROGRESS = "in_progress", gettext_noop("就诊中")
    FINISHED = "finished", gettext_noop("已结束")
    CANCELLED = "cancelled", gettext_noop("已取消")


class EncounterAct(Word):
    """What can be done with a visit as a whole."""

    START = "start", gettext_noop("开始接诊")
    UNDO_START = "undo_start", gettext_noop("不是本人")
    FINISH = "finish", gettext_noop("结束就诊")
    CANCEL = "cancel", gettext_noop("取消就诊")


class Party(Word):
    """Who acts on a visit."""

    DOCTOR = "doctor", gettext_noop("接诊医师")
    CLERK = "clerk", gettext_noop("挂号人员")
    SYSTEM = "system", gettext_noop("系统")


class NoteStatus(Word):
    """A note is written, then signed for ever; a draft written about the wrong person is void, not deleted."""

    DRAFT = "draft", gettext_noop("草稿")
    SIGNED = "signed", gettext_noop("已签名")
    VOID = "void", gettext_noop("作废")


class DiagnosisCertainty(Word):
    """How sure a diagnosis is."""

    CONFIRMED = "confirmed", gettext_noop("确诊")
    SUSPECTED = "suspected", gettext_noop("疑似")


class OrderStatus(Word):
    """An order from the doctor's pen to its end; nothing is ever deleted."""

    DRAFT = "draft", gettext_noop("草稿")
    ACTIVE = "active", gettext_noop("待缴费")
    RELEASED = "released", gettext_noop("已缴费，可执行")
    COMPLETED = "completed", gettext_noop("已完成")
    REVOKED = "revoked", gettext_noop("已撤销")


class OrderKind(Word):
    """What is ordered."""

    LAB = "lab", gettext_noop("检验")
    DRUG = "drug", gettext_noop("药品")


class Answer(Word):
    """Three states of a safety question: *not asked* is never shown or treated as *none*."""

    NOT_ASKED = "not_asked", gettext_noop("未询问")
    NONE = "none", gettext_noop("无")
    PRESENT = "present", gettext_noop("有")


class FlagKind(Word):
    """Facts about a person that every ordering doctor must see."""

    PREGNANCY = "pregnancy", gettext_noop("妊娠")
    IMPLANT = "implant", gettext_noop("体内植入物")


class ConflictKind(Word):
    """How an allergy meets a drug."""

    SAME = "same", gettext_noop("同一物质")
    CLASS = "class", gettext_noop("同类药物")
    CROSS = "cross", gettext_noop("可能交叉过敏")


@dataclass(frozen=True, slots=True)
class Allergy:
    """One allergy as told: the substance's code and what happened."""

    substance_code: str
    reaction: str = ""


class Route(Word):
    """How a drug is given."""

    ORAL = "oral", gettext_noop("口服")
    SUBLINGUAL = "sublingual", gettext_noop("舌下含服")
    INTRAVENOUS = "iv", gettext_noop("静脉滴注")
    INTRAMUSCULAR = "im", gettext_noop("肌内注射")
    SUBCUTANEOUS = "sc", gettext_noop("皮下注射")
    INHALED = "inhaled", gettext_noop("吸入")
    TOPICAL = "topical", gettext_noop("外用")
    EYE = "eye", gettext_noop("滴眼")


class Frequency(Word):
    """How often a drug is taken."""

    ONCE = "once", gettext_noop("一次")
    DAILY = "qd", gettext_noop("每日一次")
    TWICE = "bid", gettext_noop("每日两次")
    THRICE = "tid", gettext_noop("每日三次")
    FOUR_TIMES = "qid", gettext_noop("每日四次")
    BEDTIME = "qn", gettext_noop("每晚一次")
    EVERY_8_HOURS = "q8h", gettext_noop("每8小时一次")
    EVERY_12_HOURS = "q12h", gettext_noop("每12小时一次")
    WHEN_NEEDED = "prn", gettext_noop("必要时")


class PrescriptionParameters(RuleParameters, frozen=True, kw_only=True):
    """Limits of an outpatient prescription."""

    rule_id: ClassVar[str] = "RX-2"
    title: ClassVar[str] = gettext_noop("处方用量与张数")
    source: ClassVar[str] = gettext_noop("《处方管理办法》第六条、第十八条、第十九条（RX-1、RX-2、RX-3）")

    ordinary_days: Annotated[int, msgspec.Meta(ge=1, le=31)] = 7
    emergency_days: Annotated[int, msgspec.Meta(ge=1, le=7)] = 3
    longest_days: Annotated[int, msgspec.Meta(ge=7, le=84)] = 84
    drugs_per_prescription: Annotated[int, msgspec.Meta(ge=1, le=5)] = 5
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1


class EncounterMoved(Refusal):
    """The visit is not in the state that the act needs."""

    code = "encounters.encounter_moved"
    message = gettext_noop("这次就诊现在是“{status}”，不能“{act}”。请刷新后再操作。")
    status = 409


class NotYourEncounter(NotAllowed):
    """Another doctor conducts this visit."""

    code = "encounters.not_yours"
    message = gettext_noop("这次就诊由另一位医师接诊。需要书写时，请由接诊医师操作或办理会诊。")


class AlreadyWritten(Refusal):
    """The wrong start cannot be undone any more: something was signed or released."""

    code = "encounters.already_written"
    message = gettext_noop("病历已签名或医嘱已缴费，不能再按“不是本人”撤回。请联系医务科更正。")
    status = 409


class AlreadySigned(Refusal):
    """A signed note never changes."""

    code = "encounters.already_signed"
    message = gettext_noop("病历已签名，不能修改。需要补充时请写“补充记录”。")
    status = 409


class NotSignedYet(Refusal):
    """An addendum needs a signed note, and so does the end of a visit."""

    code = "encounters.not_signed_yet"
    message = gettext_noop("病历还没有签名。请先签名。")


class NoteEmpty(Refusal):
    """An empty note cannot be signed."""

    code = "encounters.note_empty"
    message = gettext_noop("病历还有未填的内容，请补全后再签名。")


class CannotFinish(Refusal):
    """The visit lacks something; all that is missing is named at once in ``fields``."""

    code = "encounters.cannot_finish"
    message = gettext_noop("还不能结束就诊，请先补全下面各项。")


class DiagnosisUnknown(Refusal):
    """The code is not in the list of diagnoses."""

    code = "encounters.diagnosis_unknown"
    message = gettext_noop("没有编码为“{diagnosis}”的诊断。请用名称、编码或拼音首字母重新查找。")


class DiagnosisNeeded(Refusal):
    """No drug without a diagnosis."""

    code = "encounters.diagnosis_needed"
    message = gettext_noop("开药前请先录入诊断。")


class OrderableUnknown(Refusal):
    """The code is not in the list of what can be ordered."""

    code = "encounters.orderable_unknown"
    message = gettext_noop("没有编码为“{orderable}”的项目。请重新查找。")


class AllergyConflict(Refusal):
    """The drug meets a recorded allergy; ``conflicts`` names each pair."""

    code = "encounters.allergy_conflict"
    message = gettext_noop("患者对“{allergies}”过敏，不宜使用“{drug}”。请换药；确需使用时，请写明理由后再开。")
    status = 409


class AllergyNotAsked(Refusal):
    """Nobody has asked about allergies: that is not the same as none."""

    code = "encounters.allergy_not_asked"
    message = gettext_noop("还没有询问过敏史。请先询问并记录；紧急时请写明理由后再开。")
    status = 409


class AllergyExists(Refusal):
    """Allergies on record cannot be answered away with "none"."""

    code = "encounters.allergy_exists"
    message = gettext_noop("病历里已有过敏记录，不能直接改成“无”。请先逐条核实并排除。")
    status = 409


class SubstanceUnknown(Refusal):
    """The code is not in the list of substances."""

    code = "encounters.substance_unknown"
    message = gettext_noop("过敏原列表里没有“{substance}”。请重新选择。")


class AllergyMissing(Refusal):
    """The answer was that there is an allergy, but not to what."""

    code = "encounters.allergy_missing"
    message = gettext_noop("有过敏史时，请至少选择一种过敏原。")


class OrderedAlready(Refusal):
    """The same item is already ordered in this visit."""

    code = "encounters.ordered_already"
    message = gettext_noop("本次就诊已经开过“{name}”。需要改动时，请先撤销原来的医嘱。")
    status = 409


class DaysBeyondLimit(Refusal):
    """The prescription is longer than the rule allows without a reason, or at all."""

    code = "encounters.days_beyond_limit"
    message = gettext_noop("这类处方一般不超过 {limit_days} 天。请减少天数；慢性病等情况需要更长时，请写明理由（最长 {longest_days} 天）。")


class OrderMoved(Refusal):
    """The order is not in the state that the act needs."""

    code = "encounters.order_moved"
    message = gettext_noop("这条医嘱现在是“{status}”，不能这样操作。请刷新后再看。")
    status = 409


class ReasonNeeded(Refusal):
    """A sentence of reason is missing."""

    code = "encounters.reason_needed"
    message = gettext_noop("请写明理由。")
