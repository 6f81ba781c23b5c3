"""What the foundation does in the background."""

from datetime import datetime
from importlib import import_module

from django.conf import settings

from jiuyi.foundation import jobs, journal, machine_keys, notices, partitions, ports, tailing, tokens

_ROUNDS = 20  # then failures and a stop get their turn, however long the journal is


@jobs.sweep("foundation.tell_listeners", seconds=1)
def tell_listeners(now: datetime) -> None:
    """Hand new journal entries to those who listen, and try failed ones again."""
    for _ in range(_ROUNDS):
        if not journal.run_listeners_once():
            break
    tailing.retry_failures(now)


@jobs.sweep("foundation.deliver_notices", seconds=2)
def deliver_notices(now: datetime) -> None:
    """Send what waits in the outbox."""
    if ports.is_provided(notices.MessageSender):
        notices.deliver_due(now)


@jobs.timetable("foundation.make_partitions", cron="17 18 * * *")
def make_partitions(now: datetime) -> None:  # noqa: ARG001  # the function reads the database's clock
    """Have the coming months' partitions ready."""
    partitions.ensure_partitions(months_ahead=3)


@jobs.timetable("foundation.forget_sessions", cron="41 18 * * *")
def forget_sessions(now: datetime) -> None:  # noqa: ARG001  # a browser's session ends by the true clock
    """Delete sessions that have run out: what somebody half typed is kept no longer than they could go on."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@jobs.timetable("foundation.forget_used_keys", cron="41 * * * *")
def forget_used_keys(now: datetime) -> None:
    """Remove nonces too old to be replayed, and tokens long ended."""
    machine_keys.forget_nonces(now=now)
    tokens.forget_ended(now=now)
