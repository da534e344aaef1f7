"""The report pages: texts of the log are escaped; the recorded log gives the paper's results."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scoring_theory.files import write
from scoring_theory.pages import Illustration, Image
from scoring_theory.plotting.replay_page import drawings
from scoring_theory.replaying import html, markdown, replay, story
from scoring_theory.replaying.sections import sections
from scoring_theory.rollouts import Rollouts, example_rollouts, read_rollouts
from simulations.cli import main
from tests.support.pages import attributes_of, parsed
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


def images(text: str) -> Iterator[str]:
    """The SVG texts of a page."""
    for image in attributes_of(parsed(text), "img"):
        yield base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode()


def test_whatever_the_log_says_is_text(hostile):
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"
    page = parsed(html(hostile, [Illustration(HOSTILE, (Image(svg, HOSTILE),))]))
    assert HOSTILE in page.text
    known = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p"}
    known |= {"section", "ul", "li", "figure", "figcaption", "div", "span", "img", "footer", "a"}
    known |= {"table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd"}
    assert {tag for tag, _ in page.tags} <= known | {"details", "summary"}
    shown = attributes_of(page, "img")
    assert [image["alt"] for image in shown] == [HOSTILE]
    drawn = base64.b64decode(shown[0]["src"].removeprefix("data:image/svg+xml;base64,"))
    assert drawn.startswith(b"<svg")
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    links = [attributes["href"] for attributes in attributes_of(page, "a")]
    assert links
    assert all(link.startswith("data:text/csv;") for link in links)


def test_the_page_asks_no_host_for_anything_and_forbids_it(hostile):
    page = parsed(html(hostile))
    (policy,) = (
        attributes["content"]
        for attributes in attributes_of(page, "meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for _, attributes in page.tags:
        assert not {"srcset", "action", "formaction", "ping", "background"} & attributes.keys()
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    style = page.text[: page.text.index("Replay of", 40)]
    assert "url(" not in style
    assert "@import" not in style


def test_tables_name_their_rows_and_columns_and_themselves(hostile):
    page = parsed(html(hostile))
    tables = len(attributes_of(page, "table"))
    assert tables >= 5
    assert len(attributes_of(page, "caption")) == tables
    assert {cell.get("scope") for cell in attributes_of(page, "th")} == {"row", "col"}
    regions = [one for one in attributes_of(page, "div") if one.get("role") == "region"]
    assert len(regions) == tables
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)


def test_the_numbers_come_first_and_are_in_the_page_as_csv(tmp_path, capsys):
    log = csv(tmp_path / "log.csv", *["0.5,1,a", "0.9,0,b", "0.5,0,a", "1,1,=1+1"] * 20)
    assert main(["replay", str(log), "--html", str(tmp_path / "a.html")]) == 0
    capsys.readouterr()
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    page = parsed(text)
    places = [text.index(f"<h2>{title}") for title in ("At a glance", "In words", "Mean reward")]
    assert places == sorted(places)
    assert places[0] < text.index("<figure>") < places[1]
    tiles = text[places[0] : places[1]]
    assert re.findall(r"<dt>([^<]*)</dt>", tiles)[:4] == [
        "Accuracy", "Mean confidence", "ECE, 10 bins", "Brier score"
    ]  # fmt: skip
    assert [text for _, text in re.findall(r"<dt>(Accuracy)</dt><dd>([^<]*)", tiles)] == [
        "0.500", "0.000", "1.000"
    ]  # fmt: skip
    (link,) = attributes_of(page, "a")
    content = base64.b64decode(link["href"].partition("base64,")[2]).decode()
    first, *rows = content.splitlines()
    assert first.startswith("method,dataset,n,accuracy,mean_confidence,brier,ece,auroc,mean ")
    assert [row.split(",")[0] for row in rows] == ["a", "b", "'=1+1"]  # no spreadsheet runs it
    assert float(rows[0].split(",")[5]) == 0.25  # Brier: (0.5 - c)^2


def test_the_page_names_the_file_by_its_digest_and_not_by_its_path(tmp_path, capsys):
    folder = tmp_path / "home-of-ann"
    folder.mkdir()
    log = csv(folder / "log.csv", *["0.5,1,a", "0.9,0,a"] * 20)
    page, text = tmp_path / "a.html", tmp_path / "a.md"
    assert main(["replay", str(log), "--html", str(page), "--markdown", str(text)]) == 0
    capsys.readouterr()
    digest = hashlib.sha256(log.read_bytes()).hexdigest()
    for written in (page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")):
        assert "home-of-ann" not in written
        assert "log.csv" in written
        assert digest in written


def test_alternative_texts_say_what_is_seen_in_numbers():
    log = example_rollouts()
    result = replay(log, ["binary", "rlcr"])
    over = result.cell("overconfident")
    figures = drawings(log, result)
    alts = [image.alt for figure in figures for image in figure.panels]
    assert len(set(alts)) == len(alts) == 8
    assert all(re.search(r"\d\.\d\d", alt) for alt in alts)
    assert alts[3].startswith(
        f"overconfident: it is overconfident: mean confidence {over.mean_confidence:.3f}, accuracy"
        f" {over.accuracy:.3f}."
    )
    # Its ten stated values, .525 to .975, all lie below the diagonal.
    assert "100% of the answers lie below the diagonal" in alts[3]
    assert alts[1].startswith("Murphy diagram. The best method is ")
    assert "calibrated for t from 0.1" in alts[1]
    assert "CORP" in figures[0].caption
    assert "10 bins" in figures[1].caption


def test_figures_take_the_ink_of_the_page():
    log = example_rollouts()
    text = html(replay(log, "rlcr", intervals=False), drawings(log, replay(log, "rlcr")))
    drawn = list(images(text))
    assert len(drawn) == 7
    for svg in drawn:
        assert "prefers-color-scheme: dark" in svg
        assert "#000000" not in svg
        assert not re.search(r"<path[^>]*fill: #ffffff", svg)  # no white ground
        assert "<text" not in svg  # no font is needed


def test_markdown_tables_keep_their_columns_and_show_no_markup(hostile):
    text = markdown(hostile)
    assert "<script>" not in text
    assert "<img" not in text
    assert r"\*\*bold\*\*" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_the_terminal_shows_the_difference_of_each_method_and_the_best(tmp_path, capsys):
    """The numbers of the page's table of gaps, with their intervals, and within 88 columns."""
    rows = ["0.5,1,a,{i}", "0.9,0,b,{i}", "0.4,0,a,{i}", "1,1,b,{i}"]
    path = csv(tmp_path / "log.csv", *[row.format(i=i) for i in range(30) for row in rows])
    text = path.read_text().replace("method\n", "method,question\n", 1)
    path.write_text(text)
    assert main(["replay", str(path), "--reward", "rlcr", "--reward", "binary"]) == 0
    printed = capsys.readouterr().out
    found = replay(read_rollouts(path), {"rlcr": "rlcr", "binary": "c"})
    [section] = [one for one in sections(found) if one.title == "Gap to the best method"]
    told = printed.partition("Best method minus each [95% boot")[2].partition("In words")[0]
    assert told
    assert all(row[-1] in told for row in section.rows)
    assert told.count("best") == len(section.rows)


def test_one_method_has_no_difference_to_show(tmp_path, capsys):
    log = csv(tmp_path / "log.csv", *["0.5,1,a", "0.9,0,a"] * 20)
    assert main(["replay", str(log)]) == 0
    assert "Best method minus each" not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["calibrate", "replay"])
def test_percent_signs_in_cells_name_the_option_that_reads_them(command, tmp_path, capsys):
    log = csv(tmp_path / "log.csv", *["50%,1,a", "90%,0,b"] * 20)
    for more in ([], ["--missing", "-1"] if command == "replay" else []):
        assert main([command, str(log), *more]) == 2
        said = capsys.readouterr().err
        assert "row 1 (line 2): `confidence` must be a number in [0, 1], got '50%'" in said
        assert "`--scale percent`" in said
    assert main([command, str(log), "--scale", "percent"]) == 0
    log.write_text(log.read_text().replace("50%", "").replace("90%", "no"))
    assert main(["calibrate", str(log)]) == 2
    assert "stated in at least one row, got none in 40" in capsys.readouterr().err


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


def test_a_report_says_paired_only_where_questions_are_named() -> None:
    """Without a column of questions, the answers of two methods are drawn apart."""
    rng = np.random.default_rng(0)
    q, c = rng.random(200), rng.integers(0, 2, 200)
    method = ["a", "b"] * 100
    apart = Rollouts(confidence=q, correct=c, method=method)
    named = Rollouts(confidence=q, correct=c, method=method, question=np.arange(200) // 2)
    paired = "paired as far as both answered the same ones"
    for log, said, unsaid in ((apart, "Not paired:", paired), (named, paired, "Not paired:")):
        text = markdown(replay(log, ["rlcr", "c"]))
        assert said in text
        assert unsaid not in text
