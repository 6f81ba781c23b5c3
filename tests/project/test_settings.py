"""Settings come from the environment, are documented, and refuse to be half-secret."""

import ast
import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jiuyi.project import environment

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "operations" / "settings.md"
KEY = base64.urlsafe_b64encode(bytes(32)).decode()
REAL = {
    "JIUYI_DEMO": "0",
    "JIUYI_SECRET_KEY": "s" * 50,
    "JIUYI_PAYMENT_KEY": "p" * 32,
    "JIUYI_MASTER_KEYS": f"k2:{KEY},k1:{KEY}",
    "JIUYI_FINGERPRINT_KEY": f"f:{KEY}",
}


def test_every_variable_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert tuple(documented) == environment.VARIABLES


def test_nothing_but_the_project_reads_the_environment() -> None:
    readers = []
    for file in sorted((ROOT / "src" / "jiuyi").rglob("*.py")):
        if file.is_relative_to(ROOT / "src" / "jiuyi" / "project"):
            continue
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        readers += [str(file.relative_to(ROOT)) for node in nodes if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}]
    assert readers == []


def import_settings(expression: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", f"from jiuyi.project import settings; print({expression})"],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", ["JIUYI_SECRET_KEY", "JIUYI_PAYMENT_KEY", "JIUYI_MASTER_KEYS", "JIUYI_FINGERPRINT_KEY"])
def test_a_real_installation_refuses_to_start_without_its_own_keys(missing: str) -> None:
    done = import_settings("settings.DEMO", **{name: value for name, value in REAL.items() if name != missing})
    assert done.returncode != 0
    assert "needs its own" in done.stderr


def test_a_real_installation_with_keys_starts_closed() -> None:
    done = import_settings("settings.DEMO, settings.DEBUG, settings.ALLOWED_HOSTS, list(settings.JIUYI_MASTER_KEYS)", **REAL)
    assert done.stdout.strip() == "False False ['localhost', '127.0.0.1'] ['k2', 'k1']", done.stderr


def test_https_makes_cookies_secure() -> None:
    shown = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    assert import_settings(shown, JIUYI_HTTPS="1").stdout.strip() == "True True True"
    assert import_settings(shown).stdout.strip() == "False False False"


@pytest.mark.parametrize(
    ("_case", "variables", "words"),
    [
        ("a flag that is none", {"JIUYI_DEMO": "perhaps"}, "JIUYI_DEMO='perhaps': write 1 or 0"),
        ("a number that is none", {"JIUYI_POOL_SIZE": "many"}, "JIUYI_POOL_SIZE='many': write a whole number"),
        ("a short key", {"JIUYI_MASTER_KEYS": "k1:abcd"}, "the key 'k1' is not 32 bytes in base64"),
        ("a key that is no base64", {"JIUYI_MASTER_KEYS": "k1:…"}, "the key 'k1' is not 32 bytes in base64"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(_case: str, variables: dict[str, str], words: str) -> None:
    done = import_settings("1", **variables)
    assert done.returncode != 0
    assert words in done.stderr


@pytest.mark.parametrize(
    ("url", "host", "port", "name", "password"),
    [
        ("postgresql://a:p%40ss@db.example:6543/care", "db.example", "6543", "care", "p@ss"),
        ("postgresql://a@/care?host=%2Frun%2Fa%20b&port=5432", "/run/a b", "5432", "care", ""),
        ("postgresql:///care", "", "", "care", ""),
    ],
)
def test_database_addresses(url: str, host: str, port: str, name: str, password: str) -> None:
    described = environment.database(url)
    assert (described["HOST"], described["PORT"], described["NAME"], described["PASSWORD"]) == (host, port, name, password)


def test_no_page_may_load_or_run_anything_foreign() -> None:
    from django.conf import settings

    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    assert not [word for words in directives.values() for word in words if "unsafe" in word or word == "*" or word.startswith("http")]
