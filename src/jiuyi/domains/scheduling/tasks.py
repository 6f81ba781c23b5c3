"""What scheduling does in the background. Unpaid places are freed by journeys.booking, which also cancels their charge."""

from datetime import datetime

from jiuyi.domains.scheduling import actions
from jiuyi.foundation import jobs
from jiuyi.foundation.access import system


@jobs.sweep("scheduling.mark_noshows", seconds=60)
def mark_noshows(now: datetime) -> None:
    """Mark those who did not come once their session is over."""
    actions.mark_noshows(now=now, actor=system("scheduling.mark_noshows"))
