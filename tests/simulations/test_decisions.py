"""Decisions: ties, orders, and what calibration is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.decisions import abstain, majority_choice, max_confidence_choice, weighted_choice


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10)), min_size=1, max_size=8), st.randoms())
def test_choices_do_not_depend_on_the_order_of_the_votes(votes, random) -> None:
    shuffled = list(votes)
    random.shuffle(shuffled)
    for choose in (weighted_choice, max_confidence_choice):
        results = {int(choose([y for y, _ in order], [q / 10 for _, q in order])) for order in (votes, shuffled)}
        assert len(results) == 1


def test_equal_confidence_makes_the_weighted_vote_a_majority_vote() -> None:
    answers = np.random.default_rng(0).integers(0, 4, size=(200, 7))
    assert np.array_equal(weighted_choice(answers, np.full(answers.shape, 0.3)), majority_choice(answers))
    assert all(np.bincount(row).argmax() == y for row, y in zip(answers, majority_choice(answers), strict=True))


def test_calibrated_weights_beat_counting() -> None:
    # Nine voters know the truth with probability q of .35 or .9 and say q; else they name one of two wrong answers.
    rng = np.random.default_rng(1)
    q = rng.choice([0.35, 0.9], size=(20_000, 9), p=[0.7, 0.3])
    right = rng.random(q.shape) < q
    answers = np.where(right, 0, rng.integers(1, 3, size=q.shape))
    counted = (majority_choice(answers) == 0).mean()
    weighed = (weighted_choice(answers, q) == 0).mean()
    assert weighed > counted + 0.005


@given(st.integers(0, 1000), st.floats(0, 1))
def test_no_reporting_earns_more_at_a_threshold_than_the_truth(seed, threshold) -> None:
    rng = np.random.default_rng(seed)
    p, other = rng.uniform(size=(2, 30))
    honest, dishonest = abstain(p, p, threshold), abstain(other, p, threshold)
    assert dishonest.payoff <= honest.payoff + 1e-12
    assert honest.payoff == pytest.approx(np.maximum(p - threshold, 0).mean())


def test_abstention_by_hand() -> None:
    found = abstain([0.2, 0.6, 0.9], [0, 1, 0.5], [0.0, 0.5, 0.9], weight=[1, 1, 2])
    assert found.coverage.tolist() == [1.0, 0.75, 0.0]
    assert found.selective_accuracy[:2] == pytest.approx([0.5, 2 / 3])
    assert np.isnan(found.selective_accuracy[2])
    assert found.payoff == pytest.approx([0.5, 0.5 - 0.375, 0.0])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: weighted_choice([0, 1], [0.5, 1.2]), r"`confidence` must lie in \[0, 1\], got 1.2 at index 1"),
        (lambda: weighted_choice([0, 1], [0.5]), "shaped like `answers`"),
        (lambda: weighted_choice([0.5], [0.5]), "whole numbers"),
        (lambda: abstain([0.5], [0.5, 1], 0.5), "vectors of one length"),
        (lambda: abstain([0.5], [0.5], np.nan), r"`threshold` must lie in \[0, 1\], got nan"),
        (lambda: abstain([0.5], [0.5], 0.5, weight=[0]), "`weight` must be finite"),
    ],
)
def test_bad_input_is_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
