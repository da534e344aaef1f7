"""The factorial experiment: its effects, its world, and what an offline baseline cannot do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.combinations import (
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


def test_each_judge_overrates_other_questions_and_the_worst_case_none() -> None:
    truth, heads = judged_by(0.5)
    assert np.array_equal(heads.min(axis=0), truth)
    wrong = heads > truth
    assert wrong.sum(axis=(1, 2)).tolist() == [2, 2, 0]
    assert not wrong[:, np.arange(4), truth.argmax(axis=1)].any()
    assert len(set(truth.argmax(axis=1).tolist())) == 3  # no answer is better for its number
    assert np.array_equal(*judged_by(0.0)[1][:2])


@pytest.mark.slow
def test_a_judge_that_errs_makes_the_brier_score_worse_alone_and_better_with_the_ensemble() -> None:
    """Along the mean field, with the mean of the group as baseline."""
    error = {
        (formula, ensemble): _exact((formula, ensemble, 0, 0), 0.5, 120, 0.5)["calibration error"]
        for formula in (0, 1)
        for ensemble in (0, 1)
    }
    assert error[1, 0] > error[0, 0] + 0.02
    assert error[1, 1] < error[0, 1] - 0.02
