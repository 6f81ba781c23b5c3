"""Adding up all places, and writing down that it was done."""

from datetime import datetime

from django.db import transaction

from jiuyi.domains.scheduling import queries
from jiuyi.domains.scheduling.events.capacity import PlacesVerified
from jiuyi.domains.scheduling.queries import PlaceDifference
from jiuyi.foundation import journal
from jiuyi.foundation.access import Actor


@transaction.atomic
def verify_places(*, actor: Actor, now: datetime) -> list[PlaceDifference]:
    """Add up every place of every session and journal the outcome; the differences, of which there must be none."""
    sums = queries.sums_of_sessions(now=now)
    differences = queries.place_differences(now=now)
    verified = PlacesVerified(sessions=len(sums), places=sum(each.accounted for each in sums), differences=len(differences))
    journal.record(verified, actor=actor, now=now)
    return differences
