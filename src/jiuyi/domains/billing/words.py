"""The vocabulary of money: what is charged, how it is paid, and the words of a refusal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from msgspec import Meta

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

PAYMENT_OPEN = "payment.open"
PAYMENT_TAKE = "payment.take"
PAYMENT_REFUND = "payment.refund"
PERMISSIONS = {
    PAYMENT_OPEN: gettext_noop("向患者出示支付码"),
    PAYMENT_TAKE: gettext_noop("收款"),
    PAYMENT_REFUND: gettext_noop("退费"),
}


class ChargeKind(Word):
    """What a charge is for; the ledger keeps one revenue account for each."""

    REGISTRATION = "registration", gettext_noop("诊查费")
    LAB = "lab", gettext_noop("检验费")
    EXAM = "exam", gettext_noop("检查费")
    DRUG = "drug", gettext_noop("药品费")
    TREATMENT = "treatment", gettext_noop("治疗费")
    OTHER = "other", gettext_noop("其他费用")


class ChargeStatus(Word):
    """Where one charge stands; a waived one (0 yuan) is paid from the start."""

    UNPAID = "unpaid", gettext_noop("待支付")
    PAID = "paid", gettext_noop("已支付")
    REFUNDED = "refunded", gettext_noop("已退费")
    CANCELLED = "cancelled", gettext_noop("已取消")


OWED_OR_PAID = (ChargeStatus.UNPAID, ChargeStatus.PAID)


class ChargeAct(Word):
    """What may be done to a charge."""

    PAY = "pay", gettext_noop("支付")
    CANCEL = "cancel", gettext_noop("取消")
    REFUND = "refund", gettext_noop("退费")


class PaymentChannel(Word):
    """How the money comes; a refund goes back the same way (rule M-8)."""

    WECHAT = "wechat", gettext_noop("微信支付")
    ALIPAY = "alipay", gettext_noop("支付宝")
    UNIONPAY = "unionpay", gettext_noop("银联卡")
    CASH = "cash", gettext_noop("现金")


class PaymentStatus(Word):
    """Where one payment stands. Money may still arrive for a closed one: it is taken and, if too much, given back."""

    CREATED = "created", gettext_noop("待支付")
    SETTLED = "settled", gettext_noop("已支付")
    CLOSED = "closed", gettext_noop("已关闭")
    REFUNDED = "refunded", gettext_noop("已全部退回")


class PaymentAct(Word):
    """What may happen to a payment."""

    SETTLE = "settle", gettext_noop("到账")
    CLOSE = "close", gettext_noop("关闭")
    REFUND = "refund", gettext_noop("全部退回")


class LineState(Word):
    """What became of the part of a payment that was meant for one charge."""

    OPEN = "open", gettext_noop("待支付")
    SETTLED = "settled", gettext_noop("已入账")
    SURPLUS = "surplus", gettext_noop("多付待退")


class RefundStatus(Word):
    """Where one refund stands."""

    REQUESTED = "requested", gettext_noop("退款处理中")
    DONE = "done", gettext_noop("已退款")
    FAILED = "failed", gettext_noop("退款失败，待人工处理")


class RefundAct(Word):
    """What may happen to a refund."""

    COMPLETE = "complete", gettext_noop("退款成功")
    GIVE_UP = "give_up", gettext_noop("多次失败，转人工")
    RETRY = "retry", gettext_noop("重新发起")


class RefundReason(Word):
    """Why money goes back."""

    APPOINTMENT_CANCELLED = "appointment_cancelled", gettext_noop("退号")
    HOSPITAL = "hospital", gettext_noop("医院原因")
    MOVED = "moved", gettext_noop("改约后按新号收费")
    NOT_DONE = "not_done", gettext_noop("项目未执行")
    SURPLUS = "surplus", gettext_noop("重复或过期支付")
    OTHER = "other", gettext_noop("其他原因")


class LedgerKind(Word):
    """Which business step a ledger transaction books; each step of each thing is booked once."""

    CHARGE_ADDED = "charge_added", gettext_noop("计费")
    CHARGE_CANCELLED = "charge_cancelled", gettext_noop("取消计费")
    PAYMENT_SETTLED = "payment_settled", gettext_noop("收款")
    CHARGE_REFUNDED = "charge_refunded", gettext_noop("退费")
    REFUND_DONE = "refund_done", gettext_noop("退款")


class VisitFee(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """诊查费 by number class, in fen."""

    rule_id: ClassVar[str] = "F3-5"
    title: ClassVar[str] = gettext_noop("诊查费标准")
    source: ClassVar[str] = gettext_noop("地方医疗服务价格项目目录；默认值为示例，由各院按当地文件调整（规则 F3-5）")

    ordinary_fen: Annotated[int, Meta(ge=0, le=100_000)] = 1500
    associate_chief_fen: Annotated[int, Meta(ge=0, le=100_000)] = 2500
    chief_fen: Annotated[int, Meta(ge=0, le=100_000)] = 3500
    renowned_fen: Annotated[int, Meta(ge=0, le=100_000)] = 6000
    emergency_fen: Annotated[int, Meta(ge=0, le=100_000)] = 2000


class ChargeNotPayable(Refusal):
    """At least one of the charges is paid, cancelled or refunded already; ``charge_ids`` names them all."""

    code = "billing.charge_not_payable"
    message = gettext_noop("其中有费用已支付或已取消，不需要再付。请返回刷新后查看。")


class MixedCharges(Refusal):
    """Charges of several hospitals cannot go into one payment."""

    code = "billing.mixed_charges"
    message = gettext_noop("不同医院的费用需要分开支付，请逐家支付。")


class NothingToPay(Refusal):
    """No charge was named, or all of them are 0 yuan."""

    code = "billing.nothing_to_pay"
    message = gettext_noop("没有需要支付的费用，不用再做别的。")


class TenderedTooLittle(Refusal):
    """The cash on the table does not cover the charges."""

    code = "billing.tendered_too_little"
    message = gettext_noop("实收金额不足，还差 {missing_yuan} 元，请核对后重新输入。")


class AmountDiffers(Refusal):
    """A call-back names another amount than the payment; nothing is booked, finance has to look."""

    code = "billing.amount_differs"
    message = gettext_noop("支付金额与应付金额不一致，未入账。请到收费窗口核对。")


class KeyReused(Refusal):
    """The request's key was used before for something else."""

    code = "billing.key_reused"
    message = gettext_noop("这个请求已经提交过别的内容，请返回重新操作。")


class ReferenceReused(Refusal):
    """The provider's transaction number belongs to another payment."""

    code = "billing.reference_reused"
    message = gettext_noop("这个交易号已用于另一笔支付，未入账。请联系财务核对。")


class NotRefundable(Refusal):
    """The charge was never paid, or its money has gone back already."""

    code = "billing.not_refundable"
    message = gettext_noop("这笔费用没有可退的款项。请刷新后查看退款进度。")


class ChargeNotCancellable(Refusal):
    """A paid charge is refunded, not cancelled."""

    code = "billing.charge_not_cancellable"
    message = gettext_noop("这笔费用已支付，请改为办理退费。")


class ProviderUnavailable(Refusal):
    """The payment channel does not answer; nothing was taken."""

    code = "billing.provider_unavailable"
    message = gettext_noop("支付渠道暂时没有响应，没有扣款。请稍后再试，或到窗口支付。")
    status = 503


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What a payment channel needs to know: no name, no department."""

    payment_id: UUID
    channel: PaymentChannel
    amount_fen: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """One refund for a payment channel; ``refund_id`` is its key, so that asking twice pays back once."""

    refund_id: UUID
    payment_id: UUID
    provider_reference: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ProviderReceipt:
    """Money that the channel says it has taken."""

    payment_id: UUID
    reference: str
    amount_fen: int


class PaymentProvider(Protocol):
    """A payment channel of the outside world (WeChat, Alipay, a bank …). Implemented in ``interop.payments``."""

    def start(self, payment: PaymentRequest, *, return_url: str) -> str:
        """The address of the page where the person pays; ``return_url`` is where the channel sends them afterwards."""
        ...

    def refund(self, refund: RefundRequest) -> str:
        """Give the money back and return the channel's reference; ``ProviderUnavailable`` if it does not answer."""
        ...

    def query(self, payment_id: UUID) -> list[ProviderReceipt]:
        """Everything the channel has taken for this payment, for the case that its call-back got lost."""
        ...


class FreeReturn(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One registration covers some days (一号管三天): whoever returns to the same doctor pays no second fee."""

    rule_id: ClassVar[str] = "F3-1"
    title: ClassVar[str] = gettext_noop("一号管三天")
    source: ClassVar[str] = gettext_noop("一次门诊挂号三日内（含首日）在同院同科复诊不再收诊查费（规则 F3-1）")

    days: Annotated[int, Meta(ge=1, le=15)] = 3
