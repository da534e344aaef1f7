"""Record what a real GRPOTrainer makes of confidence, and draw it: `make frameworks-figure` (ten
minutes).

    python -m tests.programs.record_grpo PYTHON_WITH_TRL notebooks/images/grpo_confidence

writes the table as CSV and the picture as PDF and PNG. The table holds every seed that was run, and
the versions.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from scoring_theory.plotting import save, trainer_curves

ROOT = Path(__file__).resolve().parents[2]
STEPS, SEEDS, TRUTH = 300, 3, 0.7
Columns = dict[str, list[Any]]


def record(python: str) -> Columns:
    """Train with each scaling and seed, in the environment of TRL."""
    columns: Columns = defaultdict(list)
    for scale in ("group", "none"):
        for seed in range(SEEDS):
            command = [
                python,
                str(ROOT / "tests" / "frameworks" / "grpo.py"),
                scale,
                str(seed),
                str(STEPS),
            ]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, text=True, check=True
            )
            found = json.loads(done.stdout.splitlines()[-1])
            for line in found["log"]:
                row = {"scale_rewards": scale, "seed": seed, "step": line["step"]}
                row |= {
                    key: round(line[f"rlcr/{key}"], 4)
                    for key in ("confidence", "correct", "format_ok")
                }
                for key, value in {**row, **found["versions"]}.items():
                    columns[key].append(value)
            print(scale, seed, line, file=sys.stderr)
    return dict(columns)


def read(path: Path) -> Columns:
    """A recorded table."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds: dict[str, Any] = {
        "seed": int,
        "step": int,
        "confidence": float,
        "correct": float,
        "format_ok": float,
    }
    return {key: [kinds.get(key, str)(row[key]) for row in rows] for key in rows[0]}


def curves(columns: Columns) -> dict[str, dict[str, Any]]:
    """The table as `trainer_curves` wants it: for each scaling, steps and one row of confidences
    per seed.
    """
    found: dict[str, dict[str, Any]] = {}
    rows = list(
        zip(*(columns[key] for key in ("scale_rewards", "seed", "step", "confidence")), strict=True)
    )
    for scale in dict.fromkeys(columns["scale_rewards"]):
        seeds = dict.fromkeys(seed for name, seed, _, _ in rows if name == scale)
        runs = [[q for name, one, _, q in rows if (name, one) == (scale, seed)] for seed in seeds]
        steps = [step for name, one, step, _ in rows if (name, one) == (scale, 0)]
        found[f'scale_rewards="{scale}"'] = {"step": steps, "confidence": runs}
    return found


def main(python: str, target: str) -> None:
    """Train, then write PDF, PNG and CSV."""
    columns = record(python)
    save(trainer_curves(curves(columns), success_probability=TRUTH), target, columns)


if __name__ == "__main__":
    main(*sys.argv[1:])
