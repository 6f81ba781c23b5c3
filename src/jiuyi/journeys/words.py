"""Refusals that only a journey can give, because they need two departments to know."""

from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop


class FeeUnpaid(Refusal):
    """The registration fee is still owed; nobody is turned away for good, but the order of things is pay, then check in."""

    code = "fee_unpaid"
    message = gettext_noop("挂号费 {amount} 元还没有付。请先在手机上支付，或到收费窗口付现金，再签到。")


class NotToday(Refusal):
    """Check-in is for today's appointments."""

    code = "not_today"
    message = gettext_noop("这个号是 {day} 的，今天还不能签到。请按预约的日期来。")


class NoSuchVoucher(Refusal):
    """A voucher code nobody knows, or one whose second factor does not fit: the same answer for both."""

    code = "no_such_voucher"
    message = gettext_noop("没有找到对应的预约。请核对凭证码和证件后四位，或到服务台请工作人员帮忙。")


class NothingToPay(Refusal):
    """All of it has been paid, refunded or withdrawn already."""

    code = "nothing_to_pay"
    message = gettext_noop("这笔费用不需要再付了。请返回首页查看最新状态。")


class NoClinicNow(Refusal):
    """No clinic of that department takes walk-ins at this moment."""

    code = "no_clinic_now"
    message = gettext_noop("这个科室现在没有可以当场挂的号。可以改约其他时间，急症请去急诊科。")


class NotOurPatient(Refusal):
    """The ticket was called by another room."""

    code = "not_our_patient"
    message = gettext_noop("这位患者不是您叫的号，请刷新候诊列表。")


class NoSubstituteLeft(Refusal):
    """No other doctor of the same class has a free window that day."""

    code = "no_substitute_left"
    message = gettext_noop("当天同号别的其他医生没有空位了。可以改约其他时间，或者全额退费。")


class OtherClass(Refusal):
    """A change moves a visit within its department and class, so that the fee stays."""

    code = "other_class"
    message = gettext_noop("只能改到同科室、同号别的时段。要看别的科室或号别，请先全额退费，再重新预约。")


class BookAtTheDesk(Refusal):
    """Something stands against this booking that this account may not learn about; a person at the desk can see it."""

    code = "book_at_the_desk"
    message = gettext_noop("这个号现在不能在手机上预约，没有扣款。请带就诊人证件到窗口，或打电话办理。")


class WrongMode(Refusal):
    """The chosen session is not what the mode of booking says."""

    code = "wrong_mode"
    message = gettext_noop("所选的班次不属于这种预约方式，请返回重新选择。")


class NoVisitToReturnTo(Refusal):
    """No finished visit within the days that one registration covers."""

    code = "no_visit_to_return_to"
    message = gettext_noop("没有找到 {days} 天内在本科室由这位医生看过的就诊。请重新挂号，或预约复诊。")
