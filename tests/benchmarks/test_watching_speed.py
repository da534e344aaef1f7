"""What a monitor costs in each step of training.

    pytest tests/benchmarks/test_watching_speed.py --benchmark-only

A step of 256 rollouts in groups of 8, as in TRL: the update alone, and with the figures that are
logged. `tests/frameworks/watched.py` prints the time of each of TRL's own steps beside it
(`step_time`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scoring_theory.watching import ConfidenceMonitor

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.parametrize("estimator", ["trl_none", "trl_default"])
@pytest.mark.parametrize("figures", [False, True], ids=["update", "update and figures"])
def test_a_step(benchmark: BenchmarkFixture, estimator: str, figures: bool) -> None:
    rng = np.random.default_rng(0)
    monitor = ConfidenceMonitor("c - (q - c)^2", estimator=estimator)
    said = rng.choice(np.arange(11) / 10, 256)
    right = np.repeat(rng.random(32) < 0.7, 8)

    def step() -> None:
        monitor.update(said, right, 8)
        if figures:
            monitor.figures()

    for _ in range(20):  # a full window, and the predictions that are computed once
        step()
    benchmark(step)
