"""The page for the classroom, written once, and open in a headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scoring_theory.classroom import write_classroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with the whole catalogue."""
    return write_classroom(tmp_path_factory.mktemp("lesson"))


# For one file only: while Playwright runs, its event loop is the one of this thread, in which tests
# of other files could not run another.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    # A sandbox needs rights that containers do not have; the pages are our own.
    options = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(
            executable_path=found, args=options, env={**os.environ, "LANG": "C.UTF-8"}
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, lesson: Path) -> Iterator[Page]:
    """The page as it opens from a file; an error in a script or a request fails the test."""
    opened = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("request", lambda request: wrong.append(request.url))
    opened.goto(lesson.as_uri())
    yield opened
    opened.close()
    assert wrong == [lesson.as_uri()]
