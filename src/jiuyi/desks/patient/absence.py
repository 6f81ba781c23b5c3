"""What stands about a missed visit: excused, appealed, or still to be appealed."""

from dataclasses import dataclass
from datetime import date, datetime

from jiuyi.domains.scheduling.queries import AppointmentFacts
from jiuyi.domains.scheduling.queries import conduct as standing
from jiuyi.domains.scheduling.queries.conduct import AppealFacts
from jiuyi.domains.scheduling.words import AppealState, AppointmentStatus, Excuse
from jiuyi.kernel.clock import service_date


@dataclass(frozen=True, slots=True)
class Absence:
    """What stands about a missed visit; ``until`` is the last day for an appeal."""

    excuse: Excuse | None
    appeal: AppealFacts | None
    until: date
    may_appeal: bool


def absence_of(facts: AppointmentFacts, *, now: datetime) -> Absence | None:
    """What stands about the visit if it was missed, None if it was not."""
    if facts.status is not AppointmentStatus.NOSHOW:
        return None
    excuse = standing.facts_excuses([facts.appointment_id]).get(facts.appointment_id)
    appeal = standing.facts_appeal_of(facts.appointment_id)
    until = standing.appeal_deadline(facts, now=now)
    waits = appeal is not None and appeal.state is AppealState.OPEN
    return Absence(excuse, appeal, until, may_appeal=excuse is None and not waits and service_date(now) <= until)
