"""Every public result shows itself in one line, and in a notebook as HTML that trusts no text."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import scoring_theory
import simulations
from scoring_theory import (
    TRAINERS,
    Design,
    Forecasts,
    Repair,
    Report,
    Reward,
    Rollouts,
    card,
    check,
    design,
    repair,
    replay,
)
from scoring_theory.calibration import (
    bootstrap_interval,
    brier_decomposition,
    condensed,
    corp_curve,
    corp_decomposition,
    cox,
    kuiper,
    log_loss,
    murphy_diagram,
    recalibrate,
    reliability_curve,
    risk_coverage,
    spiegelhalter,
    totals,
)
from scoring_theory.catalogue import CATALOGUE, brier
from scoring_theory.display import Code, Maths, Named, in_short, line, shortened, table
from scoring_theory.plotting import picture
from scoring_theory.watching import Alarm
from simulations import (
    Coupled,
    Experiment,
    Knobs,
    LearningRule,
    LogitNormal,
    SelfProbability,
    TableRow,
    Tabular,
    bank,
    expected_run,
    fit,
    run,
)
from simulations.signals import signal_named

HOSTILE = "<script>alert('x')</script> & \"quotes\""
FORECASTS = Forecasts([1, 0, 1, 1] * 50, [0.9, 0.5, 0.4, 0.9] * 50)
REWARD = Reward.parse("c - 2*(q - c)^2", name=HOSTILE, source=HOSTILE)
LOG = Rollouts(
    confidence=[0.9, 0.5] * 20,
    correct=[1, 0] * 20,
    method=[HOSTILE, "other"] * 20,
    dataset=[HOSTILE, "d"] * 20,
    source=HOSTILE,
)
LITTLE = Experiment(
    reward="c - (q - c)^2",
    agent=Tabular(),
    world=bank(8),
    elsewhere=bank(8),
    name=HOSTILE,
    steps=3,
    replicates=2,
    checkpoints=2,
    training=LearningRule(batch=8),
)
TAUGHT = replace(
    LITTLE, world=bank(8, 3), elsewhere=bank(8, 3), training=LearningRule(batch=8, group_size=2),
    signal=signal_named("graded"),
)  # fmt: skip


def hostile(completions: list[str], **columns: Any) -> list[float]:
    """A reward function with a name that a page must escape."""
    return [float("</answer>" in text) for text in completions]


hostile.__name__ = HOSTILE


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def watched() -> scoring_theory.ConfidenceMonitor:
    monitor = scoring_theory.ConfidenceMonitor(REWARD, estimator="grpo")
    monitor.update([0.9, 0.5], [1, 0], 2)
    return monitor


RESULTS: Mapping[str, Callable[[], Any]] = {
    "Calibration": lambda: scoring_theory.calibrate(LOG, resamples=9),
    "calibrate": lambda: scoring_theory.calibrate(LOG, resamples=9).cells[0],
    "ConfigReading": lambda: scoring_theory.read_config({"beta": 0.0, HOSTILE: 1}),
    "Probe": lambda: scoring_theory.probe(hostile, columns={"x": HOSTILE}),
    "probe": lambda: scoring_theory.probe(hostile).defects[0],
    "read_config": lambda: scoring_theory.read_config({"beta": 0.0}).settings[0],
    "Card": lambda: card(REWARD, trainers={"grpo": TRAINERS["grpo"]}),
    "card": lambda: card(REWARD, trainers={"grpo": TRAINERS["grpo"]}),
    "Comparison": lambda: scoring_theory.compare("c", REWARD),
    "compare": lambda: scoring_theory.compare("c - 2*(q - c)^2", REWARD),
    "Design": lambda: design(thresholds=[0.5, 0.9], margin=0.2, name=HOSTILE),
    "Forecasts": lambda: FORECASTS,
    "Quantity": lambda: check("c - 3*(q - c)^2").local_failure_below,
    "Repair": lambda: repair(REWARD, name=HOSTILE),
    "Replay": lambda: replay(LOG, {HOSTILE: "c", "RLCR": "c - (q - c)^2"}, resamples=9),
    "Report": lambda: check(REWARD),
    "Reward": lambda: REWARD,
    "Rollouts": lambda: LOG,
    "ThresholdDistribution": lambda: scoring_theory.ThresholdDistribution.uniform(mass=2),
    "Trainer": lambda: scoring_theory.TRAINERS["trl_default"],
    "Verdict": lambda: check(REWARD).proper,
    "bootstrap_interval": lambda: bootstrap_interval(
        FORECASTS, scoring_theory.brier_score, rng=rng(), resamples=9
    ),
    "brier_decomposition": lambda: brier_decomposition(FORECASTS),
    "check": lambda: check("c - (q - c)^2", estimator="grpo", outcomes="shared"),
    "corp_decomposition": lambda: corp_decomposition(FORECASTS, brier),
    "design": lambda: design(thresholds=[0.5], curvature=0.5).trade_off(),
    "effective_advantage": lambda: scoring_theory.effective_advantage(
        "c", 0.5, [0, 0.5, 1], estimator="grpo"
    ),
    "implied_metrics": lambda: scoring_theory.implied_metrics(
        accuracy=0.6, auroc=0.7, mean_confidence=0.6
    ),
    "kuiper": lambda: kuiper(FORECASTS),
    "log_loss": lambda: log_loss(FORECASTS),
    "murphy_diagram": lambda: murphy_diagram(FORECASTS),
    "paired_difference": lambda: scoring_theory.paired_difference(
        FORECASTS,
        scoring_theory.accuracy,
        first=np.arange(200) < 100,
        second=np.arange(200) >= 100,
        rng=rng(),
    ),
    "recalibrate": lambda: recalibrate(FORECASTS, rng=rng()),
    "reliability_curve": lambda: reliability_curve(FORECASTS, rng=rng(), resamples=9),
    "repair": lambda: repair("c - (q - c)^2"),
    "replay": lambda: replay(LOG, "c - (q - c)^2", resamples=9).cells[0],
    "risk_coverage": lambda: risk_coverage(FORECASTS),
    "rollouts_from_frame": lambda: LOG.labels["method"],
    "spiegelhalter": lambda: spiegelhalter(FORECASTS),
    "Coupled": lambda: Coupled(),
    "Experiment": lambda: LITTLE,
    "Knobs": lambda: Knobs(questions=16),
    "TableRow": lambda: TableRow(accuracy=0.3),
    "fit": lambda: fit(TableRow(accuracy=0.3), answers=100, knobs=Knobs(questions=16), free=()),
    "LearningRule": lambda: LITTLE.training,
    "LogitNormal": lambda: LogitNormal(),
    "Mechanism": lambda: simulations.mechanism("verifier-noise", scale="short"),
    "Record": lambda: run(LITTLE),
    "SelfProbability": lambda: SelfProbability(),
    "Tabular": lambda: Tabular(levels=21),
    "World": lambda: simulations.feature_world(64),
    "bank": lambda: bank(8),
    "everything_off": lambda: simulations.everything_off(),
    "feature_world": lambda: simulations.feature_world(64),
    "mechanism": lambda: simulations.mechanism("sampling-noise", scale="short").on,
    "run": lambda: run(LITTLE),
    "expected_run": lambda: expected_run(TAUGHT),
    "standard_experiments": lambda: simulations.standard_experiments("short")[0],
}
# What returns numbers, texts, functions or files; and a class of static methods.
NO_RESULT = {
    "paragraph",
    "calibration_error_difference",
    "calibration_error_interval",
    "ConfidenceMonitor",
    "watch_trl",
    "Scorer",
    "Reader",  # it shows the expression that makes it
    "UnsafeRewardError",
    "ConfigWarning",
    "mean_confidence",
    "preset",
    "scorer",
    "accuracy",
    "as_nemo_gym",
    "as_openrlhf",
    "as_skyrl",
    "as_slime",
    "as_tinker",
    "as_trl",
    "as_trl_parts",  # it shows its functions, weights and formula
    "as_verifiers",
    "as_verl",
    "auroc",
    "average_precision",
    "brier_score",
    "exact_match",
    "expected_calibration_error",
    "export",
    "math_verify",
    "maximum_calibration_error",
    "read_rollouts",
    "smooth_calibration_error",
    "thin_bins",
    "Rational",
}
INNER: Mapping[str, Callable[[], Any]] = {
    "condensed": lambda: condensed([FORECASTS, FORECASTS]),
    "totals": lambda: totals(FORECASTS, rewards=["c"]),
    "corp_curve": lambda: corp_curve(FORECASTS, rng=rng(), resamples=9),
    "cox": lambda: cox(FORECASTS),
    "picture": lambda: picture(REWARD),
    "figures": lambda: watched().figures(),
    "alarm": lambda: Alarm("sandbagging", 40, HOSTILE, HOSTILE),
    "training": lambda: check("c - (q - c)^2", estimator="grpo", outcomes="shared").training,
    "entry": lambda: replace(CATALOGUE["power"], title=HOSTILE, source=HOSTILE, notes=HOSTILE),
    "difference": lambda: replay(LOG, "c", resamples=9).differences[0],
    "advantages": lambda: replay(LOG, "c", resamples=9).rankings[0],
    "named": lambda: Named(HOSTILE, {HOSTILE: REWARD}),
    "named columns": lambda: Named(HOSTILE, {HOSTILE: REWARD}, columns=("text", "name")),
}
LATEX = (Reward, Report, Design, Repair)


def public() -> dict[str, Any]:
    """Every public name of both packages."""
    return {
        name: getattr(package, name)
        for package in (scoring_theory, simulations)
        for name in package.__all__
    }


def shown() -> list[tuple[str, Callable[[], Any]]]:
    """A result for every public name that has one: itself, if it is an object."""
    objects = {
        name: lambda value=value: value
        for name, value in public().items()
        if not inspect.isclass(value) and not inspect.isfunction(value) and name not in RESULTS
    }
    return sorted(
        {**{k: v for k, v in RESULTS.items() if k in public()}, **objects, **INNER}.items()
    )


class Strict(HTMLParser):
    """Tags that are opened are closed, in order; scripts are not met."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"table", "caption", "tr", "th", "td", "code"}, tag
        assert {name for name, _ in attrs} <= {"style", "colspan"}
        self.open.append(tag)
        self.cells += tag in {"td", "th"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Strict:
    reader = Strict()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def test_every_public_name_has_a_result_to_show_or_is_said_to_have_none() -> None:
    made = {
        name
        for name, value in public().items()
        if inspect.isclass(value) or inspect.isfunction(value)
    }
    assert made - RESULTS.keys() - NO_RESULT == set(), (
        "add an example to RESULTS, or the name to NO_RESULT"
    )


@pytest.mark.parametrize(("name", "made"), shown(), ids=[name for name, _ in shown()])
def test_a_result_shows_itself_in_one_short_line(name: str, made: Callable[[], Any]) -> None:
    text = repr(made())
    assert len(text) <= 120, text
    assert "\n" not in text
    assert " object at 0x" not in text
    assert "array(" not in text


@pytest.mark.parametrize(("name", "made"), shown(), ids=[name for name, _ in shown()])
def test_html_is_whole_and_escapes_every_text(name: str, made: Callable[[], Any]) -> None:
    result = made()
    if not hasattr(result, "_repr_html_"):  # a notebook prints its line
        return
    html = result._repr_html_()
    assert parsed(html).cells > 1
    assert "<script" not in html
    assert "color" not in html  # light and dark pages alike


@pytest.mark.parametrize(
    "name",
    [
        "Reward",
        "Report",
        "Design",
        "Repair",
        "Rollouts",
        "Replay",
        "Record",
        "Forecasts",
        "corp_decomposition",
        "brier_decomposition",
        "murphy_diagram",
    ],
)
def test_what_a_notebook_shows_has_html_and_latex_where_there_is_mathematics(name: str) -> None:
    result = RESULTS[name]()
    assert hasattr(result, "_repr_html_")
    if isinstance(result, LATEX):
        assert result._repr_latex_().startswith("$R(q, 1) = ")


def test_the_catalogue_and_its_entries_show_formulas() -> None:
    assert repr(CATALOGUE).startswith("CATALOGUE(")
    assert "-(q - c)^2" in CATALOGUE._repr_html_()
    assert parsed(CATALOGUE["brier"]._repr_html_()).cells >= 4
    assert CATALOGUE["brier"]._repr_latex_() == brier._repr_latex_()


def test_lines_of_the_brief() -> None:
    assert repr(Reward.parse("c - (q - c)^2")) == "Reward('c - (q - c)^2')"
    assert (
        repr(check("c - 2*(q - c)^2"))
        == "Report('c - 2*(q - c)^2': strictly proper, not jointly optimal)"
    )
    assert repr(check("c")) == "Report('c': weakly proper, jointly optimal)"
    assert repr(check("-abs(q - c)")) == "Report('-abs(q - c)': improper)"
    assert repr(FORECASTS) == "Forecasts(n=200, accuracy=0.75, mean confidence=0.675)"
    assert (
        repr(Reward.parse("c - lam*(q - c)^2", lam="lam > 0"))
        == "Reward('c - lam*(q - c)^2', 0 < lam)"
    )


def test_a_long_table_says_how_many_rows_it_leaves_out() -> None:
    html = murphy_diagram(FORECASTS)._repr_html_()
    assert "... and 989 more rows" in html
    assert len(html) < 5000


def test_cells_are_escaped_whatever_they_are() -> None:
    html = table([(Code("a < b"), Maths("a < b"), "a < b", None)], head=("<h>",), caption="<c>")
    assert html.count("a &lt; b") == 3
    assert "<code>a &lt; b</code>" in html
    assert "$a &lt; b$" in html
    assert parsed(html).cells == 5


def test_short_values() -> None:
    assert in_short(np.float64(1 / 3)) == "0.3333"
    assert in_short(np.zeros((3, 4))) == "[3 x 4 values]"
    assert in_short(np.int64(7)) == "7"
    assert in_short(True) == "True"
    assert in_short((0.5, "a")) == "(0.5, 'a')"
    assert in_short({"a": 1}) == "{1 entry}"
    assert len(in_short("x" * 1000)) <= 40
    assert len(in_short(10**1000)) <= 40
    assert shortened("a\n  b", 10) == "a b"
    assert len(line("Kind", "x" * 1000)) <= 120
