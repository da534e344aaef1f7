"""Results of calibration cannot be changed; those that hold arrays compare by identity."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    bootstrap_interval,
    brier_decomposition,
    brier_score,
    corp_curve,
    corp_decomposition,
    cox,
    kuiper,
    log_loss,
    murphy_diagram,
    recalibrate,
    reliability_curve,
    risk_coverage,
)
from scoring_theory.calibration.binning import bin_sums
from scoring_theory.calibration.error_intervals import gaps_of
from scoring_theory.calibration.streaming import totals
from scoring_theory.catalogue import brier

ROWS = Forecasts(confidence=[0.2, 0.2, 0.4, 0.4, 0.8, 0.8] * 4, correct=[0, 1, 0, 1, 1, 0] * 4)
ZEROS = np.zeros(24, dtype=np.int64)


def values() -> tuple[object, ...]:
    return (
        bootstrap_interval(ROWS, brier_score, rng=np.random.default_rng(0), resamples=9),
        brier_decomposition(ROWS),
        corp_decomposition(ROWS, brier),
        kuiper(ROWS),
        cox(ROWS),
        log_loss(ROWS),
        EqualMass(3),
    )


def tables() -> tuple[object, ...]:
    return (
        ROWS,
        ROWS.levels,
        bin_sums(ROWS, bins=4),
        gaps_of(ROWS, ZEROS, ZEROS, methods=1),
        murphy_diagram(ROWS),
        reliability_curve(ROWS),
        corp_curve(ROWS),
        risk_coverage(ROWS),
        recalibrate(ROWS, rng=np.random.default_rng(0)),
        totals(ROWS),
    )


def test_results_are_frozen_and_have_slots() -> None:
    for one in (*values(), *tables()):
        assert is_dataclass(one)
        assert not hasattr(one, "__dict__"), type(one)
        with pytest.raises(FrozenInstanceError):
            setattr(one, fields(one)[0].name, None)


def test_numbers_compare_by_value_and_arrays_by_identity() -> None:
    assert values() == values()
    for one, other in zip(tables(), tables(), strict=True):
        assert one == one
        assert isinstance(hash(one), int)
        assert one != other or one is other
