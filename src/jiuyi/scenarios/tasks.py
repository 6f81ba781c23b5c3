"""What the demo does in the background."""

from datetime import datetime

from django.conf import settings

from jiuyi.foundation import jobs
from jiuyi.scenarios.open_clinic import ensure_open_now


@jobs.sweep("scenarios.keep_clinic_open", seconds=300)
def keep_clinic_open(now: datetime) -> None:
    """Keep the demo's round-the-clock clinic bookable for the hours to come."""
    if settings.DEMO:
        ensure_open_now(now)
