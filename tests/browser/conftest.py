"""A browser, and the demo county behind a real server: loaded once for all modules, copied for each."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.installation import Demo, Installation

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def demo(postgres: Any) -> Iterator[Demo]:
    """The loaded demo, as a mould for copies."""
    loaded = Demo(postgres)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def installation(demo: Demo, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """A fresh copy of the demo for one module."""
    with demo.copy(request.module.__name__.rpartition(".")[2]) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one ``JIUYI_TEST_CHROMIUM`` names, or the one Playwright brought.

    One for each module, not for the session: while Playwright's loop runs, Django refuses database work in this thread.
    """
    named = (os.environ.get("JIUYI_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in named if name and (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()
