"""Calibration metrics at ten million rows, side by side with what one would pick otherwise.

    pytest tests/benchmarks/test_calibration_speed.py --benchmark-only -s

Milliseconds of CPU time (`process_time`), median of rounds, in one process; `ROWS` of the environment changes the size.
"fresh" sorts anew, as a first call does; every later metric of the same rows shares the sort. Libraries that are not
installed are left out of the table, which says so; they go into an environment of their own, beside this project:

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
    log_score,
    smooth_calibration_error,
)
from scoring_theory.rules import brier
from tests.benchmarks.test_bandit_libraries import processor

ROWS = int(os.environ.get("ROWS", 10**7))
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.benchmark(group="calibration")]
Rows = tuple[Any, Any, Forecasts]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Stated q ~ Beta(1.3, 0.8) with a miscalibration that changes sign, as in the notes on libraries."""
    rng = np.random.default_rng(20261123)
    q = np.clip(rng.beta(1.3, 0.8, size=ROWS), 1e-6, 1 - 1e-6)
    c = (rng.random(ROWS) < 1 / (1 + np.exp(-0.55 * np.log(q / (1 - q)) - 0.25 * np.sin(6 * q)))).astype(np.float64)
    return q, c, Forecasts(confidence=q, correct=c)


@pytest.fixture(scope="module")
def times() -> dict[tuple[str, str], list[float]]:
    """Milliseconds of CPU time by metric and contender."""
    return {}


def fresh(metric: Callable[[Forecasts], Any]) -> Callable[[Rows], Any]:
    return lambda rows: metric(Forecasts(confidence=rows[0], correct=rows[1]))


def library(module: str, call: Callable[[Any, Any, Any], Any]) -> Callable[[Rows], Any]:
    def run(rows: Rows) -> Any:
        return call(pytest.importorskip(module), rows[0], rows[1])

    return run


def _model_diagnostics(module: Any, q: Any, c: Any) -> Any:
    return module.decompose(c, q, scoring_function=module.SquaredError())


def _torch_ece(module: Any, q: Any, c: Any) -> Any:
    tensor = importlib.import_module("torch").from_numpy
    return module.binary_calibration_error(tensor(q), tensor(c.astype(np.int64)), n_bins=15)


JOBS: dict[tuple[str, str], Callable[[Rows], Any]] = {
    ("Brier", "ours"): lambda rows: brier_score(rows[2]),
    ("Brier", "scikit-learn"): library("sklearn.metrics", lambda m, q, c: m.brier_score_loss(c, q)),
    ("log", "ours"): lambda rows: log_score(rows[2]),
    ("log", "scikit-learn"): library("sklearn.metrics", lambda m, q, c: m.log_loss(c, q)),
    ("ECE, 15 bins", "ours"): lambda rows: expected_calibration_error(rows[2], bins=15),
    ("ECE, 15 bins", "scikit-learn"): library(
        "sklearn.calibration", lambda m, q, c: m.calibration_curve(c, q, n_bins=15)
    ),
    ("ECE, 15 bins", "netcal"): library("netcal.metrics", lambda m, q, c: m.ECE(15).measure(q, c)),
    ("ECE, 15 bins", "torchmetrics"): library("torchmetrics.functional.classification", _torch_ece),
    ("smooth ECE", "ours"): lambda rows: smooth_calibration_error(rows[2]),
    ("smooth ECE", "relplot"): library("relplot", lambda m, q, c: m.smECE(q, c)),
    ("equal-mass ECE, fresh", "ours"): fresh(lambda f: expected_calibration_error(f, bins=EqualMass(15))),
    ("equal-mass ECE, fresh", "scikit-learn"): library(
        "sklearn.calibration", lambda m, q, c: m.calibration_curve(c, q, n_bins=15, strategy="quantile")
    ),
    ("AUROC, fresh", "ours"): fresh(auroc),
    ("AUROC, fresh", "scikit-learn"): library("sklearn.metrics", lambda m, q, c: m.roc_auc_score(c, q)),
    ("AUPRC, sorted before", "ours"): lambda rows: average_precision(rows[2]),
    ("AUPRC, sorted before", "scikit-learn"): library(
        "sklearn.metrics", lambda m, q, c: m.average_precision_score(c, q)
    ),
    ("CORP, fresh", "ours"): fresh(lambda f: corp_decomposition(f, brier)),
    ("CORP, fresh", "scikit-learn"): library(
        "sklearn.isotonic", lambda m, q, c: m.IsotonicRegression(out_of_bounds="clip").fit(q, c).predict(q)
    ),
    ("CORP, fresh", "model-diagnostics"): library("model_diagnostics.scoring", _model_diagnostics),
}


@pytest.mark.parametrize("key", JOBS, ids=lambda key: ": ".join(key))
def test_milliseconds_of_cpu(benchmark, rows, times, key) -> None:
    job = JOBS[key]
    job(rows)

    def timed() -> None:
        started = process_time()
        job(rows)
        times.setdefault(key, []).append(1e3 * (process_time() - started))

    benchmark.pedantic(timed, rounds=3 if key[1] == "ours" else 1)


def test_the_table(benchmark, times, capsys) -> None:
    benchmark.pedantic(lambda: None, rounds=1)
    with capsys.disabled():
        print(f"\n\n{ROWS:,} rows, milliseconds of CPU time; {processor()}\n")
        for metric, who in times:
            took = median(times[metric, who])
            ratio = took / median(times[metric, "ours"])
            print(f"  {metric:24}{who:20}{took:>10,.0f}" + ("" if who == "ours" else f"   {ratio:,.1f} times ours"))
        for metric, who in JOBS.keys() - times.keys():
            print(f"  {metric:24}{who:20}   not installed")
