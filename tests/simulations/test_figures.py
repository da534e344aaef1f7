"""Figures draw what the records say, name their numbers, and are the same files in every run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations import Experiment, Record, run, standard_experiments
from simulations.figures import collapse_figure, draw, drift_figure


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
    assert names == ["binary", "brier", "spherical", "log", "one-sided"]
    assert data["step"].tolist() == coupled[0].steps.tolist()
    for record in coupled:
        for where in ("in", "out"):
            assert data[f"{record.name}/ece/{where}"] == pytest.approx(record.metric("ece", where).mean(axis=0))
    drawn = figure.axes[0].lines[3].get_ydata()
    assert np.asarray(drawn) == pytest.approx(coupled[3].metric("accuracy").mean(axis=0))
    for top, bottom in zip(figure.axes[:4], figure.axes[4:], strict=True):
        assert top.get_ylim() == bottom.get_ylim()
        assert all(line.get_ydata().max() <= top.get_ylim()[1] for line in (*top.lines, *bottom.lines))


def test_the_collapse_figure_has_its_three_panels(records) -> None:
    figure, data = collapse_figure(records[:5])
    assert [panel.get_xlabel() for panel in figure.axes] == ["Training step", "Training step", "Accuracy"]
    assert "log/accuracy/in/p10" in data


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
