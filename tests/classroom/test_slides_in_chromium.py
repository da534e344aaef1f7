"""The slides of the notebooks in a headless Chromium: figures that can be read, nothing cut off.

reveal.js comes from the npm registry, so a few lines stand for it here: one slide at a time, of
1100 x 760 pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs import write_slides

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

REVEAL = """
const RevealNotes = {}, calls = {};
const leaves = [...document.querySelectorAll(".slides section")].filter(
  (one) => !one.querySelector("section"));
let current = leaves[0];
const Reveal = {
  initialize() {}, on(name, call) { calls[name] = call; }, getCurrentSlide: () => current,
  show(place) {
    for (const one of leaves) one.style.display = "none";
    current = leaves[place];
    current.style.display = "block";
    calls.slidechanged();
    const figures = [...current.querySelectorAll(".jp-OutputArea-output img")];
    return {
      cut: current.scrollHeight - current.clientHeight,
      zoom: parseFloat(current.style.zoom),
      widths: figures.map((one) => one.getBoundingClientRect().width / 1100),
    };
  },
};
"""
LAID_OUT = """
<style>.reveal, .slides { width: 1100px; height: 760px; } .slides > section { height: 760px; }
.slides section section { max-height: 760px; font-size: 20px; }</style>
"""


@pytest.mark.parametrize("name", ["00_start_here", "05_designing_a_reward", "08_no_single_fix"])
def test_a_slide_shows_its_figures_large_and_cuts_nothing_off(
    name: str, browser: Browser, tmp_path: Path
) -> None:
    for file, text in {
        "reveal.js/dist/reveal.js": REVEAL,
        "reveal.js/plugin/notes/notes.js": "",
        "katex/dist/katex.min.js": "",
        "katex/dist/contrib/auto-render.min.js": "const renderMathInElement = () => {};",
        f"{name}.html": write_slides.slides(name).replace("</head>", f"{LAID_OUT}</head>"),
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((tmp_path / f"{name}.html").as_uri())
    seen = [page.evaluate(f"Reveal.show({i})") for i in range(page.evaluate("leaves.length"))]
    page.close()
    assert len(seen) >= 7
    assert any(slide["widths"] for slide in seen)
    for place, slide in enumerate(seen):
        assert slide["cut"] <= 1, place
        assert slide["zoom"] >= 90, place
        assert all(width > 0.5 for width in slide["widths"]), (place, slide)
