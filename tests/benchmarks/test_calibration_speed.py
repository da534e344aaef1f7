"""Calibration metrics at ten million rows, side by side with what one would pick otherwise.

    pytest tests/benchmarks/test_calibration_speed.py --benchmark-only -s

Milliseconds of CPU time (`process_time`), medians, all contenders of a metric taking turns in one
process; `ROWS` and `ROUNDS` of the environment change the size and how often. Ours is timed three
times: `rows`, checking and copying the columns; `first`, the metric of rows that were never asked
for anything; `again`, the same rows once more, when the distinct stated values are known. Libraries
take the columns as they are. Those that are not installed are left out of the table, which says so;
they go into an environment of their own, beside this project:

    pip install relplot==1.0.3 netcal==1.4.0 model-diagnostics==1.5.0 torchmetrics==1.9.0

Nothing here asserts a time. The last test prints the table.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import pytest

from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    auroc,
    average_precision,
    brier_score,
    corp_decomposition,
    expected_calibration_error,
    log_loss,
    smooth_calibration_error,
)
from scoring_theory.catalogue import brier
from tests.benchmarks.test_bandit_libraries import processor

ROWS, ROUNDS = int(os.environ.get("ROWS", 10**7)), int(os.environ.get("ROUNDS", 3))
KINDS = {"continuous": None, "101 levels": 100, "11 levels": 10}
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.benchmark(group="calibration")]
Times = dict[tuple[str, str, str], list[float]]


@pytest.fixture(scope="module", params=KINDS)
def columns(request: pytest.FixtureRequest) -> tuple[str, Any, Any]:
    """Stated q ~ Beta(1.3, 0.8) with a miscalibration that changes sign, as it is or rounded to a
    grid.
    """
    rng, steps = np.random.default_rng(20261123), KINDS[request.param]
    q = np.clip(rng.beta(1.3, 0.8, size=ROWS), 1e-6, 1 - 1e-6)
    c = (
        rng.random(ROWS) < 1 / (1 + np.exp(-0.55 * np.log(q / (1 - q)) - 0.25 * np.sin(6 * q)))
    ).astype(np.float64)
    return request.param, q if steps is None else np.rint(q * steps) / steps, c


@pytest.fixture(scope="module")
def times() -> Times:
    """Milliseconds by metric, kind of column and contender; empty for what is not installed."""
    return {}


def _model_diagnostics(module: Any, q: Any, c: Any) -> Any:
    return module.decompose(c, q, scoring_function=module.SquaredError())


def _torch_ece(module: Any, q: Any, c: Any) -> Any:
    tensor = importlib.import_module("torch").from_numpy
    return module.binary_calibration_error(tensor(q), tensor(c.astype(np.int64)), n_bins=15)


def _isotonic(module: Any, q: Any, c: Any) -> Any:
    return module.IsotonicRegression(out_of_bounds="clip").fit(q, c).predict(q)


OURS: dict[str, Callable[[Forecasts], Any]] = {
    "Brier": brier_score,
    "log loss": log_loss,
    "ECE, 15 bins": lambda rows: expected_calibration_error(rows, bins=15),
    "smooth ECE": smooth_calibration_error,
    "ECE, 15 of equal mass": lambda rows: expected_calibration_error(rows, bins=EqualMass(15)),
    "AUROC": auroc,
    "AUPRC": average_precision,
    "CORP": lambda rows: corp_decomposition(rows, brier),
}
THEIRS: dict[str, dict[str, tuple[str, Callable[[Any, Any, Any], Any]]]] = {
    "Brier": {"scikit-learn": ("sklearn.metrics", lambda m, q, c: m.brier_score_loss(c, q))},
    "log loss": {"scikit-learn": ("sklearn.metrics", lambda m, q, c: m.log_loss(c, q))},
    "ECE, 15 bins": {
        "scikit-learn": (
            "sklearn.calibration",
            lambda m, q, c: m.calibration_curve(c, q, n_bins=15),
        ),
        "netcal": ("netcal.metrics", lambda m, q, c: m.ECE(15).measure(q, c)),
        "torchmetrics": ("torchmetrics.functional.classification", _torch_ece),
    },
    "smooth ECE": {"relplot": ("relplot.metrics", lambda m, q, c: m.smECE(q, c))},
    "ECE, 15 of equal mass": {
        "scikit-learn": (
            "sklearn.calibration",
            lambda m, q, c: m.calibration_curve(c, q, n_bins=15, strategy="quantile"),
        )
    },
    "AUROC": {"scikit-learn": ("sklearn.metrics", lambda m, q, c: m.roc_auc_score(c, q))},
    "AUPRC": {"scikit-learn": ("sklearn.metrics", lambda m, q, c: m.average_precision_score(c, q))},
    "CORP": {
        "scikit-learn": ("sklearn.isotonic", _isotonic),
        "model-diagnostics": ("model_diagnostics.scoring", _model_diagnostics),
    },
}


@pytest.mark.parametrize("metric", OURS)
def test_milliseconds_of_cpu(benchmark, columns, times, metric) -> None:
    kind, q, c = columns

    def timed(who: str, job: Callable[[], Any]) -> Any:
        started = process_time()
        result = job()
        times.setdefault((metric, kind, who), []).append(1e3 * (process_time() - started))
        return result

    def turn() -> None:
        rows = timed("rows", lambda: Forecasts(confidence=q, correct=c))
        for who in ("first", "again"):
            timed(who, lambda: OURS[metric](rows))
        for who, (module, call) in THEIRS[metric].items():
            try:
                loaded = importlib.import_module(module)
            except ModuleNotFoundError:
                times[metric, kind, who] = []
            else:
                timed(who, lambda loaded=loaded, call=call: call(loaded, q, c))

    benchmark.pedantic(turn, rounds=ROUNDS)


def test_the_table(benchmark, times, capsys) -> None:
    benchmark.pedantic(lambda: None, rounds=1)
    with capsys.disabled():
        print(f"\n\n{ROWS:,} rows, milliseconds of CPU time; {processor()}\n")
        for metric, kind in dict.fromkeys(key[:2] for key in times):
            took = {
                key[2]: median(ms) if ms else None
                for key, ms in times.items()
                if key[:2] == (metric, kind)
            }
            cells = (
                f"{who} {ms:,.0f}" if ms is not None else f"{who} not installed"
                for who, ms in took.items()
            )
            print(f"  {metric:24}{kind:12}" + "   ".join(cells))
