"""One number, one writer: whoever looks for the owner of a number and then writes holds its lock until the commit."""

from collections.abc import Collection

from django.db import connection

_REGISTER = "identity:numbers"


def lock_numbers(hashes: Collection[bytes]) -> None:
    """Lock one number, or the whole register for several at once: thousands of single locks would fill the lock table."""
    with connection.cursor() as cursor:
        if len(hashes) > 1:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_REGISTER])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_REGISTER])
        for number_hash in hashes:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(number_hash[:8], "big", signed=True)])
