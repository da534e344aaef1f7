"""Offline re-scoring: the mean rewards and the calibration of recorded answers."""

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
from scoring_theory.checking import check
from scoring_theory.checking.graded import objection_to_scores
from scoring_theory.display import in_short, line, table
from scoring_theory.replaying.advantages import Advantages, advantages, followed_json
from scoring_theory.replaying.answers import Answers, alone, answers_of
from scoring_theory.replaying.cells import CELL_METRICS, Cell, Settings, cell
from scoring_theory.replaying.comparison import (
    Difference,
    Ranking,
    Swap,
    differences,
    ranking,
    swaps,
)
from scoring_theory.replaying.logged import Logged, compared_with_logged
from scoring_theory.replaying.over_time import StepCell, over_time
from scoring_theory.replaying.resampling import groups_of, resample
from scoring_theory.rollouts.labels import used_codes
from scoring_theory.rollouts.rollouts import require_rollouts

if TYPE_CHECKING:
    from scoring_theory.calibration.binning import Closed
    from scoring_theory.catalogue.coercion import RewardsLike
    from scoring_theory.reward import Reward
    from scoring_theory.rollouts.rollouts import ConfidenceScale, Rollouts

REPLAY_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of `replay`.

    Attributes:
        cells: For each method, in order of first appearance, the cell of all its rows and then one
            per dataset.
        source: A description of the origin of the rollouts.
        level: Nominal coverage of the intervals; None without intervals.
        resamples: Number of bootstrap resamples.
        seed: The seed of the resamples.
        clustered: Whether answers to one question were resampled together.
        scale: The scale of the confidences in the log.
        missing: The reward of answers without a usable confidence; None if they are invalid.
        rankings: The order of the methods under each reward, on all rows and per dataset.
        differences: The paired differences of every pair of methods under every reward and in
            calibration error.
        advantages: By method, the group-relative advantages; None if no question has two answers,
            and for graded scores.
        graded: Whether correctness is a score in [0, 1]; what needs outcomes of 0 and 1 is then
            left out.
        digest: The SHA-256 of the file of the log, in hexadecimal digits; "" if it was not a file.
        bins: The number of bins of equal width of the calibration error.
        closed: Which end of a bin belongs to it.
        weighted: Whether the rows have weights; advantages are then left out.
        over_time: The metrics of each method at each step; empty if the log has no steps.
        logged: The logged reward against each formula; empty if the log has none.
        reading: One line on what the log was recognised as; "" if it was not read.

    Example:
        >>> from scoring_theory.rollouts import example_rollouts
        >>> result = replay(example_rollouts(), ["binary", "rlcr"], intervals=False)
        >>> [ranking.methods[0][0] for ranking in result.rankings]
        ['overconfident', 'calibrated']
        >>> round(result.cell("overconfident").ece, 3)
        0.246
    """

    cells: tuple[Cell, ...]
    source: str
    level: float | None
    resamples: int
    seed: int
    clustered: bool
    scale: ConfidenceScale
    missing: float | None
    rankings: tuple[Ranking, ...]
    differences: tuple[Difference, ...]
    advantages: Mapping[str, Advantages | None]
    graded: bool = False
    digest: str = ""
    bins: int = 10
    closed: Closed = "left"
    weighted: bool = False
    over_time: tuple[StepCell, ...] = ()
    logged: tuple[Logged, ...] = ()
    reading: str = ""

    def __repr__(self) -> str:
        facts = [f"methods={in_short(self.methods)}", f"rewards={in_short(self.rewards)}"]
        return line(
            "Replay", *facts, *([f"datasets={in_short(self.datasets)}"] if self.datasets else [])
        )

    def _repr_html_(self) -> str:
        """A table by method and dataset of the metrics and the mean of each reward."""
        head = ["method", "dataset", *self.metrics, *self.rewards]
        keys = ["method", "dataset", *self.metrics, *(f"mean {name}" for name in self.rewards)]
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
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics in tables."""
        return tuple(name for name in CELL_METRICS if name != "auroc" or not self.graded)

    @property
    def places(self) -> tuple[str | None, ...]:
        """Where methods are compared: on all rows (None), and on each of several datasets."""
        return (None, *(self.datasets if len(self.datasets) > 1 else ()))

    @property
    def swaps(self) -> tuple[Swap, ...]:
        """The pairs of methods whose order depends on the reward."""
        return swaps(self.differences)

    def cell(self, method: str, dataset: str | None = None) -> Cell:
        """The cell of a method, on one dataset or on all rows.

        Raises:
            KeyError: If there is no such cell.
        """
        for one in self.cells:
            if (one.method, one.dataset) == (method, dataset):
                return one
        raise KeyError(f"no cell of method {method!r} and dataset {dataset!r}")

    def at(self, dataset: str | None) -> tuple[Cell, ...]:
        """The cells of one dataset; None for the cells of all rows."""
        return tuple(one for one in self.cells if one.dataset == dataset)

    def difference(
        self, measure: str | None, dataset: str | None, first: str, second: str
    ) -> Difference:
        """The difference first minus second; `measure` None means the calibration error.

        Raises:
            KeyError: If there is no such difference.
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
        (paired), `swaps`, `advantages`, `graded`, `reading`, `bins`, `closed`, `weighted`, `logged`
        and, by method, `over_time`.
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
            "schema": REPLAY_SCHEMA,
            "source": self.source,
            "scale": self.scale,
            "missing": self.missing,
            "graded": self.graded,
            "reading": self.reading,
            "bins": self.bins,
            "closed": self.closed,
            "weighted": self.weighted,
            "intervals": None if self.level is None else drawn,
            "methods": methods,
            "rankings": [one.to_json() for one in self.rankings],
            "swaps": [one.to_json() for one in self.swaps],
            "differences": [one.to_json() for one in self.differences],
            "advantages": followed_json(self.advantages),
            "logged": [one.to_json() for one in self.logged],
            "over_time": {
                method: [one.to_json() for one in self.over_time if one.method == method]
                for method in (self.methods if self.over_time else ())
            },
        }

    def rows(self) -> list[dict[str, Any]]:
        """One flat row per cell: names, metrics, then `mean R`, `low R`, `high R` per reward R."""
        rows = []
        for one in self.cells:
            metrics = {name: getattr(one, name) for name in ("method", "dataset", *CELL_METRICS)}
            for name, interval in one.rewards.items():
                metrics |= {
                    f"mean {name}": interval.estimate,
                    f"low {name}": interval.low,
                    f"high {name}": interval.high,
                }
            rows.append(metrics)
        return rows

    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns, for `plotting.save`; cells of all rows have the dataset ""."""
        rows = self.rows()
        return {name: ["" if row[name] is None else row[name] for row in rows] for name in rows[0]}

    def table(self) -> str:
        """The means as aligned plain text with three decimals."""
        names = ["method", "dataset", *self.metrics, *(f"mean {name}" for name in self.rewards)]
        header = ["method", "dataset", *self.metrics, *self.rewards]
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
    graded: bool = False,
    bins: int = 10,
    closed: Closed = "left",
) -> Replay:
    """Re-score a log: metrics and mean rewards of every method, and comparisons between methods.

    The mean reward is mean R(q_i, c_i), over all rows of a method and over each dataset. Intervals
    are percentile bootstrap intervals, which resample whole questions if the log has a question
    column; with more than 20,000 questions they are those of the normal limit. All rewards of a
    cell use the same resamples, and its numbers do not depend on the other cells of the log.
    Methods are compared on the same resampled questions. No bootstrap interval covers calibration
    errors; they have the intervals of `calibration_error_interval` and
    `calibration_error_difference` in equal-width bins. If the log has a logged reward, it is
    compared with each formula; if it has steps, every metric is also given for each of them.

    Args:
        rollouts: The log.
        rewards: One reward, a list, or rewards by name; each a formula, a `Reward` or an entry of
            the catalogue, without free parameters.
        intervals: Whether to compute intervals.
        level: Nominal coverage in (0, 1).
        seed: A whole number of at least 0; the same seed gives the same intervals.
        resamples: Number of bootstrap resamples, at least 2.
        graded: Correctness is a score s in [0, 1], as in a log that was read with `graded=True`; an
            answer is paid s R(q, 1) + (1 - s) R(q, 0). A reward that is not proved for graded
            scores, or not affine in the score, is refused. Accuracy is the mean score, and Brier
            the mean (q - s)^2; what needs outcomes of 0 and 1 is left out.
        bins: The number of bins of equal width.
        closed: "left" for bins [k/n, (k+1)/n) of which the last contains 1, or "right" for
            (k/n, (k+1)/n] of which the first contains 0.

    Raises:
        ValueError: If a reward has a free parameter or is +inf for some answer, is refused for
            graded scores, or an option is outside its domain.
        TypeError: If the log is the name of a file or a data frame.

    Example:
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 0])
        >>> replay(log, {"RLCR": "c - (q - c)^2"}).cell("all").rewards["RLCR"].estimate
        0.375
        >>> replay(log, ["c", "c - (q - c)^2"]).rewards
        ('c', 'c - (q - c)^2')
        >>> partial = Rollouts(confidence=[0.5, 0.5], correct=[0.25, 1], graded=True)
        >>> replay(partial, "2*c*q - q^2", graded=True).cell("all").accuracy
        0.625
    """
    require_rollouts(rollouts, "replay")
    if rollouts.graded and not graded:
        raise ValueError("the log holds graded scores: give graded=True")
    if seed < 0:
        raise ValueError(f"`seed` must be at least 0, got {seed}")
    check_resampling(resamples, level)
    settings = Settings(
        resamples=resamples if intervals else 0,
        level=level,
        seed=seed,
        graded=graded,
        bins=bins,
        closed=closed,
    )
    named = as_rewards(rewards)
    if graded:
        _require_proved_for_scores(named)
    answers = answers_of(rollouts, named, bins=bins, closed=closed)
    cells, followed = [], {}
    methods, datasets = rollouts.methods, rollouts.datasets
    for method in methods:
        for dataset in (None, *datasets):
            rows = rollouts.rows(method=method, dataset=dataset)
            if rows.any():
                own = alone(answers, rows)
                cells.append(cell(rollouts, own, named, method, dataset, settings))
            if dataset is None:
                followed[method] = (
                    None
                    if graded or rollouts.weight is not None
                    else advantages(method, own, tuple(named))
                )
    places = (None, *(datasets if len(datasets) > 1 else ()))
    paired: list[Difference] = []
    rankings = []
    for place in places:
        paired += _compared(rollouts, answers, methods, tuple(named), place, settings)
        of_place = [one for one in cells if one.dataset == place]
        for name in named:
            means = {one.method: one.rewards[name].estimate for one in of_place}
            rankings.append(ranking(means, name, place))
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
        differences=tuple(paired),
        advantages=followed,
        graded=graded,
        digest=rollouts.digest,
        bins=bins,
        closed=closed,
        weighted=rollouts.weight is not None,
        over_time=over_time(rollouts, answers, tuple(named)),
        logged=compared_with_logged(rollouts, answers, tuple(named)),
        reading=rollouts.reading,
    )


def _require_proved_for_scores(rewards: Mapping[str, Reward]) -> None:
    """Raise an error for the first reward that graded scores must not be paid with."""
    for reward in rewards.values():
        if reward.free_parameters:
            continue  # which is refused in any case
        report = check(reward, allow_weak=True, graded=True)
        if objection := objection_to_scores(report, list(report.demanded().values())):
            raise ValueError(objection)


def _compared(
    rollouts: Rollouts,
    answers: Answers,
    methods: tuple[str, ...],
    rewards: tuple[str, ...],
    dataset: str | None,
    settings: Settings,
) -> list[Difference]:
    """The paired differences of the methods that have answers on this dataset."""
    rows = rollouts.rows(dataset=dataset)
    present = np.flatnonzero(np.bincount(answers.method[rows]))
    if present.size < 2:
        return []
    own = answers if rows.all() else alone(answers, rows)
    own = replace(own, method=np.searchsorted(present, own.method))
    drawn = resample(
        own, present.size, rng=settings.rng("methods", dataset), resamples=settings.resamples
    )
    errors = _compared_errors(rollouts, own, dataset, settings)
    names = [methods[k] for k in present]
    return list(differences(drawn, errors, names, rewards, dataset, settings.level, groups_of(own)))


def _compared_errors(
    rollouts: Rollouts, own: Answers, dataset: str | None, settings: Settings
) -> Callable[[int, int], ConfidenceInterval]:
    """A function from two methods to their paired difference in calibration error.

    The difference is NaN if one of the methods states no confidence.
    """
    stated = own.stated
    stating = used_codes(own.method[stated])
    numbered = np.zeros(int(stating[-1]) + 1 if stating.size else 0, dtype=np.int64)
    numbered[stating] = np.arange(stating.size)
    method = numbered[own.method[stated]]
    gaps = (
        gaps_of(
            rollouts.forecasts(dataset=dataset),
            method,
            own.place[stated],
            methods=stating.size,
        )
        if stating.size
        else None
    )
    number = dict(zip(stating.tolist(), range(stating.size), strict=True))

    def difference(first: int, second: int) -> ConfidenceInterval:
        if gaps is None or first not in number or second not in number:
            return ConfidenceInterval(math.nan, math.nan, math.nan, settings.level, 0)
        paired = difference_interval(gaps, number[first], number[second], level=settings.level)
        return paired if settings.resamples else replace(paired, low=math.nan, high=math.nan)

    return difference


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "-" if value != value else f"{value:.3f}"
    return "(all)" if value is None else str(value)
