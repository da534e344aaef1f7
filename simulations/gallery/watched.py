"""The figure of the monitor: recorded runs of TRL's GRPOTrainer, and where the alarms came."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.recorded import TRUTH
from simulations.gallery.study import Study

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn, Width

WATCHED = "watched_grpo.csv"
"""The table, beside this module; `make watched-figure` records it again."""
BOUND = 0.85
"""The mean confidence before which the alarm should come."""
Run = Mapping[str, Sequence[Any]]


def watched_panels() -> dict[str, list[Run]]:
    """The recorded runs of each scaling, in the order of their seeds.

    Example:
        >>> list(watched_panels())
        ['scale_rewards="group"', 'scale_rewards="none"']
    """
    text = Path(__file__).with_name(WATCHED).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    panels: dict[str, list[Run]] = {}
    for scale in dict.fromkeys(row["scale_rewards"] for row in rows):
        mine = [row for row in rows if row["scale_rewards"] == scale]
        panels[f'scale_rewards="{scale}"'] = [
            {
                "step": [int(row["step"]) for row in mine if row["seed"] == seed],
                "confidence": [float(row["confidence"]) for row in mine if row["seed"] == seed],
                "alarm": [row["alarm"] for row in mine if row["seed"] == seed],
            }
            for seed in dict.fromkeys(row["seed"] for row in mine)
        ]
    return panels


def first_alarms(runs: Sequence[Run]) -> list[tuple[int, float]]:
    """The step and the mean confidence at the first alarm of each run that raised one.

    Example:
        >>> first_alarms([{"step": [1, 2], "confidence": [0.5, 0.6], "alarm": ["", "sandbagging"]}])
        [(2, 0.6)]
    """
    found = []
    for run in runs:
        places = [row for row, alarm in enumerate(run["alarm"]) if alarm]
        found += [(run["step"][row], run["confidence"][row]) for row in places[:1]]
    return found


def _draw(panels: Mapping[str, Sequence[Run]], width: Width) -> Drawn:
    from scoring_theory.plotting import Curves, Drawn, watched_runs

    data = Curves()
    for name, runs in panels.items():
        for number, run in enumerate(runs):
            data.add(name, f"seed {number}", run["step"], run["confidence"])
            places = [row for row, alarm in enumerate(run["alarm"]) if alarm]
            for row in places:
                for rule in run["alarm"][row].split():
                    data.add(
                        name,
                        f"seed {number}: {rule}",
                        [run["step"][row]],
                        [run["confidence"][row]],
                    )
    figure = watched_runs(panels, success_probability=TRUTH, bound=BOUND, width=width)
    return Drawn(figure, data.columns())


def _describe(panels: Mapping[str, Sequence[Run]]) -> str:
    sentences = []
    for name, runs in panels.items():
        first = first_alarms(runs)
        ends = [run["confidence"][-1] for run in runs]
        steps = len(runs[0]["step"])
        alarms = (
            f"the first alarm comes between steps {min(step for step, _ in first)} and"
            f" {max(step for step, _ in first)}, at mean confidences of at most"
            f" {max(said for _, said in first):.2f}"
            if len(first) == len(runs)
            else f"{len(first) or 'none'} of them raise an alarm"
        )
        sentences.append(
            f"With {name}, {len(runs)} seeds, {alarms}, and after {steps} steps confidence is"
            f" between {min(ends):.2f} and {max(ends):.2f}."
        )
    return (
        "Stated confidence over training steps in TRL's GRPOTrainer, a line for each seed, with a"
        f" mark at each alarm of the monitor. {' '.join(sentences)}"
    )


def _collect(_: Study) -> Mapping[str, Sequence[Run]]:
    return watched_panels()


WATCHED_FIGURE = GalleryFigure(
    title="Group scaling against none, with the monitor's alarms",
    collect=_collect,
    draw=_draw,
    describe=_describe,
    caption=(
        r"Stated confidence in TRL's GRPOTrainer with RLCR, on a task with $p = 0.7$ whose outcome"
        r" a group shares, a line for each seed; marks are the monitor's alarms, at most one of"
        r" each rule in a run. Dotted: a mean confidence of $0.85$."
    ),
    formulas={"RLCR": "rlcr"},
)
