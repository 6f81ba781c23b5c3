"""What billing does in the background."""

from datetime import datetime

from jiuyi.domains.billing import actions
from jiuyi.foundation import jobs
from jiuyi.foundation.access import system


@jobs.sweep("billing.send_refunds", seconds=5)
def send_refunds(now: datetime) -> None:
    """Ask the channels to give back what is due."""
    actions.send_due_refunds(actor=system("billing.send_refunds"), now=now)
