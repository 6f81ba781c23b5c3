"""A process of pages or jobs that has other keys than those that filled its database says so and ends."""

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.db import connection

from jiuyi.foundation import key_check

OTHER = "other:" + "eHh4" * 10 + "eHg="  # 32 bytes


def address() -> str:
    """The test's own database."""
    found = connection.settings_dict
    query = f"?host={quote(found['HOST'])}" + (f"&port={found['PORT']}" if found["PORT"] else "")
    password = f":{quote(found['PASSWORD'])}" if found["PASSWORD"] else ""
    return f"postgresql://{found['USER']}{password}@/{found['NAME']}{query}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "arguments",
    [("-m", "jiuyi.project.web", "--port", "18973"), ("-m", "jiuyi.project.worker"), ("-c", "import jiuyi.project.wsgi")],
    ids=["pages", "jobs", "wsgi"],
)
def test_a_process_with_other_keys_does_not_start(arguments: tuple[str, ...]) -> None:
    key_check.compare()

    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "jiuyi.project.settings", "JIUYI_MASTER_KEYS": OTHER},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode != 0
    assert "JIUYI_MASTER_KEYS: not the keys that this database was filled with" in done.stdout + done.stderr
