"""The study of a transformer: its settings, its committed runs, and the verdicts on predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.evidence import (
    TransformerPrediction,
    TransformerRuns,
    measured_predictions,
    transformer_predictions,
    transformer_runs,
    transformer_settings,
)
from simulations.evidence.transformer_predictions import (
    best_response,
    derived_predictions,
    stable_under_std,
)
from simulations.evidence.transformer_study import RUN_COLUMNS, STUDY_SEEDS, run_setting
from simulations.transformer import tokens_of

SETTINGS = transformer_settings()


def made(
    ends: dict[str, list[float]], *, start: float = 0.5, metric: str = "ece"
) -> TransformerRuns:
    """Runs of two checkpoints: every metric starts at `start`, and `metric` ends as given."""
    rows = []
    for setting, values in ends.items():
        for seed, value in enumerate(values):
            for step, number in ((0, start), (10, value)):
                for place in ("in", "out"):
                    row = dict.fromkeys(RUN_COLUMNS, "0.5")
                    facts = {"setting": setting, "seed": str(seed), "step": str(step)}
                    rows.append({**row, **facts, "place": place, metric: str(number)})
    return TransformerRuns(tuple(rows))


def test_every_setting_can_be_run_and_says_what_it_is() -> None:
    for name, setting in SETTINGS.items():
        experiment = setting.experiment(0)
        assert experiment.name == name == setting.name
        if not name.endswith("verifier"):  # which measures the truth about the same questions
            parts = [{tuple(row) for row in tokens_of(one)} for one in
                     (setting.world, setting.elsewhere)]  # fmt: skip
            assert not parts[0] & parts[1]
    assert len({setting.title for setting in SETTINGS.values()}) == len(SETTINGS)
    sizes = {setting.group: setting.agent.network.size for setting in SETTINGS.values()}
    assert sizes["core"] == pytest.approx(1e5, rel=0.1)
    assert sizes["large"] == pytest.approx(1e6, rel=0.1)


def test_the_committed_runs_are_whole() -> None:
    runs = transformer_runs()
    assert set(runs.settings) <= set(SETTINGS)
    core = [name for name, setting in SETTINGS.items() if setting.group == "core"]
    for name in core:
        assert runs.seeds(name) == STUDY_SEEDS
    for name in runs.settings:
        for place in ("in", "out"):
            steps, accuracy = runs.curves(name, "accuracy", place)
            assert steps[0] == 0
            assert steps[-1] == SETTINGS[name].steps
            assert accuracy.shape == (len(runs.seeds(name)), 11)
            assert np.isfinite(accuracy).all()


def test_runs_of_a_seed_start_from_the_same_agent() -> None:
    runs = transformer_runs()
    first = runs.curves("brier/mean", "accuracy")[1][:, 0]
    for name in ("binary/mean", "log/std", "double/mean"):
        assert np.array_equal(runs.curves(name, "accuracy")[1][:, 0], first)
    assert len(set(first)) == len(first)


def test_nothing_is_more_accurate_than_the_best_answers() -> None:
    runs = transformer_runs()
    for name in runs.settings:
        world = SETTINGS[name].world
        assert runs.curves(name, "accuracy")[1].max() <= world.best_accuracy + 1e-4


def test_predictions_are_of_settings_and_metrics_that_exist() -> None:
    for one in transformer_predictions():
        assert {one.setting, one.minus} - {""} <= set(SETTINGS)
        assert one.metric in RUN_COLUMNS
        assert one.low < one.high
        assert one.expected is None or one.low <= one.expected <= one.high
    assert len({one.quantity for one in transformer_predictions()}) == len(
        transformer_predictions()
    )


@pytest.mark.slow
def test_the_file_of_predictions_is_what_the_theory_says() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    for stored, now in zip(transformer_predictions(), derived_predictions(), strict=True):
        assert stored.quantity == now.quantity
        rough = 5e-3 if "/kl" in stored.setting else 1e-4  # pretraining differs between machines
        assert stored.low == pytest.approx(now.low, abs=rough)
        assert stored.high == pytest.approx(now.high, abs=rough)


def test_the_best_response_is_known_in_closed_form() -> None:
    """Weight 2 answers where p >= 1/2, the logarithm where p exceeds the entropy of p."""
    p = SETTINGS["double/mean"].world.success_probability.max(axis=1)
    assert best_response("double/mean")["accuracy"] == pytest.approx(
        p[p > 0.5].sum() / len(p), abs=0.01
    )
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    expected = p[p > entropy].sum() / len(p)
    assert best_response("log/mean")["accuracy"] == pytest.approx(expected, abs=0.02)
    assert best_response("brier/mean")["accuracy"] == pytest.approx(p.mean())


def test_stable_reports_are_polarised() -> None:
    low, high = stable_under_std()
    assert (
        low["accuracy"]
        == high["accuracy"]
        == pytest.approx(best_response("brier/mean")["accuracy"])
    )
    assert low["mean_confidence"] < high["mean_confidence"]
    assert min(low["ece"], high["ece"]) > 10 * best_response("brier/mean")["ece"]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.02, 0.03, 0.025, 0.02], "agrees"),
        ([0.2, 0.21, 0.19, 0.2], "contradicted"),
        ([0.02, 0.1, 0.05, 0.09], "not decided"),
        ([0.001, 0.0, 0.0, 0.03], "agrees"),  # the interval ends at 0, where an ECE does
    ],
)
def test_a_verdict_needs_the_whole_interval(values: list[float], verdict: str) -> None:
    prediction = TransformerPrediction("final", "brier/mean", "ece", 0.0, 0.06, "a test")
    found = prediction.measured(made({"brier/mean": values}))
    assert (found.verdict, found.seeds) == (verdict, 4)
    assert found.value == pytest.approx(np.mean(values))
    assert prediction.measured(made({"log/mean": values})).verdict == "not run"


def test_rises_and_differences_are_taken_seed_by_seed() -> None:
    ends = {"binary/mean": [0.6, 0.8], "brier/mean": [0.5, 0.7]}
    runs = made(ends, metric="mean_confidence", start=0.4)
    rise = TransformerPrediction("rise", "binary/mean", "mean_confidence", 0.0, 1.0, "")
    assert rise.measured(runs).value == pytest.approx(0.3)
    learned = replace(rise, kind="learned rise")  # the start would state 0.5 about these answers
    assert learned.measured(runs).value == pytest.approx(0.2)
    difference = replace(rise, kind="final", minus="brier/mean")
    found = difference.measured(runs)
    assert found.value == pytest.approx(0.1)
    assert found.interval == pytest.approx((0.1, 0.1))
    wide = made({"binary/mean": [0.1, 0.9, 0.5], "brier/mean": [0.4, 0.6, 0.5]},
                metric="mean_confidence")  # fmt: skip
    ratio = replace(rise, kind="spread ratio", minus="brier/mean", low=2.0, high=np.inf)
    assert ratio.measured(wide).value == pytest.approx(4.0)
    assert ratio.measured(wide).verdict == "not decided"


def test_every_prediction_has_a_verdict() -> None:
    found = measured_predictions()
    assert [one.prediction for one in found] == list(transformer_predictions())
    assert any(one.verdict == "contradicted" for one in found)


@pytest.mark.slow
def test_the_beginning_of_a_run_can_be_repeated() -> None:
    """Floating-point sums differ between machines, and training amplifies them slowly."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    setting = SETTINGS["brier/mean"]
    again = run_setting(replace(setting, steps=200), 0)
    stored = transformer_runs()
    for metric in ("accuracy", "mean_confidence", "ece"):
        curve = stored.curves("brier/mean", metric)[1][0]
        now = [float(row[metric]) for row in again if row["place"] == "in"]
        assert now[0] == pytest.approx(curve[0], abs=0.01)
        assert now[-1] == pytest.approx(curve[1], abs=0.05)
