"""What recorded answers would have earned under any set of rewards, beside how well calibrated they were."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration.confidence_intervals import (
    RESAMPLES,
    ConfidenceInterval,
    check_resampling,
)
from scoring_theory.calibration.error_intervals import difference_interval, gaps_of
from scoring_theory.catalogue.coercion import as_rewards
from scoring_theory.display import in_short, line, table
from scoring_theory.replaying.advantages import Advantages, advantages, followed_json
from scoring_theory.replaying.answers import Answers, alone, answers_of
from scoring_theory.replaying.cells import METRICS, Cell, Settings, cell
from scoring_theory.replaying.comparison import (
    Difference,
    Ranking,
    Swap,
    differences,
    ranking,
    swaps,
)
from scoring_theory.replaying.resampling import groups_of, resample

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardsLike
    from scoring_theory.rollouts.rollouts import Rollouts, Scale

SCHEMA = 1


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
        scale: The scale on which the log stated confidences.
        missing: What answers without a usable confidence were paid; None when they would have been
            refused.
        rankings: How each reward orders the methods, on all rows and per dataset.
        differences: Every pair of methods under every reward and in calibration error, on the same
            drawn questions.
        advantages: By method, what an optimiser would have followed; None where no question has two
            answers.
    """

    cells: tuple[Cell, ...]
    source: str
    level: float | None
    resamples: int
    seed: int
    clustered: bool
    scale: Scale
    missing: float | None
    rankings: tuple[Ranking, ...]
    differences: tuple[Difference, ...]
    advantages: Mapping[str, Advantages | None]

    def __repr__(self) -> str:
        facts = [f"methods={in_short(self.methods)}", f"rewards={in_short(self.rewards)}"]
        return line(
            "Replay", *facts, *([f"datasets={in_short(self.datasets)}"] if self.datasets else [])
        )

    def _repr_html_(self) -> str:
        """Means by method and dataset: the metrics, then each reward."""
        head = ["method", "dataset", *METRICS, *self.rewards]
        keys = ["method", "dataset", *METRICS, *(f"mean {name}" for name in self.rewards)]
        rows = (["(all)" if row[key] is None else row[key] for key in keys] for row in self.rows())
        return table(
            rows, head=head, caption=f"Replay{': ' if self.source else ''}{self.source}", most=40
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods, in order of first appearance."""
        return tuple(dict.fromkeys(one.method for one in self.cells))

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets, in order of first appearance."""
        return tuple(dict.fromkeys(one.dataset for one in self.cells if one.dataset is not None))

    @property
    def rewards(self) -> tuple[str, ...]:
        """The names of the rewards."""
        return tuple(self.cells[0].rewards)

    @property
    def places(self) -> tuple[str | None, ...]:
        """Where methods are compared: on all rows (None), and on each dataset where there are several."""
        return (None, *(self.datasets if len(self.datasets) > 1 else ()))

    @property
    def swaps(self) -> tuple[Swap, ...]:
        """The pairs of methods that change places with the reward."""
        return swaps(self.differences)

    def cell(self, method: str, dataset: str | None = None) -> Cell:
        """One cell by its names.

        Raises:
            KeyError: If there is none.
        """
        for one in self.cells:
            if (one.method, one.dataset) == (method, dataset):
                return one
        raise KeyError(f"no cell of method {method!r} and dataset {dataset!r}")

    def at(self, dataset: str | None) -> tuple[Cell, ...]:
        """The cells of one dataset, or the pooled ones."""
        return tuple(one for one in self.cells if one.dataset == dataset)

    def difference(
        self, measure: str | None, dataset: str | None, first: str, second: str
    ) -> Difference:
        """First minus second, whichever way it was computed.

        Raises:
            KeyError: If there is none.
        """
        for one in self.differences:
            if (one.measure, one.dataset) == (measure, dataset) and {one.first, one.second} == {
                first,
                second,
            }:
                return one if one.first == first else one.turned()
        raise KeyError(
            f"no difference of {first!r} and {second!r} in {measure or 'ECE'!r} on {dataset!r}"
        )

    def to_json(self) -> dict[str, Any]:
        """The JSON object of `scoring-theory replay --json`, with `schema` 1.

        `methods[method]` holds `n`, `accuracy`, `mean_confidence`, `brier`, `ece`, `auroc` and
        `rewards` over all its rows; where the log has a dataset column,
        `methods[method]["datasets"][dataset]` holds the same per dataset. `rewards[name]` is
        `{"mean", "low", "high"}`; -inf is the text "-inf", and what is undefined is null. Beside
        them stand `absent`, `malformed`, `ece_interval`, `ece_if_calibrated`, `recalibrated`,
        `thin_bins`; and beside `methods` stand `scale`, `missing`, `rankings`, `differences`
        (paired), `swaps` and `advantages`.
        """
        methods: dict[str, Any] = {}
        for one in self.cells:
            if one.dataset is None:
                methods[one.method] = one.to_json()
            else:
                methods[one.method].setdefault("datasets", {})[one.dataset] = one.to_json()
        drawn = {
            "level": self.level,
            "resamples": self.resamples,
            "seed": self.seed,
            "clustered": self.clustered,
        }
        return {
            "schema": SCHEMA,
            "source": self.source,
            "scale": self.scale,
            "missing": self.missing,
            "intervals": None if self.level is None else drawn,
            "methods": methods,
            "rankings": [one.to_json() for one in self.rankings],
            "swaps": [one.to_json() for one in self.swaps],
            "differences": [one.to_json() for one in self.differences],
            "advantages": followed_json(self.advantages),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One flat row per cell: `method`, `dataset`, the metrics, then `mean R`, `low R`, `high R` per reward R."""
        rows = []
        for one in self.cells:
            metrics = {name: getattr(one, name) for name in ("method", "dataset", *METRICS)}
            for name, interval in one.rewards.items():
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
        names = ["method", "dataset", *METRICS, *(f"mean {name}" for name in self.rewards)]
        header = ["method", "dataset", *METRICS, *self.rewards]
        lines = [header, *([_shown(row[name]) for name in names] for row in self.rows())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = (
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
            for line in lines
        )
        return "\n".join(text.rstrip() for text in texts)


def replay(
    rollouts: Rollouts,
    rewards: RewardsLike,
    *,
    intervals: bool = True,
    level: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Replay:
    """Measure every method, overall and on each dataset, pay it by every reward, and compare the methods.

    Means are mean R(q_i, c_i). Intervals are percentile bootstrap; answers to one question are resampled together where
    the log has a question column. All rewards of a cell see the same resamples, and a cell's numbers do not depend on
    which other cells are in the log. Methods are compared on questions that are drawn once for all of them. Beyond
    20,000 questions the normal limit of the bootstrap takes its place. Calibration errors, which no bootstrap covers,
    have the intervals of `calibration_error_interval` and `calibration_error_difference` in ten equal-width bins.

    Args:
        rollouts: The log.
        rewards: One reward, a list, or rewards by the name to report them under; each a formula, a
            `Reward` or an entry of the catalogue, whose parameters have values.
        intervals: Whether to compute intervals.
        level: Their nominal coverage in (0, 1).
        seed: Same seed, same intervals; a whole number of at least 0.
        resamples: How many bootstrap resamples.

    Raises:
        ValueError: If a reward has a parameter without a value or pays +inf, or an option is
            outside its domain.

    Example:
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 0])
        >>> replay(log, {"RLCR": "c - (q - c)^2"}).cell("all").rewards["RLCR"].estimate
        0.375
        >>> replay(log, ["c", "c - (q - c)^2"]).rewards
        ('c', 'c - (q - c)^2')
    """
    if seed < 0:
        raise ValueError(f"`seed` must be at least 0, got {seed}")
    check_resampling(resamples, level)
    settings = Settings(resamples=resamples if intervals else 0, level=level, seed=seed)
    paying = as_rewards(rewards)
    answers = answers_of(rollouts, paying)
    cells, followed = [], {}
    methods, datasets = rollouts.methods, rollouts.datasets
    for method in methods:
        for dataset in (None, *datasets):
            rows = rollouts.rows(method=method, dataset=dataset)
            if rows.any():
                own = alone(answers, rows)
                cells.append(cell(rollouts, own, paying, method, dataset, settings))
            if dataset is None:
                followed[method] = advantages(method, own, rollouts.correct[rows], tuple(paying))
    places = (None, *(datasets if len(datasets) > 1 else ()))
    found = [
        one
        for place in places
        for one in _compared(rollouts, answers, methods, tuple(paying), place, settings)
    ]
    earned = {place: [one for one in cells if one.dataset == place] for place in places}
    rankings = [
        ranking({one.method: one.rewards[name].estimate for one in earned[place]}, name, place)
        for place in places
        for name in paying
    ]
    return Replay(
        cells=tuple(cells),
        source=rollouts.source,
        level=level if intervals else None,
        resamples=settings.resamples,
        seed=seed,
        clustered=rollouts.group is not None,
        scale=rollouts.scale,
        missing=rollouts.missing,
        rankings=tuple(rankings),
        differences=tuple(found),
        advantages=followed,
    )


def _compared(
    rollouts: Rollouts,
    answers: Answers,
    methods: tuple[str, ...],
    rewards: tuple[str, ...],
    dataset: str | None,
    settings: Settings,
) -> list[Difference]:
    rows = rollouts.rows(dataset=dataset)
    present = np.flatnonzero(np.bincount(answers.method[rows]))
    if present.size < 2:
        return []
    kept = answers if rows.all() else alone(answers, rows)
    position = np.searchsorted(present, kept.method)
    kept = Answers(position, kept.group, kept.paid, kept.gap, kept.place)
    drawn = resample(
        kept, present.size, rng=settings.rng("methods", dataset), resamples=settings.resamples
    )
    errors = _compared_errors(rollouts, kept, present.size, dataset, settings)
    names = [methods[k] for k in present]
    return list(
        differences(drawn, errors, names, rewards, dataset, settings.level, groups_of(kept))
    )


def _compared_errors(
    rollouts: Rollouts, kept: Answers, methods: int, dataset: str | None, settings: Settings
) -> Callable[[int, int], ConfidenceInterval]:
    """The paired difference of two methods in calibration error; unknown where one of them states nothing."""
    stated = kept.place >= 0
    stating, method = np.unique(kept.method[stated], return_inverse=True)
    gaps = (
        gaps_of(
            rollouts.forecasts(dataset=dataset),
            method.astype(np.int64),
            kept.place[stated],
            methods=stating.size,
        )
        if stating.size
        else None
    )
    number = dict(zip(stating.tolist(), range(stating.size), strict=True))

    def difference(first: int, second: int) -> ConfidenceInterval:
        if gaps is None or first not in number or second not in number:
            return ConfidenceInterval(math.nan, math.nan, math.nan, settings.level, 0)
        found = difference_interval(gaps, number[first], number[second], level=settings.level)
        return found if settings.resamples else replace(found, low=math.nan, high=math.nan)

    return difference


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "-" if value != value else f"{value:.3f}"
    return "(all)" if value is None else str(value)
