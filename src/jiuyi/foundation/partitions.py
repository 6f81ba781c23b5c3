"""Monthly partitions of the append-only tables, ahead of time."""

from django.db import connection

APPEND_ONLY_PARTITIONED = ("foundation_journalentry", "foundation_auditentry")


def ensure_partitions(months_ahead: int = 3) -> list[str]:
    """Have a partition for last month, this one and the ``months_ahead`` next; returns the names of new ones.

    Months are local. A row outside them falls into the default partition and is never lost; a month that already has
    rows there stays there. The application's role may call this, although it owns nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT foundation_ensure_partitions(%s)", [months_ahead])
        return [name for (name,) in cursor.fetchall()]


def count_default_rows() -> int:
    """Rows that fell outside every month (the doctor shows them)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM foundation_journalentry_default) + (SELECT count(*) FROM foundation_auditentry_default)"
        )
        return cursor.fetchone()[0]
