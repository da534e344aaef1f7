"""Figures draw what the records say, name their numbers, and are the same files in every run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring_theory.catalogue.words import title
from scoring_theory.plotting import save
from simulations import Experiment, Record, bank, run, standard_experiments
from simulations.agents import Rational
from simulations.figures import (
    collapse_figure,
    drift_figure,
    mechanisms_figure,
    system_figure,
)
from simulations.figures.weight_figures import optimal_accuracy
from simulations.laboratory.pairs import MECHANISMS, mechanism
from simulations.laboratory.system import SystemOutcome


@pytest.fixture(scope="module")
def records() -> list[Record]:
    def quick(experiment: Experiment) -> Record:
        return run(replace(experiment, steps=40, replicates=3, checkpoints=5))

    return [quick(experiment) for experiment in standard_experiments("short")]


def curve(data, panel: str, series: str) -> tuple[np.ndarray, np.ndarray]:
    """The points of one curve in a tidy table."""
    mine = (data["panel"] == panel) & (data["series"] == series)
    return data["x"][mine], data["y"][mine]


def test_the_drift_figure_draws_every_reward_in_every_panel(records) -> None:
    coupled = records[5:]
    figure, data = drift_figure(coupled)
    assert len(figure.axes) == 8
    assert all(len(panel.lines) == 5 for panel in figure.axes)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["binary", "RLCR", "c + spherical", "c + log", "one-sided"]
    for record in coupled:
        for where, side in (("in", "in distribution"), ("out", "out of distribution")):
            x, y = curve(data, f"Calibration error (ECE), {side}", title(record.name))
            assert x.tolist() == record.steps.tolist()
            assert y == pytest.approx(record.metric("ece", where).mean(axis=0))
    drawn = figure.axes[0].lines[3].get_ydata()
    assert np.asarray(drawn) == pytest.approx(coupled[3].metric("accuracy").mean(axis=0))
    for top, bottom in zip(figure.axes[:4], figure.axes[4:], strict=True):
        assert top.get_ylim() == bottom.get_ylim()
        assert all(
            line.get_ydata().max() <= top.get_ylim()[1] for line in (*top.lines, *bottom.lines)
        )


def test_records_of_ones_own_are_told_apart(records) -> None:
    twins = ("deviation, G = 4", "deviation, G = 32")  # whose own styles differ in the marker alone
    named = [
        replace(records[1], description={**records[1].description, "name": name}) for name in twins
    ]
    lines = [line.get_color() for line in drift_figure(named).figure.axes[0].lines]
    assert len(set(lines)) == 2
    with pytest.raises(ValueError, match="different names, got 'deviation, G = 4' twice"):
        collapse_figure([named[0], named[0]])


def test_the_collapse_figure_has_its_three_panels(records) -> None:
    figure, data = collapse_figure(records[:5])
    assert [panel.get_xlabel() for panel in figure.axes] == [
        "Training step",
        "Training step",
        "Accuracy",
    ]
    assert {"panel", "series", "x", "y", "low", "high"} == set(data)
    assert "ECE by accuracy, in distribution" in data["panel"]
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert [text for text in texts if text] == ["Start"]
    assert texts.count("") == 5, "an arrow head on each path"


def test_records_that_do_not_belong_together_are_refused(records) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        drift_figure([])
    with pytest.raises(ValueError, match="one kind of agent, got coupled, tabular"):
        drift_figure([records[0], records[5]])
    other = run(replace(standard_experiments("short")[1], steps=30, replicates=2, checkpoints=3))
    with pytest.raises(ValueError, match="the same checkpoints"):
        collapse_figure([records[0], other])


@pytest.fixture(scope="module")
def pairs() -> list[tuple[SystemOutcome, SystemOutcome]]:
    made = []
    for name in MECHANISMS:
        drift = mechanism(name, scale="short")
        on, off = (run(replace(side, steps=30, checkpoints=4)) for side in (drift.on, drift.off))
        made.append((drift.outcome(on), drift.outcome(off, without=True)))
    return made


def test_all_mechanisms_share_one_figure_and_one_legend(pairs) -> None:
    figure = mechanisms_figure(pairs).figure
    assert len(figure.axes) == 10
    assert [" ".join(panel.get_title().split()) for panel in figure.axes[:5]] == [
        "Coupling: rise of mean confidence",
        "Sampling noise: standard deviation between runs",
        "Estimator: confidence minus accuracy",
        "Verifier noise: confidence minus accuracy",
        "Shift: confidence minus accuracy",
    ]
    assert [panel.get_ylabel() for panel in figure.axes] == [
        "Probability,\nwith mechanism", *[""] * 4, "Probability,\nwithout", *[""] * 4,
    ]  # fmt: skip
    assert [panel.get_xlabel() for panel in figure.axes] == [""] * 5 + ["Training step"] * 5
    assert all(panel.get_ylim() == (0, 1.02) for panel in figure.axes)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Mean confidence",
        "Accuracy",
        "Accuracy under the verifier or in distribution",
        "Single runs",
    ]
    with pytest.raises(ValueError, match="at least one mechanism"):
        mechanisms_figure([])


def test_panels_on_one_scale_name_it_once(pairs) -> None:
    # The words of the right panel would stand in the left one, since its numbers are left out.
    with_it, without = system_figure(pairs[0]).figure.axes[:2]
    assert with_it.get_ylabel()
    assert without.get_ylabel() == ""


def test_each_panel_of_the_mechanisms_shows_its_outcome(pairs) -> None:
    figure, data = mechanisms_figure(pairs)
    for i, outcome in enumerate(outcome for side in zip(*pairs, strict=True) for outcome in side):
        axes, panel, finding = figure.axes[i], outcome.panels[0], outcome.findings[0]
        assert axes.texts[0].get_text() == f"{finding.measured:z.2f} (exact {finding.exact:z.2f})"
        side = f"{'without' if outcome.without else 'with'} {outcome.name.replace('-', ' ')}"
        lines = {line.get_label(): np.asarray(line.get_ydata()) for line in axes.lines}
        for label, values in panel.curves.items():
            assert curve(data, side, label)[1] == pytest.approx(values)
            assert lines[label] == pytest.approx(values)
        assert len(axes.lines) == len(panel.runs) + len(panel.curves)
        last = len(panel.runs) - 1
        assert curve(data, side, f"run {last}")[1] == pytest.approx(panel.runs[last])


def test_the_files_of_the_mechanisms_are_the_same_in_every_run(pairs, tmp_path) -> None:
    drawn = [mechanisms_figure(pairs[3:4]) for _ in range(2)]
    first, second = (save(one.figure, tmp_path / str(i), one.data) for i, one in enumerate(drawn))
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))


def test_the_closed_form_of_accuracy_is_that_of_the_best_response_and_falls_from_lam_star_on() -> (
    None
):
    """On 1001 levels, away from the weights at which a question turns."""
    world, levels = bank(64), np.linspace(0, 1, 1001)
    truth = world.success_probability
    hardest = truth.max(axis=1).min()
    weights = np.array([0.5, 1.0, 1 / (1 - hardest) + 0.01, 1.37, 2.0, 3.0])
    closed = optimal_accuracy(truth, weights)
    for weight, accuracy in zip(weights, closed, strict=True):
        table = np.stack([-weight * levels**2, 1 - weight * (1 - levels) ** 2])
        best = Rational.best_response(world, table)
        assert (best.answer * truth).sum(axis=1).mean() == pytest.approx(accuracy)
    assert closed[0] == closed[1] == pytest.approx(world.best_accuracy)
    assert closed[2] < closed[1]
    # With questions of every difficulty the fall begins at lam* = 1 itself.
    p = np.linspace(0, 1, 100_001)
    dense = optimal_accuracy(np.stack([p, 0 * p], axis=1), np.array([0.99, 1.0, 1.01]))
    assert dense[0] == dense[1] > dense[2]
