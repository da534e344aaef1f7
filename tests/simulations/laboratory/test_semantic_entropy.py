"""Entropy over meanings: its law and its AUROC, by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_theory.calibration import Forecasts, auroc
from simulations.laboratory.semantic_entropy import (
    SEMANTIC_ENTROPY,
    auroc_of_entropy,
    auroc_of_statement,
    by_meaning,
    entropy_law,
    steady_boundary,
)
from simulations.policies import StatedPolicy

TRUTH = np.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3]])
shares = st.lists(st.floats(0.05, 1), min_size=6, max_size=6)


def share_of(weights: list[float]) -> np.ndarray:
    share = np.array(weights).reshape(2, 3)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def entropy_of(group: tuple[int, ...]) -> float:
    part = np.bincount(group, minlength=3) / len(group)
    return round(float(-(part[part > 0] * np.log(part[part > 0])).sum()), 9)


@given(shares, st.integers(2, 4))
@settings(max_examples=15)
def test_the_auroc_is_that_of_all_ordered_groups(weights: list[float], size: int) -> None:
    share = share_of(weights)
    confidence, correct, weight = [], [], []
    for question in range(2):
        p = float(share[question] @ TRUTH[question])
        for group in product(range(3), repeat=size):
            chance = float(share[question][list(group)].prod())
            for c in (0, 1):
                confidence.append(1 - entropy_of(group) / 2)
                correct.append(c)
                weight.append(chance * (p if c else 1 - p))
    expected = auroc(Forecasts(correct=correct, confidence=confidence, weight=weight))
    assert auroc_of_entropy(share, TRUTH, size) == pytest.approx(expected)
    assert entropy_law(share, size).sum(axis=-1) == pytest.approx(1)


@given(shares, st.permutations(range(3)))
@settings(max_examples=15)
def test_entropy_does_not_know_the_labels(weights: list[float], renamed: list[int]) -> None:
    share = share_of(weights)
    plain = auroc_of_entropy(share, TRUTH, 4)
    assert auroc_of_entropy(share[:, renamed], TRUTH[:, renamed], 4) == pytest.approx(plain)


@given(st.lists(st.floats(0.05, 1), min_size=18, max_size=18))
@settings(max_examples=15)
def test_the_auroc_of_what_is_stated_is_that_of_forecasts(weights: list[float]) -> None:
    answer, grid = share_of(weights[:6]), np.array([0.2, 0.8])
    levels = np.array(weights[6:]).reshape(2, 3, 2)
    levels /= levels.sum(axis=-1, keepdims=True)
    policy = StatedPolicy(answer[None], levels[None], grid)
    right = policy.joint[0] * TRUTH[..., None]
    mass = np.stack([policy.joint[0] - right, right]).ravel()
    q = np.broadcast_to(grid, (2, 2, 3, 2)).ravel()
    forecasts = Forecasts(correct=np.repeat([0, 1], 12), confidence=q, weight=mass)
    assert auroc_of_statement(policy, TRUTH)[0] == pytest.approx(auroc(forecasts))


@given(st.floats(0.75, 0.95), st.floats(0.4, 0.55), st.integers(2, 6))
@settings(max_examples=25)
def test_entropy_turns_at_the_boundary(easy: float, hard: float, size: int) -> None:
    edge = steady_boundary(easy, hard)
    truth = np.array([[x, (1 - x) / 2, (1 - x) / 2] for x in (hard, easy)])

    def found(steady: float) -> float:
        share = np.array([truth[0], [1 - steady, steady - 0.05, 0.05]])
        return float(auroc_of_entropy(share, truth, size))

    assert found(edge) == pytest.approx(0.5)
    assert found(0.94) < 0.5


def test_wordings_are_summed_to_meanings() -> None:
    assert by_meaning(np.array([[0.1, 0.2, 0.3, 0.4]]), 2) == pytest.approx(np.array([[0.3, 0.7]]))


@pytest.mark.slow
def test_the_table_shows_what_training_takes_away_and_gives() -> None:
    rows = {row[:2]: row for row in SEMANTIC_ENTROPY.run(scale="short").rows}
    before, binary, rlcr = (
        [float(cell) for cell in rows["who errs wavers", name][3:]]
        for name in ("before training", "binary", "RLCR")
    )
    assert before[0] > 0.65 > before[1]  # meanings, wordings
    assert before[2] == 0.5
    assert binary[0] < 0.52
    assert rlcr[0] < 0.52 < rlcr[2] - 0.15
