"""The recorded runs of TRL's GRPOTrainer, with and without division by the group's deviation."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

TRUTH = 0.7
"""The success probability of the task."""
RECORDED = "grpo_confidence.csv"
"""The table, beside this module; `make frameworks-figure` records it again."""
Columns = dict[str, list[Any]]
_KINDS: dict[str, Any] = {
    "seed": int, "step": int, "confidence": float, "correct": float, "format_ok": float,
}  # fmt: skip


def recorded_columns() -> Columns:
    """The recorded table: one row per scaling, seed and logged step, with the versions.

    Example:
        >>> list(recorded_columns())[:4]
        ['scale_rewards', 'seed', 'step', 'confidence']
    """
    text = Path(__file__).with_name(RECORDED).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {key: [_KINDS.get(key, str)(row[key]) for row in rows] for key in rows[0]}


def recorded_curves(columns: Columns) -> dict[str, dict[str, Any]]:
    """The table as `trainer_curves` takes it: for each scaling, steps and confidences of each seed.

    Example:
        >>> list(recorded_curves(recorded_columns()))
        ['scale_rewards="group"', 'scale_rewards="none"']
    """
    found: dict[str, dict[str, Any]] = {}
    wanted = ("scale_rewards", "seed", "step", "confidence")
    rows = list(zip(*(columns[key] for key in wanted), strict=True))
    for scale in dict.fromkeys(columns["scale_rewards"]):
        seeds = dict.fromkeys(seed for name, seed, _, _ in rows if name == scale)
        runs = [[q for name, one, _, q in rows if (name, one) == (scale, seed)] for seed in seeds]
        steps = [step for name, one, step, _ in rows if (name, one) == (scale, 0)]
        found[f'scale_rewards="{scale}"'] = {"step": steps, "confidence": runs}
    return found
