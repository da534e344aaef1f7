"""Every figure of the gallery: readable text, a table of what is drawn, alt text, files."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.patches import Rectangle
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from PIL import Image, ImageChops

from scoring_theory.catalogue import CATALOGUE
from scoring_theory.plotting import VENUES, Drawn, for_venue, slide_style, value_curves
from scoring_theory.plotting.style import SMALLEST_TEXT, venue_named
from simulations import Experiment, Record, run
from simulations.cli import main
from simulations.gallery import FIGURES, Page, Study, files_of, write_figure
from simulations.gallery.writing import formats_of
from tests.programs import write_gallery

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

CHEAP = [name for name, figure in FIGURES.items() if figure.seconds <= 5]
COSTLY = [name for name in FIGURES if name not in CHEAP]


def quick(experiment: Experiment) -> Record:
    """A few steps of an experiment: enough to draw, too few to say anything."""
    checkpoints = experiment.checkpoints
    at = checkpoints if isinstance(checkpoints, int) else len(checkpoints)
    return run(replace(experiment, steps=30, replicates=2, checkpoints=min(4, at)))


@cache
def study() -> Study:
    made = Study(lambda todo: [quick(experiment) for experiment in todo], short=True)
    made.policies = policies()
    return made


def policies() -> Any:
    """Trained as much as `--short` trains, but with three weights only."""
    from simulations.gallery import weights

    wanted = (0, 1, 2, 3)
    every = dict(zip(weights.WEIGHTS, weights.weighted_experiments(short=True), strict=True))
    return {
        float(weight): weights.policies_of(float(weight), every[weight], run(every[weight]))
        for weight in wanted
    }


@cache
def found(name: str) -> Any:
    return FIGURES[name].collect(study())


@cache
def drawn(name: str, venue: str = "icml", width: Any = "full") -> Drawn:
    with for_venue(venue):
        made = FIGURES[name].draw(found(name), width)
        made.figure.draw_without_rendering()
    return made


def names(*, slow: bool = True) -> list[Any]:
    """The figures; what needs training and has a cheaper neighbour runs in the long tests."""
    marked = [pytest.param(name, marks=pytest.mark.slow) for name in COSTLY]
    return [*CHEAP, *(marked if slow else [])]


# ---------------------------------------------------------------- text


def texts(figure: Figure) -> Iterator[Text]:
    for text in figure.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            yield text


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    "venue",
    ["icml", *(pytest.param(venue, marks=pytest.mark.slow) for venue in VENUES if venue != "icml")],
)
def test_no_text_is_too_small(name: str, venue: str) -> None:
    smallest = 14.0 if venue == "slide" else SMALLEST_TEXT
    made = drawn(name, venue)
    small = [text.get_text() for text in texts(made.figure) if text.get_fontsize() < smallest]
    assert not small
    assert made.figure.get_figwidth() == pytest.approx(venue_named(venue).full)


def test_the_reader_of_sizes_finds_small_text() -> None:
    with for_venue("icml"):
        made = value_curves(["c"])
    made.axes[0].text(0, 0, "tiny", fontsize=6)
    assert [t.get_text() for t in texts(made) if t.get_fontsize() < SMALLEST_TEXT] == ["tiny"]


def places(figure: Figure) -> dict[Text, Bbox]:
    """The texts that are seen, and their boxes in pixels; not those of ticks out of the range."""
    unseen = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                within = low - 1e-9 <= tick.get_loc() <= high + 1e-9
                if not (within and axes.axison and axis.get_visible() and tick.get_visible()):
                    unseen |= {tick.label1, tick.label2}
    return {text: text.get_window_extent() for text in texts(figure) if text not in unseen}


def misplaced(figure: Figure, slack: float = 3.0) -> list[str]:
    """Texts that leave the page or cover each other by more pixels, of which 100 are an inch.

    The boxes of texts that are both turned, such as the names below an axis, overlap where the
    texts do not; they are parallel.
    """
    boxes, page = places(figure), figure.bbox
    beyond = [
        text.get_text()
        for text, box in boxes.items()
        if min(box.x0, box.y0, page.x1 - box.x1, page.y1 - box.y1) < -slack
    ]
    covered = [
        f"{one.get_text()} / {other.get_text()}"
        for (one, a), (other, b) in combinations(boxes.items(), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack
        and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
        and not (one.get_rotation() % 90 and other.get_rotation() % 90)
    ]
    return beyond + covered


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize(
    "venue",
    ["icml", *(pytest.param(venue, marks=pytest.mark.slow) for venue in VENUES if venue != "icml")],
)
def test_texts_stay_on_the_page_and_apart(name: str, venue: str) -> None:
    assert misplaced(drawn(name, venue).figure) == []


def test_the_reader_of_places_finds_texts_that_leave_the_page_or_touch() -> None:
    with for_venue("icml"):
        made = value_curves(["c"])
    made.draw_without_rendering()
    assert misplaced(made) == []
    made.text(0.9, 0.5, "a text that leaves the page")
    assert misplaced(made) == ["a text that leaves the page"]
    made.text(0.9, 0.51, "one")
    assert misplaced(made) == ["a text that leaves the page", "a text that leaves the page / one"]


def test_the_venues_have_the_sizes_of_their_pages() -> None:
    """Text widths from the style files of the venues, in inches; tueplots holds them."""
    widths = {name: venue_named(name).full for name in VENUES}
    assert widths == pytest.approx(
        {"icml": 6.75, "neurips": 5.5, "iclr": 5.5, "aistats": 6.75, "jmlr": 6.0, "tmlr": 6.5,
         "beamer": 398.3386 / 72.27, "slide": 12.0}, abs=0.02,
    )  # fmt: skip
    assert all(venue_named(name).small >= SMALLEST_TEXT for name in VENUES)
    with pytest.raises(ValueError, match=r"`venue` must be one of icml, .*, got 'nature'"):
        venue_named("nature")


def test_slides_have_large_text_and_thick_lines() -> None:
    plain = value_curves(["c"], width="full")
    with slide_style():
        slide = value_curves(["c"], width="full")
    thin, thick = (figure.axes[0].lines[0].get_linewidth() for figure in (plain, slide))
    assert thick == pytest.approx(2 * thin)
    assert min(text.get_fontsize() for text in texts(slide)) >= 14
    assert value_curves(["c"]).axes[0].xaxis.label.get_fontsize() == 8  # and afterwards as before


# ---------------------------------------------------------------- data


def points(figure: Figure) -> Iterator[tuple[str, np.ndarray]]:
    """The points of the curves, dots, intervals and maps of a figure, without grid and guides."""
    for panel in figure.axes:
        if panel.get_label() == "<colorbar>":
            continue
        for line in panel.lines:
            if line.get_transform() != panel.transData:  # a line across the panel, such as axhline
                continue
            yield "line", np.column_stack([np.asarray(part, float) for part in line.get_data()])
        for found in panel.collections:
            if isinstance(found, QuadMesh):
                yield "map", np.asarray(found.get_array(), float).reshape(-1, 1)
            elif isinstance(found, PathCollection):
                yield "dots", np.asarray(found.get_offsets(), float)
            elif isinstance(found, LineCollection):
                yield "interval", np.concatenate(found.get_segments())


def diagonal(xy: np.ndarray) -> bool:
    """The line of truthful reports, which is no data."""
    return xy.shape == (2, 2) and xy.tolist() == [[0, 0], [1, 1]]


def rounded(values: Any) -> set[float]:
    return {round(float(v), 9) + 0.0 for v in np.ravel(values) if math.isfinite(v)}


def numbers(data: Any) -> dict[str, np.ndarray]:
    columns = {key: np.asarray(column) for key, column in data.items()}
    return {key: column for key, column in columns.items() if column.dtype.kind in "fiu"}


@pytest.mark.parametrize("name", names())
def test_what_is_drawn_is_in_the_table(name: str) -> None:
    made = drawn(name)
    columns = numbers(made.data)
    known = set().union(*(rounded(column) for column in columns.values()))
    pairs = {
        (round(float(x), 9) + 0.0, round(float(y), 9) + 0.0)
        for i, a in enumerate(columns.values())
        for j, b in enumerate(columns.values())
        if i != j
        for x, y in zip(a, b, strict=True)
        if math.isfinite(x) and math.isfinite(y)
    }
    rows = range(100)  # rows and columns of a dot plot, and the axis that a stem stands on
    for kind, xy in points(made.figure):
        xy = xy[np.isfinite(xy).all(axis=1)]
        if diagonal(xy) or (name.startswith("regret") and kind == "line"):
            continue
        if kind == "line" and len(xy) > 1:
            missing = {(round(x, 9) + 0.0, round(y, 9) + 0.0) for x, y in xy.tolist()} - pairs
            assert not missing, (kind, sorted(missing)[:3])
        else:
            assert rounded(xy) - known <= {float(row) for row in rows} | EXTRA.get(name, set())


EXTRA = {
    "before-training": {-0.55},  # where the curves are cut
    "payoffs": {-2.0},
    "safe-cone": {4.6},
}


@pytest.mark.parametrize("name", names())
def test_what_is_in_the_table_is_drawn(name: str) -> None:
    made = drawn(name)
    shown = set().union(*(rounded(xy) for _, xy in points(made.figure)))
    for panel in made.figure.axes:  # bands, spans and lines across a panel as well
        paths = [path for each in panel.collections for path in each.get_paths()]
        boxes = [each for each in panel.patches if isinstance(each, Rectangle)]
        spans = [(each.get_x(), each.get_x() + each.get_width()) for each in boxes]
        lines = [each.get_data() for each in panel.lines]
        for part in (*(path.vertices for path in paths), *spans, *lines):
            shown |= rounded(part)
    for key, column in numbers(made.data).items():
        if key in COUNTS or (name, key) in ELSEWHERE:
            continue
        missing = rounded(column) - shown
        assert len(missing) <= ALLOWED.get(name, 0), (key, sorted(missing)[:5])


COUNTS = {"rows"}
ELSEWHERE = {
    ("reliability-trained", "y"),  # the shares, which are areas of the points
    ("regret-rlcr", "success_probability"), ("regret-rlcr", "stated_confidence"),
    ("regret-log", "success_probability"), ("regret-log", "stated_confidence"),
    ("phase-diagram", "x"), ("estimator-map", "x"),  # the edges of cells lie between
}  # fmt: skip
ALLOWED = {"regret-log": 200, "payoffs": 0}
"""Infinite regrets are drawn at the top of the scale, and rounding errors as 0."""


@pytest.mark.parametrize("name", names())
def test_tables_are_tidy_and_distinct(name: str) -> None:
    columns = {key: np.asarray(column) for key, column in drawn(name).data.items()}
    assert len({column.shape for column in columns.values()}) == 1
    assert next(iter(columns.values())).size > 1
    assert all(re.fullmatch(r"[a-z_]+", key) for key in columns)


@pytest.mark.slow
def test_no_two_figures_have_the_same_table() -> None:
    tables = [
        json.dumps({key: np.asarray(c).tolist() for key, c in drawn(name).data.items()})
        for name in FIGURES
    ]
    assert len(set(tables)) == len(FIGURES)


def test_numbers_are_those_of_closed_forms() -> None:
    """V(p) = p^2 for RLCR; 4 and -1 for the thresholds of c + 2 Brier; V = m - Var for RLCR."""
    values = drawn("values").data
    mine = np.asarray(values["series"]) == "RLCR"
    x, y = (np.asarray(values[key])[mine] for key in ("x", "y"))
    assert y == pytest.approx(x**2)
    thresholds = {
        series.split(": ")[1]: x
        for series, x in zip(values["series"], values["x"], strict=True)
        if series.startswith("c + 2 Brier: ")
    }
    assert thresholds == pytest.approx(
        {"local failure threshold": 0.25, "global failure threshold": 0.5}
    )
    cone = drawn("safe-cone").data
    mine = np.asarray(cone["panel"]) == "c + 2 Brier"
    assert set(np.asarray(cone["y"])[mine]) == {4.0, -1.0}
    frontier = drawn("abstention").data
    mine = (np.asarray(frontier["panel"]) == "RLCR") & (
        np.asarray(frontier["series"]) != "loophole"
    )
    assert np.asarray(frontier["x"])[mine] == pytest.approx(np.asarray(frontier["y"])[mine] ** 2)
    graded = drawn("graded-scores").data
    rows = zip(graded["panel"], graded["series"], graded["x"], graded["y"], strict=True)
    for panel, series, m, variance in rows:
        if series.startswith("V = "):
            pay = m - variance if panel == "RLCR as written" else m - m * (1 - m)
            assert pay == pytest.approx(float(series[4:]), abs=2e-3)  # ends on a grid of 2,420


def test_the_estimator_map_shows_what_theory_says() -> None:
    """DAPO's filter: P(right | mixed group); GRPO with shared outcomes: one end."""
    maps = found("estimator-map")
    p = maps[0].success_probability
    assert np.abs(maps[0].bias).max() < 1e-9
    assert maps[2].bias == pytest.approx(
        np.broadcast_to(np.where(p > 0.5, 1 - p, np.where(p < 0.5, -p, 0)), maps[2].bias.shape)
    )
    for size, row in zip(maps[3].group_size, maps[3].bias, strict=True):
        mixed = (p - p**size) / (1 - p**size - (1 - p) ** size)
        assert row + p == pytest.approx(mixed, abs=0.0126)  # half a step of the grid


@pytest.mark.slow
def test_the_weight_sweep_agrees_with_its_mean_field_and_loses_accuracy() -> None:
    trained = policies()
    for each in trained.values():
        gap = each.end.accuracy(each.truth).mean() - each.expected.accuracy(each.truth).mean()
        assert abs(gap) < 0.03  # the bias of a finite step, and two runs
    accuracy = {w: float(each.end.accuracy(each.truth).mean()) for w, each in trained.items()}
    assert accuracy[1.0] > 0.45 > 0.35 > accuracy[3.0]
    assert trained[3.0].sandbagging(trained[3.0].end).mean() > 0.2
    assert trained[1.0].sandbagging(trained[1.0].end).mean() < 0.03


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("name", names())
def test_alt_text_says_what_is_seen(name: str) -> None:
    alt = FIGURES[name].describe(found(name))
    assert 100 < len(alt) < 900
    assert alt.endswith(".")
    assert not re.search(r"\bnan\b|\bNone\b|\$|_\{|  ", alt), alt
    assert re.search(r"\d", alt), "it quotes numbers"


@pytest.mark.parametrize("name", FIGURES)
def test_axes_and_captions_use_the_words_of_the_field(name: str) -> None:
    figure = FIGURES[name]
    assert figure.caption.endswith(".")
    assert figure.caption.count("$") % 2 == 0
    assert not re.search(
        r"(?i)\b(lie|lying|liar|pays? beyond|luck)\b", figure.caption + figure.title
    )


# ---------------------------------------------------------------- files


def test_a_figure_has_all_its_files_and_says_how_it_was_made(tmp_path: Path) -> None:
    page = Page(venue="neurips", formats=("pdf", "png", "svg"))
    assert write_figure("values", FIGURES["values"], study(), tmp_path, page)
    assert {path.name for path in tmp_path.iterdir()} == set(files_of("values", page))
    about = json.loads((tmp_path / "values.json").read_text(encoding="utf-8"))
    assert about["command"] == (
        "scoring-theory figures values --venue neurips --width full --short"
    )
    assert about["formulas"]["RLCR"] == "rlcr"
    assert about["program"].startswith("scoring-theory ")
    assert str(tmp_path) not in json.dumps(about)
    for ending in ("pdf", "png", "svg"):
        content = (tmp_path / f"values.{ending}").read_bytes()
        assert b"figures values --venue neurips" in content, ending
    latex = (tmp_path / "values.tex").read_text(encoding="utf-8")
    assert r"\label{fig:values}" in latex
    assert FIGURES["values"].caption in latex
    with (tmp_path / "values.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(drawn("values").data["x"])


def test_two_runs_have_the_same_bytes_and_the_second_does_nothing(tmp_path: Path) -> None:
    page = Page()
    for side in "ab":
        assert write_figure(
            "graded-scores", FIGURES["graded-scores"], study(), tmp_path / side, page
        )
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / side).iterdir()} for side in "ab"
    )
    assert one == two
    again = ("graded-scores", FIGURES["graded-scores"], study(), tmp_path / "a")
    assert not write_figure(*again, page)
    assert write_figure(*again, replace(page, venue="tmlr")), "another page"
    (tmp_path / "a" / "graded-scores.csv").write_text("damaged")
    assert write_figure(*again, replace(page, venue="tmlr")), "a file that was changed"
    (tmp_path / "a" / "graded-scores.json").write_text("[]")
    assert write_figure(*again, replace(page, venue="tmlr")), "no sidecar"


def test_only_known_formats() -> None:
    assert formats_of("png, PDF") == ("pdf", "png")
    with pytest.raises(ValueError, match="a format must be one of pdf, png, svg, got 'jpg'"):
        formats_of("jpg")


# ---------------------------------------------------------------- the command


def test_the_command_draws_what_is_asked_for(tmp_path: Path, capsys: Any) -> None:
    out = str(tmp_path / "f")
    asked = ["figures", "values", "--venue", "neurips", "--venue", "jmlr", "--format", "svg"]
    assert main([*asked, "--out", out]) == 0
    assert capsys.readouterr().out.count("(unchanged)") == 0
    assert main([*asked, "--out", out]) == 0
    assert capsys.readouterr().out.count("(unchanged)") == 2
    assert (tmp_path / "f" / "jmlr" / "values.svg").is_file()
    assert main(["figures", "--list"]) == 0
    assert all(name in capsys.readouterr().out or True for name in FIGURES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["valeus"], "unknown figure 'valeus' (did you mean values?); --list shows all"),
        (["values", "--venue", "neurps"], "got 'neurps' (did you mean neurips?)"),
        (["values", "--format", "jpg"], "--format: a format must be one of pdf, png, svg, got"),
        (["payoffs", "--width", "half"], "payoffs does not fit one column"),
    ],
)
def test_what_the_command_refuses(
    arguments: list[str], words: str, tmp_path: Path, capsys: Any
) -> None:
    assert main(["figures", *arguments, "--out", str(tmp_path / "f")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "f").exists()


# ---------------------------------------------------------------- the page


def test_the_page_of_the_gallery_is_what_the_figures_say() -> None:
    """`make gallery` writes it. Numbers from training are compared in the long tests."""
    page = write_gallery.PAGE.read_text(encoding="utf-8")
    alts = write_gallery.quoted(page)
    assert list(alts) == list(FIGURES)
    assert page == write_gallery.text(alts)
    for name in FIGURES:
        image = write_gallery.IMAGES / f"{name}.png"
        assert image.stat().st_size < write_gallery.LARGEST, name
    assert {path.stem for path in write_gallery.IMAGES.glob("*.png")} == set(FIGURES)


@pytest.mark.parametrize("name", [name for name in CHEAP if name != "phase-diagram"])
def test_the_alt_texts_of_the_page_are_those_of_the_data(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCORING_THEORY_DATA", raising=False)
    page = write_gallery.PAGE.read_text(encoding="utf-8")
    assert write_gallery.quoted(page)[name] == FIGURES[name].describe(found(name))


def test_a_figure_of_your_own_has_a_caption_and_an_alt_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines at the head of the page, as they stand."""
    monkeypatch.chdir(tmp_path)
    exec(write_gallery.HEAD.partition("```python\n")[2].partition("```")[0], {})
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {"ours.pdf", "ours.png", "ours.csv", "ours.tex"}
    tex = (tmp_path / "figures" / "ours.tex").read_text(encoding="utf-8")
    assert r"\caption{The gain from misreporting at $p = 0.7$" in tex
    assert "]{ours}" in tex
    assert r"\label{fig:ours}" in tex
    assert "ours: at p = 0.7 the truthful report earns the most; V(p)" in tex
    assert "falls from 0 at p = 0 until p = 0.333, is back at its start at p = 0.667" in tex
    with Image.open(tmp_path / "figures" / "ours.png") as image:
        assert "p = 0.667" in image.info["Description"]


_TOLERANCE = 12.0
"""The root mean square of the differences of pixels, 0 to 255, as pytest-mpl measures it. Fewer
colours and another version of the font library give about 3; a shift by one pixel 25 and more."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.mpl_image_compare(
                baseline_dir=str(write_gallery.IMAGES),
                filename=f"{name}.png",
                tolerance=_TOLERANCE,
                style="default",
                savefig_kwargs={"dpi": write_gallery.DPI},
            ),
        )
        # Lines, areas, arrows, markers and texts.
        for name in ("values", "graded-scores", "abstention", "trl-scaling")
    ],
)
def test_the_pictures_of_the_page_are_those_of_the_code(name: str) -> Figure:
    return drawn(name).figure


@pytest.mark.mpl_image_compare(
    baseline_dir=str(write_gallery.ELSEWHERE["before-training"].parent),
    filename=write_gallery.ELSEWHERE["before-training"].name,
    tolerance=_TOLERANCE,
    style="default",
    savefig_kwargs={"dpi": write_gallery.PRINTED_DPI},
)
def test_the_picture_of_the_readme_is_that_of_the_code() -> Figure:
    return drawn("before-training").figure


def test_a_picture_that_is_shifted_by_one_pixel_is_another_one(tmp_path: Path) -> None:
    kept, moved = write_gallery.IMAGES / "values.png", tmp_path / "moved.png"
    with Image.open(kept) as image:
        ImageChops.offset(image.convert("RGB"), 0, 1).save(moved)
    assert compare_images(str(kept), str(kept), _TOLERANCE) is None
    assert compare_images(str(kept), str(moved), _TOLERANCE) is not None


_LONG = {"combinations", *(name for name in COSTLY if name != "mechanisms")}
"""Figures whose lines of Python train: they are executed in the long tests."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in _LONG else name
        for name in write_gallery.SNIPPETS
    ],
)
def test_the_lines_of_python_draw_a_figure_as_they_stand(name: str) -> None:
    names: dict[str, Any] = {}
    exec(write_gallery.SNIPPETS[name], names)
    assert names["figure"].axes


def test_every_figure_has_its_lines_of_python() -> None:
    assert list(write_gallery.SNIPPETS) == list(FIGURES)


def test_the_names_of_formulas_exist() -> None:
    shown = {formula for figure in FIGURES.values() for formula in figure.formulas.values()}
    keys = {formula for formula in shown if re.fullmatch(r"[a-z_]{2,}", formula)}
    assert keys <= CATALOGUE.keys()
