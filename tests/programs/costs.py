"""Measure what each test costs, and write tests/long_tests.txt (`make costs`).

    python -m tests.programs.costs [--seconds 0.2]

The list names the test functions whose cases together take more CPU seconds than that.
`conftest.py` marks them as slow, so that they run in `make test-long`, except while they are
measured. Each process of the test run appends a line for each test to a file in out/costs: its CPU
seconds, with those of the processes that it started.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = "SCORING_THEORY_COSTS"
LIST = Path(__file__).parents[1] / "long_tests.txt"
KEPT = ("tests/teeth/", "tests/test_architecture.py")
"""What runs in `make test` at any cost: wrong things that must be rejected, and the first test of a
file, which pays for what all of them read."""


def _seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Append the cost of a test to the file of this process."""
    before = _seconds()
    yield
    with Path(os.environ[FOLDER], str(os.getpid())).open("a", encoding="utf-8") as file:
        file.write(f"{_seconds() - before:.3f}\t{item.nodeid}\n")


def by_function(folder: Path) -> dict[str, float]:
    """The CPU seconds of all cases of each test function, the most expensive first."""
    sums: dict[str, float] = defaultdict(float)
    for path in folder.iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            cost, name = line.split("\t", 1)
            sums[name.split("[")[0]] += float(cost)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--folder", type=Path, default=Path("out/costs"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not any(options.folder.iterdir()):
        command = [sys.executable, "-m", "pytest", "-p", "tests.programs.costs", "--numprocesses=2"]
        subprocess.run(
            [*command, "--dist=loadfile"],
            env={**os.environ, FOLDER: str(options.folder.resolve())},
            check=True,
        )
    costs = by_function(options.folder)
    found = [
        name for name, cost in costs.items() if cost > options.seconds and not name.startswith(KEPT)
    ]
    LIST.write_text("".join(f"{name}\n" for name in sorted(found)), encoding="utf-8")
    left = sum(cost for name, cost in costs.items() if name not in found)
    print(f"{len(found)} of {len(costs)} test functions are long; the others take {left:.0f} s")


if __name__ == "__main__":
    main()
