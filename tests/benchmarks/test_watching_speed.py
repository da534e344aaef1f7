"""What a monitor costs in each step of training.

    pytest tests/benchmarks/test_watching_speed.py --benchmark-only

A step of 256 rollouts in groups of 8, as in TRL: the update alone, and with the figures that are
logged. Where SCORING_THEORY_FRAMEWORKS has an environment with TRL (`make frameworks`), it is also
measured beside TRL's own steps of 128 rollouts, in one run (`tests/frameworks/monitor_cost.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scoring_theory.watching import ConfidenceMonitor
from tests.benchmarks.test_bandit_libraries import processor

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


@pytest.mark.parametrize("scaling", ["none", "group"])
def test_beside_a_step_of_trl(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], scaling: str
) -> None:
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("SCORING_THEORY_FRAMEWORKS", root / ".venv-frameworks"))
    python = folder.absolute() / "trl" / "bin" / "python"
    if not python.exists():
        pytest.skip("TRL is not installed: `make frameworks` makes its environment")
    script = root / "tests" / "frameworks" / "monitor_cost.py"
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}

    def run() -> dict[str, list[float]]:
        done = subprocess.run(
            [str(python), str(script), scaling, "60"],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        spent: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
        return spent

    spent = benchmark.pedantic(run, rounds=1)
    step, monitor = (1e3 * median(spent[name]) for name in ("step", "monitor"))
    # The median is of an update; the mean has the steps with figures and looks for alarms in it.
    ratios = [
        median(spent["monitor"]) / median(spent["step"]),
        mean(spent["monitor"]) / mean(spent["step"]),
    ]
    with capsys.disabled():
        print(f"\n\nscale_rewards={scaling}, milliseconds of CPU time; {processor()}")
        print(f"  a step of TRL, 128 rollouts, 22,000 parameters  {step:8.2f}")
        print(f"  the monitor in it                               {monitor:8.2f}")
        print(f"  share: of medians {ratios[0]:.2%}, of means {ratios[1]:.2%}")
