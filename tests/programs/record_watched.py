"""Record what a monitor sees in a real GRPOTrainer, with and without scaling by the group's
standard deviation: `make watched-figure` (a quarter of an hour).

    python -m tests.programs.record_watched PYTHON_WITH_TRL

writes the table that the figure `watched-training` reads. It holds every seed that was run, every
step, the alarms in the step after which they were raised, and the versions. No figure depends on
the time that a step takes.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "simulations" / "gallery" / "watched_grpo.csv"
SEEDS = 8
STEPS = {"group": 70, "none": 140}
FIGURES = (
    "accuracy",
    "ece",
    "ece_by_chance",
    "brier",
    "recalibrated_brier",
    "gain_of_one",
    "predicted",
)


def run(python: str, scale: str, seed: int) -> list[dict[str, object]]:
    """The rows of one run, in the environment of TRL."""
    script = ROOT / "tests" / "frameworks" / "watched.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, str(script), scale, str(seed), str(STEPS[scale])],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    alarms: dict[int, list[str]] = {}
    for alarm in found["alarms"]:
        alarms.setdefault(alarm["update"], []).append(alarm["rule"])
    print(scale, seed, alarms, file=sys.stderr)
    return [
        {
            "scale_rewards": scale,
            "seed": seed,
            "step": line["step"],
            "confidence": round(line["rlcr/confidence"], 4),
            **{name: _rounded(line.get(f"confidence_monitor/{name}")) for name in FIGURES},
            "alarm": " ".join(alarms.get(line["step"], [])),
            **found["versions"],
        }
        for line in found["log"]
    ]


def _rounded(value: float | None) -> float | str:
    """Four digits, or nothing where a figure is not defined."""
    return "" if value is None else round(value, 4)


def main(python: str) -> None:
    """Train with each scaling and seed, and write the table."""
    runs = [(scale, seed) for scale in STEPS for seed in range(SEEDS)]
    with ThreadPoolExecutor(2) as pool:
        rows = [row for rows in pool.map(lambda one: run(python, *one), runs) for row in rows]
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
