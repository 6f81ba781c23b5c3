"""Words of making sessions from the standing timetable: what became of each row, and everything that stands against it."""

from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class PlanOutcome(Word):
    """What becomes of one template on one day."""

    NEW = "new", gettext_noop("可生成")
    PUBLISHED = "published", gettext_noop("已生成")
    EXISTS = "exists", gettext_noop("已有班次")
    HOLIDAY = "holiday", gettext_noop("休息日")
    EXCEPTION = "exception", gettext_noop("不出诊")
    CONFLICT = "conflict", gettext_noop("有冲突")


class PlanConflict(Word):
    """What stands against a session. A shared room is only pointed out, the others keep it from being published."""

    DOCTOR_BUSY = "doctor_busy", gettext_noop("医生这段时间已有班次")
    ON_THE_ROAD = "on_the_road", gettext_noop("医生前后在另一家机构出诊，路途时间不够")
    NOT_HERE = "not_here", gettext_noop("医生已不在本科室出诊")
    NO_ROOM = "no_room", gettext_noop("没有诊室")
    NO_CONTACT = "no_contact", gettext_noop("外院专家坐诊缺咨询电话")
    BAD_HOURS = "bad_hours", gettext_noop("时段长度不合规定")
    ROOM_SHARED = "room_shared", gettext_noop("诊室同时有别的医生")


ONLY_POINTED_OUT = frozenset({PlanConflict.ROOM_SHARED})


class TemplateClash(Refusal):
    """The doctor's standing timetable has another clinic at that time."""

    code = "scheduling.template_clash"
    message = gettext_noop("医生在这个时间已有固定班次，请改时间，或先停用原来的。")


class BadTemplate(Refusal):
    """A standing clinic that cannot be entered as typed; ``fields`` names every reason."""

    code = "scheduling.bad_template"
    message = gettext_noop("固定班次的内容需要改正。")


class BadException(Refusal):
    """Days without the standing timetable that cannot be entered as typed."""

    code = "scheduling.bad_exception"
    message = gettext_noop("不出诊的内容需要改正。")
