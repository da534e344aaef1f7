"""What a person with a keyboard, a screen reader or a telephone meets, in a headless Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scoring_theory.catalogue import CATALOGUE
from scoring_theory.classroom import write_classroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

SCREENS = [(360, 740), (768, 1024), (1280, 800), (1920, 1080)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SCREENS, ids=[f"{width}px" for width, _ in SCREENS])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, lesson: Path, size: tuple[int, int], scheme: Any
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed"
    )
    opened = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    opened.goto(lesson.as_uri())
    for state in ("fresh", "used"):
        if state == "used":
            opened.evaluate("RewardSection.choose('log')")
            opened.click("#disown")
            opened.click("#reveal")
            opened.click("#run")
            opened.click("#example")
            opened.fill("#formula", "q +")
            opened.click("#data summary")
            opened.click("#reward summary")
        found = axe.Axe().run(opened).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= size[0]
    opened.close()


def test_everything_can_be_done_from_the_keyboard(page: Page) -> None:
    """Tab reaches each control once, in the order of the page, with a visible outline."""
    wanted = page.evaluate(
        """[...document.querySelectorAll(
          'a[href], button:not(:disabled), input, select:not(:disabled), textarea, summary')]
        .map(element => element.id || element.textContent)"""
    )
    reached: list[str] = []
    for _ in range(len(wanted) + 12):  # and the regions that scroll
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """[document.activeElement.id || document.activeElement.textContent,
            getComputedStyle(document.activeElement).outlineStyle]"""
        )
        if page.evaluate("document.activeElement === document.body"):
            continue  # behind the last control the page itself has the focus
        assert outline != "none", name
        reached.append(name)
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted
    page.focus("#entry")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#entry") == "rlcr_code", "the one after rlcr"
    page.focus("#honest")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "question"
    assert "you collect" in str(page.text_content("#outcome"))


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_the_page_is_used(browser: Browser, lesson: Path, width: int) -> None:
    """The sum of Chromium's layout shifts, of which less than 0.1 is called good, stays below 0.02;
    here shifts soon after an input count as well. Only inside the verdict, where a score has two
    claims and a reward one, the findings move with the number of lines above them.
    """
    opened = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    opened.goto(lesson.as_uri())
    shifts = """() => new Promise(done => new PerformanceObserver(list => done(
        list.getEntries().filter(entry => !entry.sources.every(
          ({ node }) => !node || document.querySelector('#verdict').contains(node)))
        .reduce((total, entry) => total + entry.value, 0)))
        .observe({ type: 'layout-shift', buffered: true })
        || setTimeout(() => done(0), 300))"""
    opened.click("#disown")
    opened.click("#honest")
    opened.click("#reveal")
    opened.click("#run")
    opened.click("#example")
    opened.fill("#formula", "q +")
    for text in ("q + c", "foo", "1 - (q - c)^2", "R = c - 2(q - c)^2", "np.log(q)"):
        opened.fill("#formula", text)
    opened.evaluate("RewardSection.choose('rlcr')")  # while it is on the screen, as for a user
    opened.fill("#table", "forecast;outcome\n0,5;yes")
    opened.click("#play-log")
    opened.wait_for_timeout(300)
    assert opened.evaluate(shifts) < 0.02
    opened.close()


def test_tables_of_a_game_are_whole_on_a_telephone(browser: Browser, lesson: Path) -> None:
    """With the widest payoffs of RLCR, no column has to be scrolled into view."""
    opened = browser.new_page(viewport={"width": 360, "height": 740})
    opened.goto(lesson.as_uri())
    for choice in ("#disown", "#honest", "#disown", "#honest"):
        opened.click(choice)
    beyond = opened.evaluate(
        """[...document.querySelectorAll('.scroll')]
        .filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel)"""
    )
    assert beyond == []
    opened.close()


def test_on_paper_keys_are_printed_and_no_space_is_kept_for_buttons(page: Page) -> None:
    page.emulate_media(media="print")
    style = "getComputedStyle(document.querySelector('%s')).%s"
    assert page.evaluate(style % (".local-zone", "printColorAdjust")) == "exact"
    assert not page.is_visible("#run")
    kept = page.evaluate(
        """[...document.querySelectorAll('section *')].filter(element => element.checkVisibility()
        && parseFloat(getComputedStyle(element).minHeight) > 45).map(element => element.id)"""
    )
    assert kept == []
    assert page.evaluate("document.querySelector('#verdict').scrollHeight") == page.evaluate(
        "document.querySelector('#verdict').clientHeight"
    ), "nothing is cut"


def test_the_folder_is_small_and_complete(lesson: Path) -> None:
    files = [path for path in lesson.parent.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert {path.stem for path in files} == {"index", *CATALOGUE}


def test_the_page_is_the_same_when_it_is_made_again(lesson: Path, tmp_path: Path) -> None:
    again = write_classroom(tmp_path)
    assert again.read_bytes() == lesson.read_bytes()
    data = json.loads(
        lesson.read_text(encoding="utf-8").split('id="catalogue">')[1].split("</script>")[0]
    )
    assert {entry["key"] for entry in data["entries"]} == set(CATALOGUE)
