"""What scheduling does in the background. Unpaid places are freed by journeys.booking, which also cancels their charge."""

from datetime import datetime

from jiuyi.domains.scheduling import actions
from jiuyi.domains.scheduling.actions import demand, generating, releasing, reviewing, verifying
from jiuyi.foundation import jobs
from jiuyi.foundation.access import system


@jobs.sweep("scheduling.mark_noshows", seconds=60)
def mark_noshows(now: datetime) -> None:
    """Mark those who did not come once their session is over."""
    actions.mark_noshows(now=now, actor=system("scheduling.mark_noshows"))


@jobs.sweep("scheduling.plan_ahead", seconds=3600)
def plan_ahead(now: datetime) -> None:
    """Let the timetable become sessions as far ahead as the rule says, and keep unreleased ones in line with the rules."""
    actor = system("scheduling.plan_ahead")
    generating.generate_ahead(actor=actor, now=now)
    releasing.replan_unreleased(actor=actor, now=now)


class PlacesDisagree(RuntimeError):  # noqa: N818  # names what was found
    """The law of sums is broken: the job fails, and a failed job stands on the operations page until somebody looked."""


@jobs.timetable("scheduling.verify_places", cron="30 18 * * *")  # 02:30 here
def verify_places(now: datetime) -> None:
    """Add up every place of every session, each night."""
    differences = verifying.verify_places(actor=system("scheduling.verify_places"), now=now)
    if differences:
        first = ", ".join(sorted({difference.kind for difference in differences}))
        message = f"{len(differences)} differences ({first}); run: jiuyi verify places"
        raise PlacesDisagree(message)


@jobs.timetable("scheduling.make_forecasts", cron="0 19 * * *")  # 03:00 here, when yesterday is complete
def make_forecasts(now: datetime) -> None:
    """Forecast the demand of the coming half-days and propose; a person decides."""
    demand.make_forecasts(actor=system("scheduling.make_forecasts"), now=now)


@jobs.sweep("scheduling.look_for_patterns", seconds=1800)
def look_for_patterns(now: datetime) -> None:
    """Lay booking patterns that look like resale before a person."""
    reviewing.look_for_patterns(now=now, actor=system("scheduling.look_for_patterns"))
