"""Figures: one look, the same bytes every run, whole files, and drawings that show their data."""

from __future__ import annotations

import csv
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from scoring_theory.calibration import (
    ConfidenceInterval,
    Forecasts,
    corp_curve,
    murphy_diagram,
    reliability_curve,
    risk_coverage,
)
from scoring_theory.checking import check
from scoring_theory.designing import design
from scoring_theory.plotting import (
    OKABE_ITO,
    REWARD_STYLES,
    About,
    before_training,
    comparison,
    corp_diagrams,
    design_columns,
    design_figure,
    panel_grid,
    paper_style,
    payoff_curves,
    picture,
    regret_map,
    reliability_columns,
    reliability_diagram,
    reliability_grid,
    reward_chart,
    rewards_in_words,
    save,
    style_of,
    styles_of,
    value_columns,
    value_curves,
)
from scoring_theory.plotting.corp import comparison_panels
from scoring_theory.plotting.reward_picture import RewardPicture
from scoring_theory.plotting.style import GREY, RewardStyle, venue_named
from scoring_theory.reward import Reward

FORMULAS = {
    "binary": "c",
    "RLCR": "c - (q - c)^2",
    "2 x Brier": "c - 2*(q - c)^2",
    "log": "c + log(1 - abs(q - c))",
    "linear": "c - abs(q - c)",
}
MATH = {
    "binary": "c",
    "RLCR": "c-(q-c)^2",
    "2 x Brier": r"c-2\,(q-c)^2",
    "log": r"c+\log(1-|q-c|)",
    "linear": "c-|q-c|",
}


def pictures() -> list[RewardPicture]:
    return [
        picture(Reward.parse(text), name=name, points=41, formula=MATH[name])
        for name, text in FORMULAS.items()
    ]


def curve(seed: int = 0, *, rng: bool = True):
    q = np.random.default_rng(seed).integers(0, 21, size=200) / 20
    forecasts = Forecasts(confidence=q, correct=np.random.default_rng(seed + 1).random(200) < q)
    return reliability_curve(
        forecasts, bins=10, rng=np.random.default_rng(0) if rng else None, resamples=99
    )


def interval(estimate: float) -> ConfidenceInterval:
    return ConfidenceInterval(estimate, estimate - 0.1, estimate + 0.1, 0.95, 99)


def regret(text: str) -> tuple[np.ndarray, np.ndarray]:
    levels = np.linspace(0, 1, 21)
    earned = Reward.parse(text).expected_reward(levels[:, None], levels)
    return earned.diagonal()[:, None] - earned, levels


EARNED = {
    "RLCR": {"Base": interval(0.4), "RLCR": interval(0.5)},
    "log": {"Base": interval(-math.inf), "RLCR": interval(0.1)},
}
DRAWINGS = {
    "before": lambda: before_training(pictures()),
    "value": lambda: value_curves(pictures()),
    "payoff": lambda: payoff_curves(pictures()),
    "regret": lambda: regret_map(*regret(FORMULAS["log"]), name="log"),
    "lies": lambda: regret_map(*regret(FORMULAS["linear"]), name="linear"),
    "flat": lambda: regret_map(*regret(FORMULAS["binary"]), name="binary"),
    "diagram": lambda: reliability_diagram(curve(), name="RLCR", note="ECE 0.1"),
    "grid": lambda: reliability_grid(
        {("a", "x"): curve(), ("b", "x"): curve(1), ("b", "y"): curve(2)}
    ),
    "many": lambda: reliability_grid(
        {(f"m{i}", ""): curve(i, rng=False) for i in range(7)},
        notes={("m0", ""): "n"},
        caption="made up",
    ),
    "design": lambda: design_figure(
        design(thresholds=[0.6, 0.9], margin=0.2, curvature=0.3, name="designed")
    ),
    "chart": lambda: reward_chart(EARNED, caption="made up"),
}


@cache
def drawn(name: str) -> Figure:
    """A drawing to look at, made once."""
    return DRAWINGS[name]()


def digest(figure: Figure, folder: Path) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in save(figure, folder / "figure", {"x": [1.0]}))


# ---------------------------------------------------------------- style


def test_papers_names_lead_to_the_reward_that_they_train_with():
    assert style_of("RLVR") == style_of("binary") == style_of("correctness")
    assert style_of("RLCR") == style_of("brier") == style_of("c + brier") != style_of("rlcr_code")
    assert (
        style_of("c + log") == style_of("log") != style_of("c + spherical") == style_of("spherical")
    )
    assert style_of("c + 2*brier") == style_of("double_brier")
    assert style_of("2 × Brier") == style_of("2 x brier") == style_of("double_brier")
    assert style_of("one_sided") == style_of("one-sided") != style_of("one_sided_log")


def test_no_two_entries_share_colour_and_marker_and_no_fallback_takes_one():
    pairs = [(style.color, style.marker) for style in REWARD_STYLES.values()]
    assert len(set(pairs)) == len(pairs)
    assert {color for color, _ in pairs} <= {*OKABE_ITO.values(), GREY}
    strangers = [style_of(f"reward {i}") for i in range(300)]
    assert not {(style.color, style.marker) for style in strangers} & set(pairs)
    assert len(set(strangers)) > 80


def test_no_two_lines_of_a_figure_look_alike() -> None:
    # Names alone lead many strangers to one pair of colour and dashes; training curves have no
    # markers to differ in.
    names = [f"weight {i}" for i in range(24)]
    alone = {(style.color, style.linestyle) for style in map(style_of, names)}
    together = styles_of(["log", *names, "brier", "RLCR"])
    lines = {(style.color, style.linestyle) for style in together.values()}
    assert len(alone) < 24 < len(lines) == 27
    assert (together["log"], together["brier"]) == (style_of("log"), style_of("brier"))
    assert list(together) == ["log", *names, "brier", "RLCR"]
    assert len({style.color for style in styles_of(names[:6]).values()}) >= 4
    assert (
        len(styles_of(f"reward {i}" for i in range(60))) == 60
    )  # more than there are pairs: then some are shared


def test_the_lines_of_a_few_methods_differ_in_colour_and_in_dashes() -> None:
    # Alone, these two would both be dotted, and in grey print hardly differ.
    names = ["rlvr-baseline", "rlcr-ours"]
    assert len({style_of(name).linestyle for name in names}) == 1
    for few in (names, ["RLCR", "ours", "our ablation"], *([f"run {i}", "new"] for i in range(40))):
        styles = list(styles_of(few).values())
        assert len({style.linestyle for style in styles}) == len(few)
        assert len({style.color for style in styles}) == len(few)
        assert not {OKABE_ITO["blue"], OKABE_ITO["sky"]} <= {style.color for style in styles}


def test_rewards_in_words_say_what_is_best_and_where_the_value_falls() -> None:
    said = rewards_in_words(["binary", "c - abs(q - c)", "one_sided", "-(q - c)^2"])
    assert "binary: at p = 0.7 all reports earn the same; V(p)" in said
    assert "c - abs(q - c): at p = 0.7 stating q = 1 earns the most; V(p)" in said
    assert said.count("rises from 0 at p = 0 to 1 at p = 1.") == 3
    assert "falls from 0 at p = 0 until p = 0.5, is back at its start at p = 1" in said


def test_a_figure_without_a_caption_has_no_latex_figure_and_signs_are_escaped(
    tmp_path: Path,
) -> None:
    said = About(alt="50 % of {it} at 2^n", caption=r"Half of it, $\frac12$.")
    assert [path.suffix for path in save(Figure(), tmp_path / "a", {"q": [0.0]})] == [
        ".pdf",
        ".png",
        ".csv",
    ]
    *_, tex, _ = save(Figure(), tmp_path / "b", {"q": [0.0]}, about=said)
    assert r"[alt={50 \% of \{it\} at 2\textasciicircum{}n}]{b}" in tex.read_text("utf-8")
    assert r"\caption{Half of it, $\frac12$.}" in tex.read_text("utf-8")


def test_each_figure_of_a_report_gives_its_methods_the_same_styles() -> None:
    names = ["rlvr-baseline", "rlcr-ours"]
    stated = {name: Forecasts(confidence=[0.2, 0.8], correct=[0, 1]) for name in names}
    wanted = {name: (style.color, style.linestyle) for name, style in styles_of(names).items()}
    for figure in comparison_panels(stated).values():
        shown = figure.legends[0].legend_handles
        assert [each.get_color() for each in shown] == [color for color, _ in wanted.values()]
    for name, forecasts in stated.items():
        above = corp_diagrams({name: forecasts}, among=names).axes[0]
        assert wanted[name][0] in {line.get_color() for line in above.lines}
    earned = {
        "rlcr": {name: ConfidenceInterval(0.4, 0.3, 0.5, level=0.95, resamples=9) for name in names}
    }
    [panel] = reward_chart(earned).axes
    points = [line.get_color() for line in panel.lines if line.get_marker() not in ("None", "")]
    assert points == [color for color, _ in wanted.values()]
    pictures = payoff_curves([picture("c - 3*(q - c)^2", name=name) for name in names])
    lines = [line.get_color() for line in pictures.axes[0].lines[:2]]
    assert lines == [color for color, _ in wanted.values()]


def test_the_rewards_drawn_together_most_differ_in_marker_and_dashes():
    main = [
        style_of(name) for name in ("binary", "brier", "spherical", "log", "one-sided", "linear")
    ]
    for attribute in ("color", "marker", "linestyle"):
        assert len({getattr(style, attribute) for style in main}) == len(main)


def test_a_stranger_keeps_its_style_in_every_process():
    # The hash of a string differs between processes; the style, here of another one, must not.
    drawn_before = RewardStyle(color="#E69F00", marker=">", linestyle=(0, (8.0, 2.0)))
    assert style_of("My Own Reward") == style_of("my own reward") == drawn_before


def test_every_published_reward_has_an_entry_of_its_own():
    from scoring_theory.catalogue import PUBLISHED

    shown = {name: style_of(name) for name in PUBLISHED}
    assert set(shown.values()) <= set(REWARD_STYLES.values())
    assert len(set(shown.values())) == len(shown)
    assert all(
        style_of(published.reward.name) == shown[name] for name, published in PUBLISHED.items()
    )


def test_the_readers_own_settings_do_not_matter_and_come_back():
    with mpl.rc_context({"font.size": 31, "axes.facecolor": "red", "pdf.fonttype": 3}):
        with paper_style("half"):
            assert (mpl.rcParams["font.size"], mpl.rcParams["axes.facecolor"]) == (8, "white")
            assert mpl.rcParams["pdf.fonttype"] == 42
            assert panel_grid()[0].get_figwidth() == 3.25
        assert (mpl.rcParams["font.size"], mpl.rcParams["axes.facecolor"]) == (31, "red")


def test_widths_are_those_of_a_page():
    with paper_style("full"):
        assert panel_grid(1, 2, ratio=0.5)[0].get_size_inches().tolist() == pytest.approx(
            [6.75, 1.6875]
        )
    with (
        pytest.raises(ValueError, match='`width` must be "full" or "half", got \'quarter\''),
        paper_style("quarter"),
    ):
        pass


# ---------------------------------------------------------------- saving


SOME = ("grid", "design")
"""Panels and one figure; the others are alike and saved in the long run."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in SOME else pytest.mark.slow) for n in DRAWINGS]
)
def test_a_figure_is_the_same_bytes_every_time(name, tmp_path):
    first, second = (digest(DRAWINGS[name](), tmp_path / side) for side in "ab")
    assert first == second


@pytest.mark.slow
def test_a_figure_is_the_same_bytes_in_another_process_and_time(tmp_path):
    code = (
        "import sys; sys.path.insert(0, 'tests/scoring_theory')\n"
        "from test_plotting import DRAWINGS, save\n"
        f"save(DRAWINGS['before'](), {str(tmp_path / 'b' / 'figure')!r}, {{'x': [1.0]}})"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": ".",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "SOURCE_DATE_EPOCH": "1",
    }
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2], env=environment
    )
    ours = digest(DRAWINGS["before"](), tmp_path / "a")
    assert ours == tuple(
        (tmp_path / "b" / f"figure.{suffix}").read_bytes() for suffix in ("pdf", "png", "csv")
    )


def test_fonts_are_embedded_as_outlines_that_editors_can_read(tmp_path):
    pdf, png, _ = save(DRAWINGS["value"](), tmp_path / "lam=0.5", {"x": [1.0]})
    assert pdf.name == "lam=0.5.pdf"  # the dot is part of the name
    content = pdf.read_bytes()
    assert b"/Type3" not in content
    assert b"CreationDate" not in content
    assert b"/FontFile2" in content
    assert png.read_bytes().startswith(b"\x89PNG")
    assert b"Software" not in png.read_bytes()


def test_the_csv_reads_back_to_the_same_floats(tmp_path):
    values = [0.1, 1 / 3, -math.inf, math.nan, 1e-300]
    *_, path = save(
        Figure(),
        tmp_path / "f",
        {"x": values, "name": ["a", "b,c", 'd"', "e", "f"], "n": np.arange(5)},
    )
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["x"]) for row in rows] == pytest.approx(values, rel=0, abs=0, nan_ok=True)
    assert [row["name"] for row in rows] == ["a", "b,c", 'd"', "e", "f"]
    assert rows[4]["n"] == "4"


def test_columns_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must have one length, got \{'x': 2, 'threshold': 1\}"):
        save(Figure(), tmp_path / "f", {"x": [0.5, 1.0], "threshold": 0.25})
    assert not list(tmp_path.iterdir())
    assert (
        save(Figure(), tmp_path / "g", {"x": np.array([0.1], dtype=np.float32)})[2].read_text()
        == "x\n0.10000000149011612\n"
    )


@pytest.mark.parametrize("data", [{}, {"x": [[1.0]]}])
def test_data_that_is_no_table_is_refused_before_anything_is_written(data, tmp_path):
    with pytest.raises(ValueError, match="`data"):
        save(Figure(), tmp_path / "deep" / "f", data)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_save_leaves_the_old_files_and_no_others(tmp_path, monkeypatch):
    before = [path.read_bytes() for path in save(DRAWINGS["value"](), tmp_path / "f", {"x": [1.0]})]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(DRAWINGS["regret"](), tmp_path / "f", {"x": [2.0]})
    names = ("f.pdf", "f.png", "f.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert [(tmp_path / name).read_bytes() for name in names] == before


def test_files_can_be_read_by_others(tmp_path):
    for path in save(Figure(), tmp_path / "f", {"x": [1.0]}):
        assert path.stat().st_mode & 0o777 == 0o644


# ---------------------------------------------------------------- drawings


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for panel in figure.axes for text in (panel.title, *panel.texts)]


def test_before_training_says_in_words_what_each_reward_does():
    rewards = {name: Reward.parse(text) for name, text in FORMULAS.items()}
    shown = [
        picture(reward, name=name, report=check(reward), points=41)
        for name, reward in rewards.items()
    ]
    words = texts(before_training(shown))
    assert words.count("The truth is optimal") == 3
    assert words.count("All $q$ are tied") == 1
    assert words.count("$q = 1$ is optimal") == 1
    assert words.count("Accuracy\nis rewarded") == 3
    assert {
        "Sandbagging earns\nmore below $p = 0.5$",
        "Sandbagging earns\nmore below $p = 0.648$",
    } <= set(words)
    assert shown[3].local_failure_below == pytest.approx(1 / (1 + math.e))


def test_a_picture_is_checked_if_it_has_no_report():
    words = [word for word in texts(before_training(pictures())) if "earns" in word]
    given = [
        picture(Reward.parse(text), name=name, report=check(Reward.parse(text)), points=41)
        for name, text in FORMULAS.items()
    ]
    assert words == [word for word in texts(before_training(given)) if "earns" in word]
    assert len(words) == 2


def test_no_drawing_leaves_pyplot_a_figure():
    for name in DRAWINGS:
        assert isinstance(drawn(name), Figure)
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover one another, and texts that leave the page."""
    with paper_style():
        figure.draw_without_rendering()
    found = [
        text
        for text in figure.findobj(mpl.text.Text, include_self=False)
        if text.get_text().strip()
    ]
    hidden = {id(text) for panel in figure.axes for text in not_drawn(panel)}
    boxes = [
        (text.get_text(), text.get_window_extent().padded(-1))
        for text in found
        if id(text) not in hidden
    ]
    page = figure.bbox.padded(2)
    out = [
        (name, "page")
        for name, box in boxes
        if not (page.contains(*box.min) and page.contains(*box.max))
    ]
    return out + [(a, b) for i, (a, x) in enumerate(boxes) for b, y in boxes[:i] if x.overlaps(y)]


def not_drawn(panel: mpl.axes.Axes) -> list[mpl.text.Text]:
    """All texts of an invisible panel, and the labels of ticks outside the view."""
    if not panel.get_visible():
        return panel.findobj(mpl.text.Text)
    texts = []
    for axis in (panel.xaxis, panel.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.majorTicks, *axis.minorTicks):
            outside = not low - 1e-9 <= tick.get_loc() <= high + 1e-9
            texts += [
                label for label in (tick.label1, tick.label2) if outside or not label.get_visible()
            ]
    return texts


@pytest.mark.parametrize("name", DRAWINGS)
def test_texts_do_not_cover_one_another_and_stay_on_the_page(name):
    assert overlaps(drawn(name)) == []


def test_names_from_logs_are_text_and_no_formulas(tmp_path):
    name = "a $5 model_x^2 $"
    figure = reliability_grid({(name, name): curve(), ("other", name): curve(1)})
    save(figure, tmp_path / "f", {"x": [1.0]})
    save(reward_chart({name: {name: interval(0.5)}}), tmp_path / "g", {"x": [1.0]})
    assert r"a \$5 model_x^2 \$" in texts(figure)


def test_a_grid_hides_cells_without_a_curve_and_needs_one():
    figure = drawn("grid")
    assert [panel.get_visible() for panel in figure.axes] == [True, True, False, True]
    assert [panel.get_ylabel() for panel in figure.axes] == ["x", "", "", "y"]
    assert [[text.get_text() for text in panel.texts] for panel in figure.axes] == [
        ["a"],
        ["b"],
        [],
        [],
    ]
    assert drawn("grid").get_figwidth() == 3.25
    with pytest.raises(ValueError, match="at least one reliability curve"):
        reliability_grid({})


def test_the_table_of_a_grid_is_long(tmp_path):
    curves = {("a", "x"): curve(), ("b", "x"): curve(1)}
    columns = reliability_columns(curves)
    assert columns["method"].tolist() == ["a"] * 10 + ["b"] * 10
    assert columns["frequency"][10:].tolist() == curves["b", "x"].frequency.tolist()
    assert {column.size for column in columns.values()} == {20}


def test_pictures_hold_the_closed_forms():
    double = picture(Reward.parse("c - 2*(q - c)^2"), points=5, success_probability=0.5)
    p = double.levels
    assert double.value == pytest.approx(2 * p**2 - p)  # V = p - 2 p (1 - p)
    assert double.shortfall == pytest.approx(-2 * (p - 0.5) ** 2)
    assert (double.on_correct.tolist(), double.on_wrong.tolist()) == (
        [-1, -0.125, 0.5, 0.875, 1],
        [0, -0.125, -0.5, -1.125, -2],
    )
    columns = value_columns([double, *pictures()])
    assert columns["series"][0] == "c - 2*(q - c)^2"
    marks = [series for series in columns["series"] if "failure threshold" in series]
    assert any(mark.startswith("c - 2*(q - c)^2") for mark in marks)  # checked without being asked
    assert columns["y"][:5] == pytest.approx(double.value)
    for options in ({"success_probability": 1.2}, {"points": 1}):
        with pytest.raises(ValueError, match="must"):
            picture(Reward.parse("c"), **options)


def test_the_columns_of_a_design_are_what_it_is():
    made = design(thresholds=[0.6], margin=0.25, curvature=0.25)
    data = design_columns(made)

    def curve(panel, series):
        mine = (data["panel"] == panel) & (data["series"] == series)
        return data["x"][mine], data["y"][mine]

    places, masses = curve("thresholds", "point mass")
    assert (places.tolist(), masses.tolist()) == ([0.0, 0.6], [0.25, 0.5])
    np.testing.assert_allclose(curve("thresholds", "density w(t)")[1], 0.25)
    margin, pull = curve("calibration incentive by accuracy margin", "this range")
    np.testing.assert_allclose(margin + pull, 1)
    confidence, right = curve("rewards", "correct")
    np.testing.assert_allclose(right, made.reward.payoff(confidence, 1))


def test_lies_that_pay_are_marked_and_ruin_is_the_top_of_the_scale():
    lying = drawn("lies")
    assert [text.get_text() for text in lying.legends[0].get_texts()] == ["Misreporting earns more"]
    honest = drawn("regret")
    assert not honest.legends
    cells = honest.axes[0].collections[0].get_array()
    assert not np.ma.getmaskarray(cells).any()  # masked cells would be left white
    assert cells.max() > 1


def test_only_the_best_method_of_each_reward_is_filled():
    figure = reward_chart(EARNED)
    faces = [
        [line.get_markerfacecolor() for line in panel.lines if line.get_marker() != "None"]
        for panel in figure.axes
    ]  # lines without a marker show a mean reward of 0
    assert faces == [["white", style_of("RLCR").color], [style_of("RLCR").color]]
    assert [text.get_text() for text in figure.axes[1].texts] == ["$-\\infty$"]


# ---------------------------------------------------------------- how good stated confidences are


def curves(seed: int):
    from scoring_theory.calibration import corp_curve, murphy_diagram, risk_coverage

    rng = np.random.default_rng(seed)
    q = rng.integers(0, 21, size=300) / 20
    rows = Forecasts(confidence=q, correct=rng.random(300) < q)
    return corp_curve(rows, rng=rng, resamples=49), murphy_diagram(rows), risk_coverage(rows)


def test_a_comparison_draws_every_method_in_every_panel_and_keeps_its_numbers(tmp_path):
    from scoring_theory.plotting import comparison, comparison_columns, corp_diagrams

    found = {"RLCR": curves(0), "a $5 model": curves(1)}
    parts = tuple({name: three[i] for name, three in found.items()} for i in range(3))
    figure = comparison(*parts)
    assert [len(panel.lines) for panel in figure.axes] == [
        3,
        3,
        2,
    ]  # two of them with a line to compare with
    table = comparison_columns(*parts)
    assert set(table["curve"]) == {
        "reliability (CORP)",
        "threshold bet minus the best",
        "risk by coverage",
    }
    assert len({column.size for column in table.values()}) == 1
    save(figure, tmp_path / "comparison", table)
    above = corp_diagrams(parts[0], notes={"RLCR": "ECE 0.1"}).axes[0]
    assert above.get_title() == "RLCR\nECE 0.1"
    # The fit that is drawn is the fit that was computed, at its corners.
    drawn = dict(zip(*above.lines[-1].get_data(), strict=True))
    assert all(
        drawn[q] == f
        for q, f in zip(parts[0]["RLCR"].confidence, parts[0]["RLCR"].frequency, strict=True)
        if q in drawn
    )
    assert drawn.keys() >= {parts[0]["RLCR"].confidence[0], parts[0]["RLCR"].confidence[-1]}


def test_a_comparison_of_different_methods_is_refused():
    from scoring_theory.plotting import comparison, corp_diagrams

    corp, murphy, risk = curves(0)
    with pytest.raises(ValueError, match="the three panels need the same methods"):
        comparison({"a": corp}, {"b": murphy}, {"a": risk})
    with pytest.raises(ValueError, match="at least one CORP curve"):
        corp_diagrams({})


def test_what_was_stated_is_readable_beside_a_method_that_is_always_certain():
    from scoring_theory.calibration import corp_curve
    from scoring_theory.plotting import corp_diagrams

    certain = corp_curve(Forecasts(confidence=[1.0] * 10, correct=[1] * 9 + [0]))
    spread = corp_curve(Forecasts(confidence=[0.3, 0.6, 0.7, 0.9, 0.95], correct=[0, 1, 0, 1, 1]))
    figure = corp_diagrams({"certain": certain, "spread": spread})
    bars = [panel for panel in figure.axes if panel.patches]
    assert [panel.get_ylim() for panel in bars] == [(0, 1), (0, pytest.approx(0.2))]
    # A stated value opens its fortieth; numpy.linspace(0, 1, 41)[24] is 0.6000000000000001 and
    # shuts 0.6 out.
    filled = [bar.get_x() for bar in bars[1].patches if bar.get_height()]
    assert filled == [0.3, 0.6, 0.7, 0.9, 0.95]


def lines(figure: Figure) -> list[np.ndarray]:
    return [line.get_xydata() for panel in figure.axes for line in panel.get_lines()]


def same_lines(one: Figure, other: Figure) -> None:
    for a, b in zip(lines(one), lines(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_reliability_diagram_is_drawn_of_forecasts():
    """By stated value where they are few, and in ten bins otherwise; the intervals are the same
    every time.
    """
    drawn = np.random.default_rng(0)
    grid, fine = drawn.integers(0, 11, 200) / 10, drawn.random(200)
    for q, bins in ((grid, "values"), (fine, 10)):
        rows = Forecasts(drawn.random(200) < q, q)
        curve = reliability_curve(rows, bins=bins, rng=np.random.default_rng(0))
        same_lines(reliability_diagram(rows, name="RLCR"), reliability_diagram(curve, name="RLCR"))
        same_lines(reliability_diagram(rows), reliability_diagram(rows))
        both = reliability_grid({("RLCR", ""): rows}), reliability_grid({("RLCR", ""): curve})
        same_lines(*both)
        columns = reliability_columns({("RLCR", ""): rows})
        assert columns["frequency"].tolist() == curve.frequency.tolist()


def test_corp_diagrams_and_a_comparison_are_drawn_of_forecasts():
    q = np.random.default_rng(0).integers(0, 11, 200) / 10
    rows = {"RLCR": Forecasts(np.random.default_rng(1).random(200) < q, q)}
    corp = {name: corp_curve(one, rng=np.random.default_rng(0)) for name, one in rows.items()}
    same_lines(corp_diagrams(rows), corp_diagrams(corp))
    curves = (
        {name: made(one) for name, one in rows.items()} for made in (murphy_diagram, risk_coverage)
    )
    same_lines(comparison(rows), comparison(corp, *curves))
    weighted = {"RLCR": Forecasts([1, 0], [0.9, 0.2], weight=[1, 2])}
    assert (
        len(corp_diagrams(weighted).axes) == 2
    )  # without a band, which needs rows that count alike
    with pytest.raises(TypeError, match="expected a MurphyDiagram or Forecasts, got 5"):
        comparison(corp, {"RLCR": 5}, {"RLCR": 5})


def test_curves_of_rewards_are_those_of_their_pictures():
    pictures = [
        picture(reward, report=check(reward)) for reward in map(Reward.parse, FORMULAS.values())
    ]
    for draw in (value_curves, before_training, payoff_curves):
        same_lines(draw(list(FORMULAS.values())), draw(pictures))


def test_one_reward_is_drawn_like_a_sequence_of_one() -> None:
    one = value_curves("c - (q - c)^2").axes[0].lines[0]
    again = value_curves([Reward("c - (q - c)^2")]).axes[0].lines[0]
    assert np.array_equal(one.get_ydata(), again.get_ydata())
    assert len(before_training(Reward("c")).axes) == 2


def test_a_venue_is_found_whatever_its_capitals_and_named_where_it_is_no_width() -> None:
    assert venue_named("NeurIPS") == venue_named("neurips")
    with (
        pytest.raises(ValueError, match=r"got 'neurips'; `for_venue\('neurips'\)` sets the page"),
        paper_style("neurips"),
    ):
        pass
