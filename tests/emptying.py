"""Emptying the tables after a test that really commits.

What Django keeps in every database (content types and permissions) stays, as after its own flush.
"""

from django.db import connection, transaction
from psycopg import sql

from jiuyi.foundation import clock, scopes

_FILLED_BY_MIGRATE = {"django_content_type", "auth_permission"}


def empty_tables() -> None:
    """Delete every row of every managed table; who still writes is waited for, as truncating would."""
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - _FILLED_BY_MIGRATE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_text(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(_names(tables))))
        any_row = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        cursor.execute(_text(sql.SQL(" UNION ALL ").join(any_row.format(sql.Literal(table), sql.Identifier(table)) for table in tables)))
        filled = [table for (table,) in cursor.fetchall()]
        if not filled:
            return
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        guarded = [table for (table,) in cursor.fetchall() if table in filled]
        cursor.execute("SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND NOT condeferrable")
        impatient = {table for (table,) in cursor.fetchall()}  # their foreign keys are looked at with every statement
        for table in guarded:  # some rows are kept for ever, everywhere but here
            cursor.execute(_text(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table))))
        for table in sorted(filled, key=lambda table: table not in impatient):
            cursor.execute(_text(sql.SQL("DELETE FROM {}").format(sql.Identifier(table))))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys are looked at now, when all rows are gone
        for table in guarded:
            cursor.execute(_text(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table))))
    clock.forget()
    scopes.forget()


def _names(tables: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table) for table in tables)


def _text(statement: sql.Composable) -> str:
    return statement.as_string(connection.connection)
