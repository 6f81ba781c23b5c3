"""What can be done with one session: whoever brings a page for it adds a line here."""

from typing import Final

from jiuyi.kernel.text import gettext_noop

# The name of an address that takes session_id, and what the link says. An address that this installation lacks is left out.
SESSION_ACTS: Final[tuple[tuple[str, str], ...]] = (
    ("secretary:capacity", gettext_noop("加放或收回号源")),
    ("secretary:stop", gettext_noop("停诊")),
    ("secretary:substitute", gettext_noop("替诊")),
    ("secretary:delay", gettext_noop("延诊")),
    ("secretary:change_room", gettext_noop("换诊室")),
)
