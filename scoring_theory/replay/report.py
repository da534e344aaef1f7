"""What recorded answers would have earned under any set of rewards, beside how well calibrated they were."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration import (
    Forecasts,
    Interval,
    accuracy,
    auroc,
    brier_score,
    expected_calibration_error,
    mean_confidence,
    mean_intervals,
)
from scoring_theory.calibration.intervals import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_theory.replay.rollouts import Rollouts
    from scoring_theory.reward import Reward

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """The rows of one method, on one dataset or on all of them.

    Attributes:
        method: Its name.
        dataset: The dataset, or None for all rows of the method pooled.
        n: How many rows.
        accuracy: Share of correct answers.
        mean_confidence: Mean stated confidence.
        brier: Mean squared error of the confidence; smaller is better.
        ece: Expected calibration error, ten equal-width bins.
        auroc: How well confidence separates right from wrong; NaN when only one of the two occurs.
        rewards: Mean reward by name, with its interval (NaN ends when none was asked for).
    """

    method: str
    dataset: str | None
    n: int
    accuracy: float
    mean_confidence: float
    brier: float
    ece: float
    auroc: float
    rewards: Mapping[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """The cell without its names; an undefined AUROC is null, an infinite mean is the text "-inf"."""
        metrics = {name: _json(getattr(self, name)) for name in METRICS}
        paid = {
            name: {"mean": _json(interval.estimate), "low": _json(interval.low), "high": _json(interval.high)}
            for name, interval in self.rewards.items()
        }
        return {**metrics, "rewards": paid}


METRICS = tuple(field.name for field in fields(Cell) if field.name not in {"method", "dataset", "rewards"})


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of `replay`: for each method the pooled cell first, then one per dataset.

    Attributes:
        cells: In order of first appearance.
        source: Where the rollouts come from, in words.
        level: Nominal coverage of the intervals; None when there are none.
        resamples: How many bootstrap resamples they rest on.
        seed: The seed they were drawn with.
        clustered: Whether answers to one question were resampled together.
    """

    cells: tuple[Cell, ...]
    source: str
    level: float | None
    resamples: int
    seed: int
    clustered: bool

    def cell(self, method: str, dataset: str | None = None) -> Cell:
        """One cell by its names.

        Raises:
            KeyError: If there is none.
        """
        for cell in self.cells:
            if (cell.method, cell.dataset) == (method, dataset):
                return cell
        raise KeyError(f"no cell of method {method!r} and dataset {dataset!r}")

    def to_json(self) -> dict[str, Any]:
        """The JSON object of `scoring-theory replay --json`, with `schema` 1.

        `methods[method]` holds `n`, `accuracy`, `mean_confidence`, `brier`, `ece`, `auroc` and `rewards` over all its
        rows; where the log has a dataset column, `methods[method]["datasets"][dataset]` holds the same per dataset.
        `rewards[name]` is `{"mean", "low", "high"}`; -inf is the text "-inf", and what is undefined is null.
        """
        methods: dict[str, Any] = {}
        for cell in self.cells:
            if cell.dataset is None:
                methods[cell.method] = cell.to_json()
            else:
                methods[cell.method].setdefault("datasets", {})[cell.dataset] = cell.to_json()
        drawn = {"level": self.level, "resamples": self.resamples, "seed": self.seed, "clustered": self.clustered}
        intervals = None if self.level is None else drawn
        return {"schema": SCHEMA, "source": self.source, "intervals": intervals, "methods": methods}

    def rows(self) -> list[dict[str, Any]]:
        """One flat row per cell: `method`, `dataset`, the metrics, then `mean R`, `low R`, `high R` per reward R."""
        rows = []
        for cell in self.cells:
            metrics = {name: getattr(cell, name) for name in ("method", "dataset", *METRICS)}
            for name, interval in cell.rewards.items():
                metrics |= {
                    f"mean {name}": interval.estimate,
                    f"low {name}": interval.low,
                    f"high {name}": interval.high,
                }
            rows.append(metrics)
        return rows

    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns, for `plotting.save`; the pooled cells have the dataset "" (none)."""
        rows = self.rows()
        return {name: ["" if row[name] is None else row[name] for row in rows] for name in rows[0]}

    def table(self) -> str:
        """The rows as aligned plain text with three decimals, means only."""
        rewards = list(self.cells[0].rewards)
        names = ["method", "dataset", *METRICS, *(f"mean {name}" for name in rewards)]
        header = [*names[: -len(rewards) or None], *rewards]
        lines = [header, *([_shown(row[name]) for name in names] for row in self.rows())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join(text.rstrip() for text in texts)


def replay(
    rollouts: Rollouts,
    rewards: Mapping[str, Reward],
    *,
    intervals: bool = True,
    level: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Replay:
    """Measure every method, overall and on each dataset, and pay it by every reward.

    Means are mean R(q_i, c_i). Intervals are percentile bootstrap; answers to one question are resampled together where
    the log has a question column. All rewards of a cell see the same resamples, and a cell's numbers do not depend on
    which other cells are in the log.

    Args:
        rollouts: The log.
        rewards: Rewards by the name to report them under; parameters must have values.
        intervals: Whether to compute intervals.
        level: Their nominal coverage in (0, 1).
        seed: Same seed, same intervals; a whole number of at least 0.
        resamples: How many bootstrap resamples.

    Raises:
        ValueError: If a reward has a parameter without a value or pays +inf, or an option is outside its domain.

    Example:
        >>> from scoring_theory.replay import Rollouts
        >>> from scoring_theory.reward import Reward
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 0])
        >>> replay(log, {"RLCR": Reward.parse("c - (q - c)^2")}).cell("all").rewards["RLCR"].estimate
        0.375
    """
    if seed < 0:
        raise ValueError(f"`seed` must be at least 0, got {seed}")
    drawn = resamples if intervals else 0
    cells = []
    for method in rollouts.methods:
        present = [name for name in rollouts.datasets if rollouts.has(method=method, dataset=name)]
        for dataset in (None, *present):
            forecasts = rollouts.forecasts(method=method, dataset=dataset)
            rng = np.random.default_rng([seed, zlib.crc32(f"{method}\n{dataset}".encode())])
            paid = _paid(forecasts, rewards, rng, drawn, level)
            cells.append(_cell(method, dataset, forecasts, paid))
    clustered = rollouts.question is not None
    return Replay(tuple(cells), rollouts.source, level if intervals else None, drawn, seed, clustered)


def _cell(method: str, dataset: str | None, forecasts: Forecasts, paid: Mapping[str, Interval]) -> Cell:
    return Cell(
        method=method,
        dataset=dataset,
        n=len(forecasts),
        accuracy=accuracy(forecasts),
        mean_confidence=mean_confidence(forecasts),
        brier=brier_score(forecasts),
        ece=expected_calibration_error(forecasts, bins=10),
        auroc=auroc(forecasts),
        rewards=paid,
    )


def _paid(
    forecasts: Forecasts, rewards: Mapping[str, Reward], rng: np.random.Generator, resamples: int, level: float
) -> dict[str, Interval]:
    if not rewards:
        return {}
    payoffs = {name: reward.payoff(forecasts.confidence, forecasts.correct) for name, reward in rewards.items()}
    for name, paid in payoffs.items():
        if np.isposinf(paid).any():
            q = forecasts.confidence[np.isposinf(paid)][0].item()
            raise ValueError(f"the reward {name!r} pays +inf at confidence {q!r}, so that its mean says nothing")
    if not resamples:
        return {name: _without_ends(forecasts.mean(paid), level) for name, paid in payoffs.items()}
    rows = np.vstack(list(payoffs.values()))
    found = mean_intervals(forecasts, rows, rng=rng, resamples=resamples, level=level)
    return dict(zip(payoffs, found, strict=True))


def _without_ends(estimate: float, level: float) -> Interval:
    return Interval(estimate, math.nan, math.nan, level, 0)


def _json(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.3f}"
    return "(all)" if value is None else str(value)
