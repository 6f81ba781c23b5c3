"""Refusals that only the doors for programmes can give."""

from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop


class InvalidRequest(Refusal):
    """The request does not have the described shape; ``fields`` names each place."""

    code = "invalid_request"
    message = gettext_noop("请求的内容不符合接口说明，请按下面列出的字段改正。")


class EmergencyFirst(Refusal):
    """The question of emergency was not answered with "none of them"."""

    code = "emergency_first"
    message = gettext_noop("有急症表现请立即拨打 120 或去最近的急诊科，不用预约。没有的话，请先确认没有这些表现再预约。")
