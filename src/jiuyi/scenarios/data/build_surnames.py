# ruff: noqa: INP001  # run by hand, never imported
"""Make surnames.csv from the spreadsheet of the Chinese Names Corpus; run by hand, needs openpyxl.

python build_surnames.py chinese_family_name_1k.xlsx
"""

import csv
import sys
from pathlib import Path

import openpyxl

KEPT = 400
MISSPELT = {"夏候", "殴阳"}


def main(source: Path) -> None:
    """Keep the most frequent surnames, and every compound one, with their relative frequency."""
    rows = list(openpyxl.load_workbook(source, read_only=True).active.iter_rows(min_row=2, values_only=True))
    named = [(str(name).strip(), int(frequency or 1)) for name, frequency in rows if name and name not in MISSPELT]
    named.sort(key=lambda row: (-row[1], row[0]))
    kept = [row for rank, row in enumerate(named) if rank < KEPT or len(row[0]) > 1]
    with (Path(__file__).parent / "surnames.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["surname", "frequency"])
        writer.writerows(kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
