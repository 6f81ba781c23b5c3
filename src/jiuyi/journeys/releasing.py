"""A rule of release or of shares was changed: what is not released yet is planned anew, at once."""

from typing import Final
from uuid import UUID

from jiuyi.domains.scheduling.actions import releasing
from jiuyi.domains.scheduling.words import PoolShares, ReleaseMoment
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import system
from jiuyi.foundation.journal import JournalRow

_CONCERNS: Final = frozenset({ReleaseMoment.rule_id, PoolShares.rule_id})


def rule_changed(row: JournalRow) -> None:
    """Heed a change of the rules AP-3 and AP-4; the others do not concern the release. Done twice it changes nothing."""
    if rulebook.rule_of_version(UUID(row.payload["rule_version_id"])) in _CONCERNS:
        releasing.replan_unreleased(actor=system("journeys.releasing"), now=row.recorded_at)
