"""The booking pass: what was decided about one person and one session before the rush, sealed for the gate.

The gate (``desks.gate``) knows nothing but these words: who may book what at which price is in the pass, who gets the
place is decided by ``claim_places_v1``. The pass's id is the booking's key: asked again, the answer is the same.
"""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from jiuyi.domains.scheduling.words.appointments import BookingChannel
from jiuyi.domains.scheduling.words.timetable import BookingMode
from jiuyi.kernel import signing
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop

PASS_PURPOSE = "jiuyi.scheduling.pass.v1"  # noqa: S105  # names a key, is none


class PassLife(RuleParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a booking pass is good for, and how long a place that was drawn or chosen with it is kept."""

    rule_id: ClassVar[str] = "AP-3/PASS"
    title: ClassVar[str] = gettext_noop("放号通行证与抽签")
    source: ClassVar[str] = gettext_noop("放号时在场者随机排序，不比手快；适老模式选中的号至少保留 5 分钟（规则 AP-3 更正）")

    pass_minutes: Annotated[int, Meta(ge=5, le=240)] = 30
    enter_minutes: Annotated[int, Meta(ge=5, le=1440)] = 60
    draw_hold_minutes: Annotated[int, Meta(ge=5, le=240)] = 30


class SealedPass(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What the gate reads. Instants in whole seconds since 1970, money in fen."""

    pass_id: UUID
    person_id: UUID
    session_id: UUID
    department_id: UUID
    channel: BookingChannel
    pools: tuple[str, ...]
    actor_kind: str
    actor_id: UUID
    account_id: UUID | None
    fee_fen: int
    fee_rule_id: str
    fee_rule_version: int | None
    hold_seconds: int  # 0: booked at once, paid at the hospital
    pay_at_arrival: bool
    mode: BookingMode
    device_hash: str
    counts_to_limits: bool
    issued_at: int
    expires_at: int


_reader = msgspec.msgpack.Decoder(SealedPass)
_writer = msgspec.msgpack.Encoder()


def seal_pass(booking_pass: SealedPass, key: bytes) -> str:
    """The pass as a text for a hidden field or an API."""
    return signing.seal(_writer.encode(booking_pass), key)


def open_pass(text: str, key: bytes, *, now: datetime) -> SealedPass:
    """Read a pass. Refuses ``scheduling.pass_forged``, ``scheduling.pass_expired``, ``scheduling.clock_skew``."""
    try:
        found = _reader.decode(signing.unseal(text, key))
    except (signing.Forged, msgspec.DecodeError) as error:
        raise PassForged from error
    seconds = now.timestamp()
    if found.expires_at <= seconds:
        raise PassExpired
    if found.issued_at > seconds + CLOCK_SKEW_SECONDS:
        raise ClockSkew
    return found


CLOCK_SKEW_SECONDS = 30


class PassForged(Refusal):
    """Not a pass of this installation, or one that was changed."""

    code = "scheduling.pass_forged"
    message = gettext_noop("预约凭据无法识别，没有预约。请回到选时间的页面重新打开。")
    status = 403


class PassExpired(Refusal):
    """The pass was good for some time only."""

    code = "scheduling.pass_expired"
    message = gettext_noop("页面停留太久，预约凭据已过期，没有预约。请重新打开选时间的页面。")
    status = 410


class PassForeign(Refusal):
    """The pass belongs to another session or another person than the one asked for."""

    code = "scheduling.pass_foreign"
    message = gettext_noop("预约凭据不是这个班次或这位就诊人的，没有预约。请重新打开选时间的页面。")
    status = 403


class PassUsed(Refusal):
    """The pass has already booked another time; ``data["appointment_id"]`` says which."""

    code = "scheduling.pass_used"
    message = gettext_noop("这次排队已经约到了另一个时段，请在“我的预约”里查看；要换时间请用改约。")


class ClockSkew(Refusal):
    """The pass comes from the future: the clocks of two machines differ."""

    code = "scheduling.clock_skew"
    message = gettext_noop("服务器时间不一致，没有预约。请一分钟后再试，或到窗口办理。")
    status = 503


class GateBusy(Refusal):
    """Nothing is known to have happened; the same pass may be sent again and gets its answer."""

    code = "scheduling.gate_busy"
    message = gettext_noop("人多，正在排队。请再点一次，已经约到的不会重复。")
    status = 503


class DrawClosed(Refusal):
    """Joining the draw is possible from some time before the release until the release."""

    code = "scheduling.draw_closed"
    message = gettext_noop("现在不能登记抽签：未到登记时间，或已经放号。已放号的可以直接选时间。")
