"""What can be done with one session: whoever brings a page for it adds a line here."""

from typing import Final

from jiuyi.kernel.text import gettext_noop

# The name of an address that takes session_id, and what the link says. An address that this installation lacks is left out.
SESSION_ACTS: Final[tuple[tuple[str, str], ...]] = (
    ("secretary:capacity", gettext_noop("加放或收回号源")),
    ("daily:session", gettext_noop("停诊、替诊、延诊、换诊室")),
)
