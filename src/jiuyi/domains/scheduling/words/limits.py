"""The limits of booking from outside, each with a sentence that says what to do next (rule AP-9)."""

from collections.abc import Mapping
from typing import Final

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class Limit(Word):
    """One limit of rule AP-9; the values are the codes in ``TooManyBookings.data["conflicts"]``."""

    ONE_PER_DEPARTMENT_DAY = "already_booked_that_day", gettext_noop("同人同科同日一次")
    PER_DOCTOR = "per_doctor", gettext_noop("同一医生未就诊的预约")
    PER_DAY = "per_day", gettext_noop("同一天的预约")
    PER_WEEK = "per_week", gettext_noop("同一周的预约")
    OPEN_BOOKINGS = "open_bookings", gettext_noop("未就诊的预约总数")
    ACCOUNT_PATIENTS = "account_patients", gettext_noop("一个账号的就诊人")
    ACCOUNT_PER_DAY = "account_per_day", gettext_noop("一个账号一天的预约")
    DEVICE_PER_DAY = "device_per_day", gettext_noop("一部手机或电脑一天的预约")


# What is about the patient; the others are about who books, and betray nothing about the patient.
OF_THE_PATIENT: Final = frozenset({Limit.ONE_PER_DEPARTMENT_DAY, Limit.PER_DOCTOR, Limit.PER_DAY, Limit.PER_WEEK, Limit.OPEN_BOOKINGS})
WHAT_TO_DO: Final[Mapping[Limit, str]] = {
    Limit.ONE_PER_DEPARTMENT_DAY: gettext_noop("就诊人当天在这个科室已有预约，换时间请在“我的预约”里改。"),
    Limit.PER_DOCTOR: gettext_noop("就诊人还有这位医生的预约没有看，请看完再约，或先退掉那一个。"),
    Limit.PER_DAY: gettext_noop("就诊人一天最多约 {per_day} 次，请换一天，或先退掉不用的。"),
    Limit.PER_WEEK: gettext_noop("就诊人一周（周一到周日）最多约 {per_week} 次，请换一周，或先退掉不用的。"),
    Limit.OPEN_BOOKINGS: gettext_noop("就诊人最多同时有 {open_bookings} 个没看的预约，请先退掉不用的。"),
    Limit.ACCOUNT_PATIENTS: gettext_noop(
        "这个账号 {account_patients_days} 天内最多为 {account_patients} 人预约，请让就诊人用自己的手机约，或到窗口办理。"
    ),
    Limit.ACCOUNT_PER_DAY: gettext_noop("这个账号一天最多约 {account_per_day} 次，请明天再约，或打电话、到窗口办理。"),
    Limit.DEVICE_PER_DAY: gettext_noop("这部手机或电脑今天最多约 {device_per_day} 次，请换一部，或打电话、到窗口办理。"),
}
