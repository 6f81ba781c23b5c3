"""Loading the shipped lists: diagnoses, substances and what can be ordered."""

import csv
import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction

from jiuyi.domains.encounters import rules
from jiuyi.domains.encounters.models import DiagnosisCode, LoadedList, Orderable, Substance
from jiuyi.domains.organizations.words import initials_of

REFERENCE = Path(__file__).parent.parent / "reference"
DIAGNOSES = "icd10_cn.csv.gz"
SUBSTANCES = "substances.csv"
ORDERABLES = "orderables.csv"
_COPY_DIAGNOSES = "COPY encounters_diagnosiscode (code, name, initials, searchable, grams) FROM STDIN"


@transaction.atomic
def load_reference_codes() -> int:
    """Put the shipped lists into the tables; a list that is there already in this edition costs one look. Returns rows loaded."""
    # Two processes that start together must not load twice; the number is arbitrary and only this function uses it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(410010)")
    return _load(DIAGNOSES, _load_diagnoses) + _load(SUBSTANCES, _load_substances) + _load(ORDERABLES, _load_orderables)


def _load(name: str, load: Callable[[list[dict[str, str]]], None]) -> int:
    content = (REFERENCE / name).read_bytes()
    sha256 = hashlib.sha256(content).digest()
    known = LoadedList.objects.filter(name=name).first()
    if known is not None and bytes(known.sha256) == sha256:
        return 0
    text = gzip.decompress(content) if name.endswith(".gz") else content
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    load(rows)
    LoadedList.objects.update_or_create(name=name, defaults={"sha256": sha256})
    return len(rows)


def _load_diagnoses(rows: list[dict[str, str]]) -> None:
    DiagnosisCode.objects.all().delete()
    _copy_diagnoses(rows[:-1])
    with connection.cursor() as cursor:
        # New entries wait in the index's pending list, which every search would have to read; the last row, put in alone
        # under a small limit, makes PostgreSQL empty it now rather than at the next autovacuum.
        cursor.execute("SET LOCAL gin_pending_list_limit = '64kB'")
    _copy_diagnoses(rows[-1:])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE encounters_diagnosiscode")


def _copy_diagnoses(rows: list[dict[str, str]]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY_DIAGNOSES) as copy:
        for row in rows:
            name = rules.searchable(row["name"])
            copy.write_row((row["code"], row["name"], row["initials"], f"{name}\n{row['initials']}", rules.grams(name, row["initials"])))


def _load_substances(rows: list[dict[str, str]]) -> None:
    Substance.objects.bulk_create(
        [
            Substance(
                code=row["code"],
                name=row["name"],
                initials=initials_of(row["name"]),
                classes=_codes(row["classes"]),
                cross=_codes(row["cross"]),
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "initials", "classes", "cross"],
    )


def _load_orderables(rows: list[dict[str, str]]) -> None:
    made = [
        Orderable(
            code=row["code"],
            kind=row["kind"],
            name=row["name"],
            initials=initials_of(row["name"]),
            substance_codes=_codes(row["substances"]),
            specification=row["specification"],
            unit=row["unit"],
            specimen=row["specimen"],
            preparation=row["preparation"],
            usual_dose=row["dose"],
            usual_route=row["route"],
            usual_frequency=row["frequency"],
        )
        for row in rows
    ]
    changed = [field.name for field in Orderable._meta.concrete_fields if field.name not in {"code", "active"}]
    Orderable.objects.bulk_create(made, update_conflicts=True, unique_fields=["code"], update_fields=changed)


def _codes(cell: str) -> list[str]:
    return [code for code in cell.split("|") if code]
