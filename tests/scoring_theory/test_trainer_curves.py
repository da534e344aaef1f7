"""The recorded run of a real trainer: what its table says, and that the picture shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring_theory.plotting import trainer_curves
from simulations.gallery.recorded import TRUTH, recorded_columns, recorded_curves
from tests.programs import record_grpo

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "notebooks" / "images"


@pytest.fixture(scope="module")
def curves() -> Any:
    return recorded_curves(recorded_columns())


def test_group_scaling_ends_sure_and_no_scaling_at_the_truth(curves: Any) -> None:
    """Prediction (Theorem 29, shared outcomes): 1 with the group's deviation, p = 0.7 without."""
    group, none = (
        np.array(curves[f'scale_rewards="{name}"']["confidence"]) for name in ("group", "none")
    )
    assert group.shape == none.shape == (record_grpo.SEEDS, record_grpo.STEPS // 10)
    assert (abs(group[:, 0] - none[:, 0]) < 0.05).all()  # they begin alike
    assert (group[:, -1] > 0.97).all()
    assert (abs(none[:, -1] - TRUTH) < 0.05).all()


def test_the_picture_shows_the_table(curves: Any) -> None:
    figure = trainer_curves(curves, success_probability=TRUTH)
    lines = figure.axes[0].get_lines()
    runs = [
        run
        for curve in curves.values()
        for run in [*curve["confidence"], np.mean(curve["confidence"], axis=0)]
    ]
    shown = [np.asarray(line.get_ydata(), dtype=float) for line in lines]
    for run in runs:
        assert any(len(one) == len(run) and np.allclose(one, run) for one in shown)
    assert any((one == TRUTH).all() for one in shown)
    assert {path.suffix for path in IMAGES.glob("grpo_confidence.*")} == {".pdf", ".png"}


@pytest.mark.parametrize(
    ("curves", "p", "words"),
    [
        ({}, 0.5, "one to 3 names, got 0"),
        ({"a": {"step": [1], "confidence": [[0.5]]}}, 1.5, "`success_probability`"),
        ({"a": {"step": [1, 2], "confidence": [[0.5]]}}, 0.5, r"got \(2,\) and \(1, 1\)"),
        ({"a": {"step": [1], "confidence": [[1.5]]}}, 0.5, "confidences of 'a'"),
    ],
)
def test_what_cannot_be_drawn(curves: Any, p: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trainer_curves(curves, success_probability=p)
