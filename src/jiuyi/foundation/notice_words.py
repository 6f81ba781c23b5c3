"""Words of the message service."""

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word


class Channel(Word):
    """How a message reaches a person."""

    SMS = "sms", gettext_noop("短信")
    WECHAT = "wechat", gettext_noop("微信")
    CALL_LIST = "call_list", gettext_noop("电话通知")


class NoticeStatus(Word):
    """Where a message stands."""

    WAITING = "waiting", gettext_noop("待发送")
    SENDING = "sending", gettext_noop("发送中")
    SENT = "sent", gettext_noop("已发送")
    FAILED = "failed", gettext_noop("发送失败")
    EXPIRED = "expired", gettext_noop("已过时，未发送")
