"""What the journeys do in the background."""

from datetime import datetime

from jiuyi.foundation import jobs
from jiuyi.journeys import booking, paper_lists


@jobs.sweep("journeys.expire_unpaid_places", seconds=5)
def expire_unpaid_places(now: datetime) -> None:
    """Give back the places whose time to pay is over, with their charges."""
    booking.expire_due(now=now)


@jobs.sweep("journeys.write_paper_lists", seconds=1800)
def write_paper_lists(now: datetime) -> None:
    """Today's lists for the hour when the line is down: at the worker's start and every half hour, so also before opening."""
    paper_lists.write_all(now=now)
