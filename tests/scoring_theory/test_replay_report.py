"""The report pages: texts of the log are escaped; the recorded log gives the paper's results."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from scoring_theory.files import write
from scoring_theory.replaying import html, markdown, replay, story
from scoring_theory.rollouts import Rollouts
from simulations.cli import main
from tests.support.rollouts import DATA, LINEAR, REWARDS, csv, recorded, two_methods

HOSTILE = '<script>alert("x")</script> | **bold** `code` $x$ &amp;'


@pytest.fixture(scope="module")
def hostile():
    rollouts = two_methods(40)
    named = np.where(rollouts.method == "sure", HOSTILE, "modest")
    return replay(
        Rollouts(
            confidence=rollouts.confidence,
            correct=rollouts.correct,
            method=named,
            question=rollouts.question,
            dataset=["<img src=x onerror=alert(1)> b"] * len(rollouts),
            source='<b>"log"</b>.csv',
        ),
        REWARDS,
    )


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_whatever_the_log_says_is_text(hostile):
    page = Page()
    page.feed(
        html(hostile, {HOSTILE: "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"})
    )
    assert page.open == []
    assert HOSTILE in page.text
    known = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "p",
        "section",
        "ul",
        "li",
        "figure",
    }
    known |= {"figcaption", "div", "img", "table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.tags} <= known | {"details", "summary"}
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert [image["alt"] for image in images] == [HOSTILE]
    assert base64.b64decode(images[0]["src"].removeprefix("data:image/svg+xml;base64,")).startswith(
        b"<svg"
    )
    assert not any(
        name.startswith("on") or name == "href"
        for _, attributes in page.tags
        for name in attributes
    )


def test_markdown_tables_keep_their_columns_and_show_no_markup(hostile):
    text = markdown(hostile)
    assert "<script>" not in text
    assert "<img" not in text
    assert r"\*\*bold\*\*" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_the_page_of_the_command_line_needs_nothing_and_holds_everything(tmp_path, capsys):
    page, text, again = tmp_path / "new" / "r.html", tmp_path / "r.md", tmp_path / "again.html"
    log = str(csv(tmp_path / "log.csv", *["0.5,1,a", "0.9,0,b", "0.5,0,a", "1,1,b"] * 20))
    assert main(["replay", log, "--html", str(page), "--markdown", str(text)]) == 0
    printed = capsys.readouterr().out
    assert "In words" in printed
    written = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!data:)", written)
    assert "@import" not in written
    assert written.count("data:image/svg+xml;base64,") >= 3
    for heading in (
        "Accuracy and calibration",
        "Mean reward",
        "Reward after recalibration",
    ):
        assert heading in written
        assert heading in text.read_text(encoding="utf-8")
    assert [path.name for path in page.parent.iterdir()] == ["r.html"]
    assert main(["replay", log, "--html", str(again)]) == 0
    assert again.read_bytes() == page.read_bytes()


def test_an_error_leaves_the_old_page_alone(tmp_path):
    path = write(tmp_path / "page.html", "old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "new \udc80")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- the paper's story


@recorded
def test_the_recorded_log_tells_the_papers_story_with_its_counterexample(tmp_path, capsys):
    page = tmp_path / "rlcr.md"
    file = str(Path(DATA) / "rlcr_hotpot_models_conf_correct.csv")
    assert (
        main(
            [
                "replay",
                file,
                "--reward",
                "rlcr",
                "--reward",
                "c - abs(q - c)",
                "--markdown",
                str(page),
            ]
        )
        == 0
    )
    told = capsys.readouterr().out
    assert "On commonsenseqa, Base is the best calibrated, with ECE 0.0037 [" in told
    assert re.search(
        r"RLCR is the worst calibrated, with ECE 0\.302 \[.*under-confident: mean confidence"
        r" 0\.611, accuracy 0\.913",
        told,
    )
    assert "On gpqa, RLCR is the best calibrated, with ECE 0.155" in told
    assert re.search(
        r"under c - abs\(q - c\), RLVR leads RLCR by 0\.088 \[.*under rlcr, RLCR leads RLVR by"
        r" 0\.13",
        told,
    )
    assert "RLCR is the worst calibrated, with ECE 0.302" in page.read_text(encoding="utf-8")


def test_a_division_that_turns_what_is_pushed_is_told():
    """By hand, linear reward: one mixed group pushes confidence down, sixty groups all right push
    it up, gently.

    Mixed: .1 for the right answer at q = .1 and -.9 for the wrong one at q = .9, apart by 1; the
    others are paid apart by .02. Divided by its own standard deviation every group counts alike: 60
    x .02 is more than .8.
    """
    q, c = np.r_[0.1, 0.9, np.tile([0.5, 0.52], 60)], np.r_[1, 0, np.ones(120)]
    result = replay(
        Rollouts(confidence=q, correct=c, question=np.repeat(np.arange(61), 2)), {"linear": LINEAR}
    )
    found = {one.estimator: one.correlation for one in result.advantages["all"].followed}
    mean, std = found["group_mean"], found["group_std"]
    assert mean < -0.5
    assert std == pytest.approx(np.corrcoef(q, np.r_[1, -1, np.tile([-1, 1], 60)])[0, 1])
    assert std > 0.01
    assert len([one for one in story(result) if "after division" in one]) == 1
