"""What stands in the department's tables, so that a test can say that nothing changed."""

from django.apps import apps
from django.db import connection

from jiuyi.foundation.models import JournalEntry


def everything() -> dict[str, list]:
    """Every row of the department and the journal's length."""
    rows = {
        model.__name__: sorted((repr(sorted(row.items(), key=str)) for row in model.objects.values()), key=str)
        for model in apps.get_app_config("identity").get_models()
    }
    rows["journal"] = [JournalEntry.objects.count()]
    return rows


def raw(table: str) -> bytes:
    """All of a table as the disk knows it: every column of every row as text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")
        return "\n".join(row[0] for row in cursor.fetchall()).encode()
