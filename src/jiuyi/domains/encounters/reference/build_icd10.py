"""Make icd10_cn.csv.gz (code, name, initials) from OpenDRG's icd10_cn.csv: ``python build_icd10.py icd10_cn.csv``.

The source is Apache-2.0 (LICENSE.opendrg); the pinyin initials are added here so that nothing needs them computed at run time.
"""

import csv
import gzip
import io
import sys
from pathlib import Path

from jiuyi.domains.organizations.words import initials_of

TARGET = Path(__file__).parent / "icd10_cn.csv.gz"


def build(source: Path, target: Path = TARGET) -> int:
    """Write the shipped list; the same source gives the same bytes. Returns the number of codes."""
    with source.open(encoding="utf-8-sig", newline="") as lines:
        rows = [(row["code"].strip(), row["name"].strip()) for row in csv.DictReader(lines)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "name", "initials"))
    writer.writerows((code, name, initials_of(name)) for code, name in sorted(rows))
    target.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))} codes\n")
