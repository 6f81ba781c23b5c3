"""The worker process: jobs, timetable and sweeps; it outlives a database that goes away and comes back."""

import logging
import sys
import time

import django

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0


def main() -> int:
    """Work until SIGTERM."""
    django.setup(set_prefix=False)
    from jiuyi.foundation import jobs, key_check  # noqa: PLC0415  # needs the applications

    key_check.at_start(sys.exit)
    while True:
        try:
            jobs.work()
        except Exception:
            # The database was restarted, or is not there yet: jobs wait in it, so nothing is lost by trying again.
            logger.exception("worker lost its database, trying again")
            time.sleep(PAUSE_SECONDS)
        else:
            return 0


if __name__ == "__main__":
    sys.exit(main())
