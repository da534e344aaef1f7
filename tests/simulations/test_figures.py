"""Figures draw what the records say, name their numbers, and are the same files in every run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring_theory.plotting import save
from simulations import Experiment, Record, run, standard_experiments
from simulations.figures import (
    collapse_figure,
    draw,
    drift_figure,
    mechanism_figure,
    mechanisms_figure,
)
from simulations.mechanisms import MECHANISMS, Trial, mechanism


@pytest.fixture(scope="module")
def records() -> list[Record]:
    def quick(experiment: Experiment) -> Record:
        return run(replace(experiment, steps=40, replicates=3, checkpoints=5))

    return [quick(experiment) for experiment in standard_experiments("short")]


def test_the_drift_figure_draws_every_reward_in_every_panel(records) -> None:
    coupled = records[5:]
    figure, data = drift_figure(coupled)
    assert len(figure.axes) == 8
    assert all(len(panel.lines) == 5 for panel in figure.axes)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["binary", "RLCR", "c + spherical", "c + log", "one-sided"]
    assert data["step"].tolist() == coupled[0].steps.tolist()
    for record in coupled:
        for where in ("in", "out"):
            assert data[f"{record.name}/ece/{where}"] == pytest.approx(
                record.metric("ece", where).mean(axis=0)
            )
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
    assert "c + log/accuracy/in/p10" in data
    assert [text.get_text() for text in figure.axes[2].texts] == ["Start"]


def test_files_are_the_same_in_every_run_and_named_after_the_agent(records, tmp_path) -> None:
    first, second = draw(records[:2], tmp_path / "a"), draw(records[:2], tmp_path / "b")
    names = [path.name for path in first if path.suffix == ".pdf"]
    assert names == ["drift-tabular.pdf", "collapse-tabular.pdf"]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))


def test_records_that_do_not_belong_together_are_refused(records) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        drift_figure([])
    with pytest.raises(ValueError, match="one kind of agent, got coupled, tabular"):
        drift_figure([records[0], records[5]])
    other = run(replace(standard_experiments("short")[1], steps=30, replicates=2, checkpoints=3))
    with pytest.raises(ValueError, match="the same checkpoints"):
        collapse_figure([records[0], other])


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Trial, Trial]]:
    made = [mechanism(name, scale="short") for name in MECHANISMS]
    short = [
        replace(
            m,
            on=replace(m.on, steps=30, checkpoints=4),
            off=replace(m.off, steps=30, checkpoints=4),
        )
        for m in made
    ]
    return [(m.trial(run(m.on)), m.trial(run(m.off), without=True)) for m in short]


def test_a_mechanism_is_drawn_with_and_without_on_one_scale(pairs) -> None:
    for on, off in pairs:
        figure, data = mechanism_figure(on, off)
        left, right = figure.axes
        assert left.get_ylim() == right.get_ylim() == (0, 1.02)
        assert (left.get_title()[:5], right.get_title()[:8]) == ("With ", "Without ")
        for panel, trial, side in ((left, on, "with"), (right, off, "without")):
            stated = trial.record.metric("mean_confidence", trial.mechanism.lines[0].where).mean(
                axis=0
            )
            assert data[f"{side}/mean confidence"] == pytest.approx(stated)
            names = [line.label.capitalize() for line in trial.mechanism.lines]
            drawn = {line.get_label(): line for line in panel.lines}
            assert set(names) <= set(drawn)
            assert np.asarray(drawn["Mean confidence"].get_ydata()) == pytest.approx(stated)
            told = f"{trial.measured:.3f} ± {trial.standard_error:.3f} (exact {trial.exact:.3f})"
            assert told in panel.texts[0].get_text()
        assert any(f"{on.runs} " in text.get_text() for text in figure.legends[0].get_texts())


def test_the_files_of_a_mechanism_are_the_same_in_every_run(pairs, tmp_path) -> None:
    drawn = [mechanism_figure(*pairs[3]) for _ in range(2)]
    first, second = (save(one.figure, tmp_path / str(i), one.data) for i, one in enumerate(drawn))
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))


def test_single_runs_are_drawn_where_they_are_the_effect(pairs) -> None:
    noise, without = pairs[1]
    figure, data = mechanism_figure(noise, without)
    assert len(figure.axes[0].lines) == 41
    assert data["with/run 3"] == pytest.approx(noise.record.metric("mean_confidence")[3])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "40 of 100 single runs",
        "Mean confidence",
    ]


def test_all_mechanisms_share_one_figure_and_one_legend(pairs) -> None:
    figure, data = mechanisms_figure(pairs)
    assert len(figure.axes) == 10
    assert [panel.get_title() for panel in figure.axes[:5]] == [
        "Coupling:\nrise of confidence", "Sampling noise:\nspread between runs",
        "Estimator bias:\noverconfidence", "Proxy error:\noverconfidence", "Shift:\noverconfidence",
    ]  # fmt: skip
    assert [panel.get_ylabel() for panel in figure.axes] == [
        "Probability,\nwith mechanism", *[""] * 4, "Probability,\nwithout", *[""] * 4,
    ]  # fmt: skip
    assert [panel.get_xlabel() for panel in figure.axes] == [""] * 5 + ["Step"] * 5
    assert [panel.texts[0].get_text() for panel in figure.axes[::5]] == [
        f"{x.measured:z.2f} (exact {x.exact:z.2f})" for x in pairs[0]
    ]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    sources = [on.mechanism.lines[2].label for on, _ in pairs if len(on.mechanism.lines) > 2]
    assert names == [
        "Mean confidence",
        "Accuracy",
        " or ".join([sources[0].capitalize(), *(x.removeprefix("accuracy ") for x in sources[1:])]),
        "Single runs",
        "Middle 80 % of runs",
    ]
    assert data["shift/without/accuracy"] == pytest.approx(
        pairs[4][1].record.metric("accuracy", "out").mean(axis=0)
    )
    with pytest.raises(ValueError, match="at least one mechanism"):
        mechanisms_figure([])
