"""Record what a real GRPOTrainer makes of confidence, and draw it: `make frameworks-figure` (ten
minutes).

    python -m tests.programs.record_grpo PYTHON_WITH_TRL notebooks/images/grpo_confidence

writes the picture as PDF and PNG, and the table into `simulations/gallery`, where the figure
`trl-scaling` reads it. The table holds every seed that was run, and the versions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from scoring_theory.plotting import save, trainer_curves
from simulations.gallery.recorded import RECORDED, TRUTH, Columns, recorded_curves

ROOT = Path(__file__).resolve().parents[2]
STEPS, SEEDS = 300, 3


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


def main(python: str, target: str) -> None:
    """Train, then write PDF, PNG and CSV."""
    columns = record(python)
    drawn = trainer_curves(recorded_curves(columns), success_probability=TRUTH)
    *_, table = save(drawn, target, columns)
    table.replace(ROOT / "simulations" / "gallery" / RECORDED)


if __name__ == "__main__":
    main(*sys.argv[1:])
