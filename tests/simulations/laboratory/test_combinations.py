"""The factorial experiment: its effects, its world, and what an offline baseline does to it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.combinations import (
    _GRID,
    FACTORS,
    PREDICTED,
    _exact,
    effect_of,
    factorial_signs,
    judged_by,
)


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4), st.floats(-1, 1))
def test_effects_of_an_additive_outcome_are_its_parts(parts: list[float], mean: float) -> None:
    signs = factorial_signs()
    outcome = mean + sum(x * signs[name] / 2 for x, name in zip(parts, FACTORS, strict=True))
    for name, sign in signs.items():
        wanted = parts[FACTORS.index(name)] if name in FACTORS else 0.0
        assert effect_of(np.asarray(outcome), sign) == pytest.approx(wanted, abs=1e-12)
    assert all(set(signs) == set(expected) for expected in PREDICTED.values())


def test_each_judge_overrates_another_question_and_the_worst_case_none() -> None:
    truth, heads = judged_by(0.6)
    assert np.array_equal(heads.min(axis=0), truth)
    wrong = heads > truth
    assert wrong.sum(axis=2).tolist() == [[1, 0], [0, 1], [0, 0]]
    assert not wrong[:, np.arange(2), truth.argmax(axis=1)].any()
    assert truth.argmax(axis=1).tolist() == [0, 1]  # no answer is better for its number
    assert np.array_equal(*judged_by(0.0)[1][:2])


def test_the_error_of_no_level_changes_its_sign() -> None:
    """What is measured is then linear in the policy, so that its bias shrinks with the rate."""
    truth, _ = judged_by(0.6)
    assert ((truth.max() < _GRID) | (truth.min() >= _GRID)).all()


def short(*cell: int, overrating: float = 0.6, offset: float = 3.0) -> Mapping[str, float]:
    return _exact(cell, overrating, offset, 60, 0.25)


@pytest.mark.parametrize("formula", [0, 1])
@pytest.mark.parametrize("ensemble", [0, 1])
def test_an_offline_baseline_removes_offsets_and_changes_nothing_in_a_group(
    formula: int, ensemble: int
) -> None:
    """What `_different` takes for granted, and that a baseline is as good as no offset."""
    for name in ("accuracy", "calibration error"):
        group = short(formula, ensemble, 0, 1)[name]
        assert short(formula, ensemble, 1, 1)[name] == pytest.approx(group, abs=1e-9)
        assert short(formula, ensemble, 0, 1, offset=0.0)[name] == pytest.approx(group, abs=1e-9)
        batch = short(formula, ensemble, 1, 0)[name]
        unmoved = short(formula, ensemble, 1, 0, offset=0.0)[name]
        assert unmoved == pytest.approx(batch, abs=1e-9)
        same = short(formula, 1, 0, 0, overrating=0.0)[name]
        assert short(formula, 0, 0, 0, overrating=0.0)[name] == same


def test_offsets_slow_learning_where_the_batch_is_whitened() -> None:
    speeds = [short(0, 1, 0, 0, offset=offset)["accuracy"] for offset in (0.0, 1.0, 3.0)]
    assert speeds[0] > speeds[1] + 0.02 > speeds[2] + 0.04


def test_a_judge_that_errs_makes_the_brier_score_worse_alone_and_better_with_the_ensemble() -> None:
    """On average over the offline baseline and the estimator."""
    pairs = list(product((0, 1), repeat=2))
    error = {
        pair: np.mean([short(*pair, *rest)["calibration error"] for rest in pairs])
        for pair in pairs
    }
    assert error[1, 0] > error[0, 0] + 0.01
    assert error[1, 1] < error[0, 1] - 0.01
