"""A hundred million rows in parts: the totals are exact, and memory is that of one part."""

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from scoring_theory.calibration import (
    Forecasts,
    auroc,
    condensed,
    corp_decomposition,
    expected_calibration_error,
    smooth_calibration_error,
    totals,
)
from scoring_theory.catalogue import brier
from scoring_theory.reward import Reward

PART = 1 << 20
LEVELS = 101


def parts(rows: int, counts: np.ndarray) -> Iterator[Forecasts]:
    """Stated values k/100, right with probability q^1.5; `counts` (outcomes, levels) holds what was
    made.
    """
    rng = np.random.default_rng(2026)
    for start in range(0, rows, PART):
        k = rng.integers(0, LEVELS, size=min(PART, rows - start))
        c = rng.random(k.size) < (k / 100) ** 1.5
        counts += np.bincount(k + LEVELS * c, minlength=2 * LEVELS).reshape(2, LEVELS)
        yield Forecasts(confidence=k / 100, correct=c)


@pytest.mark.parametrize("rows", [3 * PART + 11, pytest.param(10**8, marks=pytest.mark.slow)])
def test_long_logs_are_added_up_exactly_in_the_memory_of_one_part(rows):
    reward = Reward.parse("c - (q - c)^2")
    counts, again = np.zeros((2, 2, LEVELS), dtype=np.int64)
    tracemalloc.start()
    stream = parts(rows, counts)
    sums = totals(next(stream), rewards={"RLCR": reward})
    for part in stream:
        sums = sums + totals(part, rewards={"RLCR": reward})
    whole = condensed(parts(rows, again))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 128 * PART  # sixteen columns of one part, however many parts there are

    # Oracle: rational arithmetic on whole counts.
    wrong, right = ([int(n) for n in side] for side in counts)
    q = [Fraction(k, 100) for k in range(LEVELS)]
    squares = sum(w * x**2 + r * (1 - x) ** 2 for x, w, r in zip(q, wrong, right, strict=True))
    gaps = [0] * 10
    for k, x in enumerate(q):
        gaps[min(k // 10, 9)] += x * (wrong[k] + right[k]) - right[k]
    assert sums.rows == rows == int(again.sum())
    assert sums.accuracy == sum(right) / rows
    assert sums.brier_score == pytest.approx(float(squares / rows), rel=1e-13)
    assert sums.mean_rewards["RLCR"] == pytest.approx(
        float((sum(right) - squares) / rows), rel=1e-13
    )
    assert sums.expected_calibration_error == pytest.approx(
        float(sum(map(abs, gaps)) / rows), rel=1e-11
    )

    assert (whole.weight == np.stack(counts, axis=1)[np.stack(counts, axis=1) > 0]).all()
    in_order = sum(r * (sum(wrong[:k]) + Fraction(wrong[k], 2)) for k, r in enumerate(right))
    assert auroc(whole) == pytest.approx(float(in_order / (sum(right) * sum(wrong))), rel=1e-14)
    by_value = sum(abs(x * (w + r) - r) for x, w, r in zip(q, wrong, right, strict=True)) / rows
    assert expected_calibration_error(whole) == pytest.approx(float(by_value), rel=1e-12)
    assert smooth_calibration_error(whole) == pytest.approx(
        sums.smooth_calibration_error, abs=1e-10
    )
    n, level = counts.sum(axis=0), np.arange(LEVELS) / 100
    fitted = IsotonicRegression().fit(level, counts[1] / n, sample_weight=n).predict(level)
    best = float((counts[0] * fitted**2 + counts[1] * (1 - fitted) ** 2).sum() / rows)
    assert corp_decomposition(whole, brier).miscalibration == pytest.approx(
        sums.brier_score - best, abs=1e-11
    )
