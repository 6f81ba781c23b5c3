"""What the application's database role may do: everything but change what is written once. Run by migrate."""

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from jiuyi.foundation import clock, partitions, tailing

_append_only: set[str] = set(partitions.APPEND_ONLY_PARTITIONED)


def register_append_only(table: str) -> None:
    """A department's table that the application may only INSERT into and SELECT from (its trigger is its own)."""
    _append_only.add(table)


def append_only_tables() -> frozenset[str]:
    """Every append-only table (their partitions follow them)."""
    return frozenset(_append_only)


def apply() -> bool:
    """After migrate: partitions ready, restored clusters noticed, a demo's clock reset, privileges given.

    Safe to repeat. Returns False, and gives no privileges, when ``settings.APPLICATION_ROLE`` is unset or unknown here.
    """
    partitions.ensure_partitions()
    tailing.begin_era_if_restored()
    clock.reset_outside_demo()
    role = getattr(settings, "APPLICATION_ROLE", None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not role or cursor.fetchone() is None:
            return False
        name = sql.Identifier(role)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
            "REVOKE CREATE ON SCHEMA public FROM {}",
        ):
            cursor.execute(sql.SQL(statement).format(name).as_string(cursor.cursor.connection))
        for table in (*_append_only_with_partitions(), "django_migrations", "foundation_era"):
            revoke = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {} FROM {}")
            cursor.execute(revoke.format(sql.Identifier(table), name).as_string(cursor.cursor.connection))
    return True


def _append_only_with_partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relid::regclass::text FROM unnest(%s::regclass[]) AS root, pg_partition_tree(root)"
            " UNION SELECT root::text FROM unnest(%s::regclass[]) AS root",
            [sorted(_append_only), sorted(_append_only)],
        )
        return [name for (name,) in cursor.fetchall()]
