"""Replay of ten million rows, from the file to the result; and a CSV beside pandas' C engine.

    pytest tests/benchmarks/test_replay_speed.py --benchmark-only -s

Parquet with the columns confidence (float64, every value different), correct, method (five texts)
and question (half a million integers), two rewards, all intervals, differences, advantages and
recalibration; and a tenth of it as CSV, read by this package and by pandas in turn, with the
medians of `ROUNDS` rounds (the values of the two readers are compared). `ROWS` of the environment
changes the size. Seconds by the clock and of CPU time, and the largest memory of the process;
nothing here asserts a time.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pytest

from scoring_theory.replaying import replay
from scoring_theory.reward import Reward
from scoring_theory.rollouts import read_rollouts
from tests.benchmarks.test_bandit_libraries import processor

ROUNDS = 9
ROWS = int(os.environ.get("ROWS", 10**7))
REWARDS = {"binary": Reward.parse("c"), "RLCR": Reward.parse("c - (q - c)^2")}
METHODS = np.array(["Base", "RLVR", "RLCR", "SFT", "DPO"])
pytestmark = pytest.mark.benchmark(group="replay")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import csv, parquet

    rng = np.random.default_rng(0)
    q = rng.beta(1.3, 0.8, size=ROWS)
    table = pyarrow.table(
        {
            "confidence": q,
            "correct": (rng.random(ROWS) < 0.8 * q).astype(np.int64),
            "method": pyarrow.array(METHODS[rng.integers(5, size=ROWS)]),
            "question": rng.integers(max(1, ROWS // 20), size=ROWS),
        }
    )
    folder = tmp_path_factory.mktemp("logs")
    parquet.write_table(table, folder / "log.parquet")
    csv.write_csv(table.slice(0, ROWS // 10), folder / "log.csv")
    return folder / "log.parquet", folder / "log.csv"


def timed(path: Path) -> str:
    started, cpu = perf_counter(), process_time()
    rollouts = read_rollouts(path)
    read, read_cpu = perf_counter() - started, process_time() - cpu
    result = replay(rollouts, REWARDS)
    assert sum(cell.n for cell in result.at(None)) == len(rollouts)
    return (
        f"  {len(rollouts):>12,} rows of {path.suffix:9} read {read:5.1f} s (CPU {read_cpu:5.1f}),"
        f" in all {perf_counter() - started:5.1f} s (CPU {process_time() - cpu:5.1f})"
    )


def in_turn(*readers: Callable[[], object]) -> list[tuple[float, float]]:
    """Medians of seconds by the clock and of CPU time; one round of each in turn."""
    spent: list[list[tuple[float, float]]] = [[] for _ in readers]
    for _ in range(ROUNDS):
        for read, seconds in zip(readers, spent, strict=True):
            started, cpu = perf_counter(), process_time()
            read()
            seconds.append((perf_counter() - started, process_time() - cpu))
    return [
        (median(clock), median(cpu)) for clock, cpu in (zip(*each, strict=True) for each in spent)
    ]


def test_replay_of_a_long_log(benchmark, logs, capsys) -> None:
    lines = benchmark.pedantic(lambda: [timed(path) for path in logs], rounds=1)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with capsys.disabled():
        print(f"\n\nreplay; {processor()}\n")
        print("\n".join(lines))
        print(f"  largest memory of the process, with making the table: {memory:.1f} GB")


@pytest.mark.parametrize("quoted", [True, False], ids=["texts in quotes", "no quotes"])
def test_a_csv_beside_pandas(benchmark, logs, capsys, tmp_path, quoted: bool) -> None:
    """With quotes around texts as by pyarrow's writer, and without as by that of pandas."""
    pandas = pytest.importorskip("pandas")
    path = logs[1] if quoted else tmp_path / "log.csv"
    frame, rollouts = pandas.read_csv(logs[1], engine="c"), read_rollouts(logs[1])
    if not quoted:
        frame.to_csv(path, index=False)
    assert np.array_equal(frame["confidence"].to_numpy(), rollouts.confidence)
    ours, theirs = benchmark.pedantic(
        in_turn,
        args=(lambda: read_rollouts(path), lambda: pandas.read_csv(path, engine="c")),
        rounds=1,
    )
    with capsys.disabled():
        kind = "texts in quotes" if quoted else "no quotes"
        print(f"\n\nCSV of {len(frame):,} rows, {kind}; {processor()}\n")
        for name, (clock, cpu) in {"this package": ours, "pandas, C engine": theirs}.items():
            print(f"  {name:18} {clock:6.3f} s (CPU {cpu:5.3f})")
        print(f"  ratio              {ours[0] / theirs[0]:6.2f}   (CPU {ours[1] / theirs[1]:5.2f})")
