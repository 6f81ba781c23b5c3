"""What the journeys do in the background."""

from datetime import datetime

from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.foundation import jobs
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import absences, booking, changing, paper_lists, reaching, releases, reminding, waiting


@jobs.sweep("journeys.expire_unpaid_places", seconds=5)
def expire_unpaid_places(now: datetime) -> None:
    """Give back the places whose time to pay is over, with their charges."""
    booking.expire_due(now=now)


@jobs.sweep("journeys.write_paper_lists", seconds=1800)
def write_paper_lists(now: datetime) -> None:
    """Today's lists for the hour when the line is down: at the worker's start and every half hour, so also before opening."""
    paper_lists.write_all(now=now)


@jobs.sweep("journeys.draw_releases", seconds=1)
def draw_releases(now: datetime) -> None:
    """Draw among those who were there when a session was released."""
    releases.draw_due(now=now)


@jobs.sweep("journeys.serve_waiting_list", seconds=5)
def serve_waiting_list(now: datetime) -> None:
    """Offer given-up places to those who wait before anybody else sees them."""
    waiting.serve(now=now)


@jobs.sweep("journeys.end_waiting", seconds=600)
def end_waiting(now: datetime) -> None:
    """Tell those whose days are over that no place came free."""
    waiting.end_due(now=now)


@jobs.sweep("journeys.judge_absences", seconds=120)
def judge_absences(now: datetime) -> None:
    """Excuse absences that do not count, and suspend whoever has too many others; after ``scheduling.mark_noshows``."""
    absences.judge_due(now=now)


@jobs.sweep("journeys.look_after_changes", seconds=20)
def look_after_changes(now: datetime) -> None:
    """Bookings that met a change on their way follow it and are told; whoever did not choose in time is paid back (rule AP-7)."""
    scheduling.follow_substitutes(actor=SYSTEM, now=now)
    reaching.tell_untold(now=now)
    changing.settle_overdue(now=now)


@jobs.sweep("journeys.remind", seconds=300)
def remind(now: datetime) -> None:
    """Remind of tomorrow's and today's visits, by day only."""
    reminding.remind_due(now=now)
