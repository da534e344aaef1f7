"""How often 95 % intervals hold the truth: a simulation study of every interval of calibration
metrics.

    make coverage-study    (or: python -m tests.programs.coverage [--replicates N] [--jobs J])

Every condition is a file in `out/coverage` once it is done, so that a stopped study goes on where
it was; the table is `docs/coverage.csv`, and `docs/coverage.md` is written from it.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.programs.coverage.conditions import Condition, conditions
from tests.programs.coverage.page import COLUMNS, Row, is_near, is_refused, page, read
from tests.programs.coverage.study import slowly_refused, study

ROOT = Path(__file__).parents[3]
AGAIN = 4
"""How many times as often a condition is simulated if some coverage is in doubt."""


def kept(path: Path, make: Callable[[], list[Row]], *, replicates: int = 1) -> list[Row]:
    """What is in the file if it rests on so many replicates; else it is made and put there."""
    if (
        not path.exists()
        or max(row["intervals"] for row in json.loads(path.read_text(encoding="utf-8")))
        < replicates
    ):
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(made), encoding="utf-8")
        part.replace(path)
        print(path.stem, flush=True)
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def in_doubt(row: Row) -> bool:
    """Whether chance may have put a coverage outside 92 % to 97 %, or be what keeps it inside."""
    low, high = row["coverage"] < 0.925, row["coverage"] > 0.97 and not is_near(row)
    return (low or high) and not is_refused(row)


def simulated(one: Condition, *, replicates: int, seed: int, folder: Path) -> list[Row]:
    """The rows of a condition; one with a coverage in doubt is simulated `AGAIN` times as often."""
    path = folder / f"{one.name()}-{seed}.json"
    for times in (1, AGAIN):
        wanted = times * replicates
        rows = kept(path, partial(study, one, replicates=wanted, seed=seed), replicates=wanted)
        if not any(map(in_doubt, rows)):
            break
    return rows


def slow(truth: str, *, seed: int, folder: Path) -> list[Row]:
    """The rows of what only the package computes."""
    one = Condition(truth, "grid", False, 200)
    path = folder / f"{one.name()}-slow-{seed}.json"
    return kept(path, partial(slowly_refused, one, replicates=60, resamples=79, seed=seed))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="How often 95 % intervals hold the truth.")
    parser.add_argument("--replicates", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes (1)")
    parser.add_argument("--kept", type=Path, default=ROOT / "out" / "coverage")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    options = parser.parse_args(arguments)
    place = {"seed": options.seed, "folder": options.kept}
    most = partial(simulated, replicates=options.replicates, **place)
    with ProcessPoolExecutor(options.jobs) as pool:
        found = [
            *pool.map(most, conditions()),
            *pool.map(partial(slow, **place), ("calibrated", "0.1 too sure")),
        ]
    rows = [row for some in found for row in some]
    with (options.docs / "coverage.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    told = page(read(options.docs / "coverage.csv"), options.seed)
    (options.docs / "coverage.md").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
