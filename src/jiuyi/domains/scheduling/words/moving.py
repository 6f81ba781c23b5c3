"""Words of moving an appointment to another place (改约)."""

from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop


class NothingToMove(Refusal):
    """The appointment is at that window of that session already."""

    code = "scheduling.nothing_to_move"
    message = gettext_noop("预约就在这个时段，不用改。要换时间请选别的时段。")


class MoveTooLate(Refusal):
    """The window of the appointment is over: it cannot be moved, only explained."""

    code = "scheduling.move_too_late"
    message = gettext_noop("原来的就诊时段已过，不能再改约。请重新预约，或到服务台说明。")
