"""Short commands against this installation's database, whether ``jiuyi up`` is running or not."""

import contextlib
import os
from collections.abc import Iterator

from jiuyi.project.home import AlreadyRunning, Home, default_directory


@contextlib.contextmanager
def database(*, owner: bool = False) -> Iterator[Home]:
    """Set the process environment for Django; our own PostgreSQL is started for the while if nobody runs it."""
    home = Home(default_directory())
    if not home.has_own_database():
        os.environ.update(home.environment(None, owner=owner))
        yield home
        return
    cluster = home.cluster()
    try:
        with home.locked() as lock:
            lock.write({"pid": str(os.getpid()), "address": "a short command"})
            with cluster.running():
                os.environ.update(home.environment(cluster, owner=owner))
                yield home
                _close_connections()
    except AlreadyRunning:
        os.environ.update(home.environment(cluster, owner=owner))
        yield home


def setup() -> None:
    """Load Django; the environment must stand already."""
    import django  # noqa: PLC0415  # slow, and useless to commands that need no database

    django.setup(set_prefix=False)


def _close_connections() -> None:
    """Give every connection back, so that the server can stop at once."""
    from django.db import connections  # noqa: PLC0415  # only after setup

    for connection in connections.all(initialized_only=True):
        connection.close()
        getattr(connection, "close_pool", lambda: None)()
