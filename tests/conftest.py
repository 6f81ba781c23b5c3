"""What every test may count on: a real PostgreSQL of its own, and a note of what it proved.

``DATABASE_URL`` names a server to use instead; ``JIUYI_TEST_POSTGRES=15`` uses the system's programs of that version.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jiuyi.project import catalogue, environment, processes
from jiuyi.project.postgres.cluster import OWNER, Cluster
from tests import emptying

ROOT = Path(__file__).resolve().parent.parent
_PREFIX = f"jiuyi-tests-{os.getuid()}-"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster | None]:
    """The server of this test run, started for it alone; None when ``DATABASE_URL`` names one."""
    if environment.text("DATABASE_URL"):
        yield None
        return
    _remove_leftovers()
    home = Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}"
    major = environment.number("JIUYI_TEST_POSTGRES", 0)
    cluster = Cluster(home, careless=True, system_major=major or None)
    try:
        with cluster.running():
            yield cluster
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: Cluster | None) -> None:
    """Point Django at that server before the test database is made."""
    from django.conf import settings
    from django.db import connections

    if postgres is None:
        return
    address = environment.database(postgres.url(OWNER))
    for described in (settings.DATABASES["default"], connections["default"].settings_dict):
        described.update({key: address[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")})


@pytest.fixture(autouse=True, scope="session")
def _quick_hashes() -> None:
    """Passwords of tests protect nothing: a quarter of a second for each is left to real installations."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _quick_emptying() -> Iterator[None]:
    """Tests that commit leave empty tables behind: emptying the few that were filled takes a tenth of truncating all."""
    from django.test import TransactionTestCase

    before = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda _: emptying.empty_tables()
    yield
    TransactionTestCase._fixture_teardown = before


def _remove_leftovers() -> None:
    """A killed test run cannot tidy up after itself; its server is gone with it."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = directory.name.removeprefix(_PREFIX)
        if owner.isdigit() and not processes.is_alive(int(owner)):
            shutil.rmtree(directory, ignore_errors=True)


# Two processes (``-n 2``): each has a server of its own, and the tests of one file stay together.

# These start servers and browsers, kill, and race: one after another, however many processes there are.
_ONE_AFTER_ANOTHER = ("tests/browser/", "tests/faults/", "tests/races/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, the largest piece first."""
    from xdist.scheduler import LoadScopeScheduling

    class WholeFiles(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "one after another" if nodeid.startswith(_ONE_AFTER_ANOTHER) else nodeid.partition("::")[0]

    return WholeFiles(config, log)


# What was proved: outcomes and visited pages of the tests that carry a catalogue number.


class CatalogueNotes:
    """Collects while the tests run, writes at the end."""

    def __init__(self) -> None:
        self.tree = catalogue.tree_digest(ROOT)
        self.tests: dict[str, dict[str, Any]] = {}
        self.current: str | None = None

    def visit(self, path: str) -> None:
        """The running test drove this address."""
        path = path.partition("?")[0]
        if self.current in self.tests and catalogue.is_page(path):
            self.tests[self.current]["pages"].add(_route(path))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember who runs."""
        self.current = item.nodeid
        if any(item.iter_markers("catalogue")):
            self.tests[item.nodeid] = {"outcome": "passed", "pages": set()}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Anything but a pass in any phase counts against the test."""
        if report.nodeid in self.tests and (report.outcome != "passed" or hasattr(report, "wasxfail")):
            self.tests[report.nodeid]["outcome"] = "skipped" if report.skipped else "failed"

    def pytest_sessionfinish(self) -> None:
        """Add to what earlier runs of the same tree, and processes that share this run, found."""
        file = ROOT / catalogue.RESULTS
        file.parent.mkdir(exist_ok=True)
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._add_to(file)

    def _add_to(self, file: Path) -> None:
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stored = {}
        known = stored["tests"] if stored.get("tree") == self.tree else {}
        known |= {name: {**result, "pages": sorted(result["pages"])} for name, result in self.tests.items()}
        scratch = file.with_suffix(f".{os.getpid()}")
        scratch.write_text(json.dumps({"tree": self.tree, "tests": known}, indent=1, ensure_ascii=False), encoding="utf-8")
        scratch.replace(file)


def pytest_configure(config: pytest.Config) -> None:
    """Listen to Django's own requests; browser tests tell ``pages_visited`` theirs."""
    if config.option.collectonly:
        return
    from django.core.signals import request_started

    notes = CatalogueNotes()
    config.pluginmanager.register(notes, "catalogue-notes")

    def note(**request: Any) -> None:
        notes.visit(request.get("environ", {}).get("PATH_INFO") or request.get("scope", {}).get("path") or "/static/")

    request_started.connect(note, weak=False)
    config.stash[_NOTES] = notes


_NOTES = pytest.StashKey[CatalogueNotes]()


@pytest.fixture
def pages_visited(request: pytest.FixtureRequest) -> Any:
    """``pages_visited(path)``: for tests whose requests go to another process (a browser, a real server)."""
    return request.config.stash[_NOTES].visit


def _route(path: str) -> str:
    """``/appointments/0192…/`` → ``/appointments/<uuid:appointment_id>/``: the page, not the visit."""
    from django.urls import Resolver404, resolve

    try:
        return "/" + resolve(path).route
    except Resolver404:
        return path
