"""Record the curves of `notebooks/images/grpo_confidence.csv`, and draw them: `make frameworks-record` (half an hour)."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS, SEEDS = 500, 3
COLUMNS = ("scale_rewards", "seed", "step", "confidence", "correct", "format_ok", "trl", "torch")


def main(python: str, target: str) -> None:
    """Train with each scaling and seed, in the environment of TRL, and write the table anew after each run."""
    table: list[list[object]] = []
    for seed in range(SEEDS):
        for scale in ("group", "none"):
            command = [python, str(Path(__file__).with_name("grpo.py")), scale, str(seed), str(STEPS)]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(done.stdout.splitlines()[-1])
            versions = [found["versions"]["trl"], found["versions"]["torch"]]
            table += [
                [scale, seed, line["step"], *(f"{line[f'rlcr/{key}']:.4f}" for key in COLUMNS[3:6]), *versions]
                for line in found["log"]
            ]
            write(Path(target), table)
            print(*table[-1], file=sys.stderr)


def write(target: Path, table: list[list[object]]) -> None:
    """The rows, sorted, under a temporary name first."""
    temporary = target.with_name(f"{target.name}.partial")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *sorted(table, key=lambda row: row[:3])])
    os.replace(temporary, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
