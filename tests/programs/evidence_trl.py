"""Train the small transformer of the study with TRL's own GRPOTrainer, as a check.

    python -m tests.programs.evidence_trl PYTHON_WITH_TRL [--steps 400]

It starts from the pretrained parameters of the study's seed 0, trains with `as_trl` under three of
the study's settings, and measures exactly, in this environment, what comes back. Beside each row is
the package's own training with the same number of steps.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulations.evidence.transformer_study import TransformerSetting, transformer_settings
from simulations.metrics import measure
from simulations.running import run
from simulations.training import random_streams
from simulations.transformer import TransformerState, tokens_of
from simulations.transformer.network import pytorch
from tests.programs.evidence import write_table

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "simulations" / "evidence" / "transformer_trl.csv"
SCALING = {"mean": "none", "std": "group"}
CHECKED = ("binary/mean", "brier/mean", "brier/std", "double/mean")
METRICS = ("accuracy", "mean_confidence", "ece")


def by_trl(setting: TransformerSetting, python: str, steps: int) -> tuple[TransformerState, str]:
    """The state after training by TRL, and the versions."""
    network, world = setting.agent.network, setting.world
    start = setting.agent.start(world, random_streams(0, 1)[0].prior)
    parts = network.arrays(pytorch().from_numpy(start.parameters[0]))
    arrays = {name: part.numpy() for name, part in parts.items()}
    with tempfile.TemporaryDirectory() as folder:
        given, found = (Path(folder) / name for name in ("in.npz", "out.npz"))
        np.savez(
            given,
            questions=tokens_of(world),
            truth=world.success_probability,
            levels=setting.agent.grid,
            **arrays,
        )
        scale = SCALING[setting.name.split("/")[1]]
        script = ROOT / "tests" / "frameworks" / "transformer_grpo.py"
        formula = setting.reward.text
        done = subprocess.run(
            [python, str(script), str(given), str(found), formula, scale, "0", str(steps)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        with np.load(found) as file:
            back = np.concatenate([file[name].ravel() for name, _ in network.layout])
    versions = json.loads(done.stdout.splitlines()[-1])["versions"]
    said = " ".join(f"{name} {number}" for name, number in versions.items())
    return start._replace(parameters=back[None].astype(np.float32)), said


def rows_of(setting: TransformerSetting, python: str, steps: int) -> list[dict[str, object]]:
    """The rows of the table for one setting: TRL and the package's own training."""
    trained, versions = by_trl(setting, python, steps)
    count = setting.agent.count(trained, (setting.world, setting.elsewhere))
    theirs = measure(setting.agent.grid, count.mass, count.hits)
    own = run(replace(setting, steps=steps).experiment(0), threads=1)
    rows: list[dict[str, object]] = []
    for place, where in (("in", 0), ("out", 1)):
        for trainer in ("TRL", "own"):
            numbers = (
                [theirs[name][where] for name in METRICS]
                if trainer == "TRL"
                else [own.metric(name, "in" if where == 0 else "out")[0, -1] for name in METRICS]
            )
            rounded = {name: f"{one:.4f}" for name, one in zip(METRICS, numbers, strict=True)}
            facts = {"setting": setting.name, "trainer": trainer, "steps": steps, "place": place}
            rows.append({**facts, **rounded, "versions": versions if trainer == "TRL" else ""})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    found = []
    for name in CHECKED:
        found += rows_of(transformer_settings()[name], options.python, options.steps)
        print(*found[-4:], sep="\n", flush=True)
    write_table(TARGET, found)


if __name__ == "__main__":
    main()
