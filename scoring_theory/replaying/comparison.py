"""Rankings of methods by reward, paired differences, and changes of ranking between rewards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.calibration import ConfidenceInterval
from scoring_theory.calibration.confidence_intervals import percentile_interval
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ECE = "ECE"


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two methods in mean reward or calibration error, on the same questions.

    Attributes:
        measure: The name of a reward, for its mean; None for the expected calibration error.
        dataset: The dataset, or None for all rows.
        first: A method.
        second: Another method.
        interval: First minus second, with its paired interval.

    Example:
        >>> interval = ConfidenceInterval(0.25, 0.125, 0.5, level=0.95, resamples=999)
        >>> difference = Difference("rlcr", None, "a", "b", interval)
        >>> difference.clear, difference.turned().interval.estimate
        (True, -0.25)
    """

    measure: str | None
    dataset: str | None
    first: str
    second: str
    interval: ConfidenceInterval

    __repr__ = one_line

    @property
    def clear(self) -> bool:
        """Whether the difference is significant: the interval excludes 0."""
        return self.interval.low > 0 or self.interval.high < 0

    def turned(self) -> Difference:
        """The difference second minus first."""
        one = self.interval
        other = ConfidenceInterval(
            -one.estimate, -one.high, -one.low, one.level, one.resamples, one.undefined
        )
        return Difference(self.measure, self.dataset, self.second, self.first, other)

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; undefined numbers are null, and infinite ones are texts."""
        names = {
            "reward": self.measure,
            "dataset": self.dataset,
            "first": self.first,
            "second": self.second,
        }
        return {**names, **interval_json(self.interval, "difference"), "clear": self.clear}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The methods in the order of their mean reward.

    Attributes:
        reward: The name of the reward.
        dataset: The dataset, or None for all rows.
        methods: From the best to the worst; methods with equal mean reward are in one tuple.

    Example:
        >>> Ranking("rlcr", None, (("a",), ("b", "c"))).to_json()
        {'reward': 'rlcr', 'dataset': None, 'methods': [['a'], ['b', 'c']]}
    """

    reward: str
    dataset: str | None
    methods: tuple[tuple[str, ...], ...]

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "reward": self.reward,
            "dataset": self.dataset,
            "methods": [list(tied) for tied in self.methods],
        }


@dataclass(frozen=True, slots=True)
class Swap:
    """Two methods whose order depends on the reward.

    Attributes:
        dataset: The dataset, or None for all rows.
        first: A method.
        second: Another method.
        for_first: The lead of the first method under each reward that ranks it higher.
        for_second: The lead of the second method under each reward that ranks it higher.
    """

    dataset: str | None
    first: str
    second: str
    for_first: tuple[Difference, ...]
    for_second: tuple[Difference, ...]

    __repr__ = one_line

    @property
    def clear(self) -> bool:
        """Whether each method has a significant lead under at least one reward."""
        return any(one.clear for one in self.for_first) and any(
            one.clear for one in self.for_second
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        sides = {
            name: [one.measure for one in getattr(self, name)]
            for name in ("for_first", "for_second")
        }
        return {
            "dataset": self.dataset,
            "first": self.first,
            "second": self.second,
            **sides,
            "clear": self.clear,
        }


def differences(
    drawn: NDArray[np.float64],
    errors: Callable[[int, int], ConfidenceInterval],
    methods: Sequence[str],
    rewards: Sequence[str],
    dataset: str | None,
    level: float,
    groups: int,
) -> Iterator[Difference]:
    """The differences of every pair of methods, under every reward and in calibration error.

    Args:
        drawn: (1 + B, M, R) mean rewards: of all rows first, then of B resamples of the questions.
        errors: From the indices of two methods to their difference in calibration error.
        methods: The names of the M methods.
        rewards: The names of the R rewards.
        dataset: The dataset, or None for all rows.
        level: Nominal coverage.
        groups: The number of questions.
    """
    for i, j in combinations(range(len(methods)), 2):
        for k, reward in enumerate(rewards):
            with np.errstate(invalid="ignore"):
                lead = drawn[:, i, k] - drawn[:, j, k]
            yield Difference(reward, dataset, methods[i], methods[j], ends(lead, level, groups))
        yield Difference(None, dataset, methods[i], methods[j], errors(i, j))


def ends(drawn: NDArray[np.float64], level: float, groups: int) -> ConfidenceInterval:
    """The percentile interval of an estimate, which comes first, from its resampled values.

    Example:
        >>> ends(np.array([0.5, 0.25, 0.75]), level=0.5, groups=1)
        ConfidenceInterval(estimate=0.5, low=0.25, high=0.75, level=0.5, resamples=2)
    """
    if drawn.size == 1:
        return ConfidenceInterval(float(drawn[0]), math.nan, math.nan, level, 0)
    return percentile_interval(
        float(drawn[0]), drawn[1:], level=level, groups=groups if groups > 1 else None
    )


def ranking(earned: Mapping[str, float], reward: str, dataset: str | None) -> Ranking:
    """The ranking by mean reward; means within 1e-12 are equal.

    Args:
        earned: The mean reward by method.
        reward: The name of the reward.
        dataset: The dataset, or None for all rows.

    Example:
        >>> ranking({"a": 0.25, "b": 0.5, "c": 0.25}, "rlcr", None).methods
        (('b',), ('a', 'c'))
    """
    ranks: list[list[str]] = []
    last = math.nan
    for method, mean in sorted(earned.items(), key=lambda pair: -pair[1]):
        if mean == last or abs(mean - last) <= 1e-12:
            ranks[-1].append(method)
        else:
            ranks.append([method])
        last = mean
    return Ranking(reward, dataset, tuple(map(tuple, ranks)))


def swaps(found: Sequence[Difference]) -> tuple[Swap, ...]:
    """The pairs of methods that some rewards rank one way and others the other way.

    Example:
        >>> leads = [
        ...     Difference(name, None, "a", "b", ConfidenceInterval(by, by, by, 0.95, 0))
        ...     for name, by in (("binary", 0.5), ("rlcr", -0.25))
        ... ]
        >>> [pair] = swaps(leads)
        >>> [one.measure for one in pair.for_first], [one.measure for one in pair.for_second]
        (['binary'], ['rlcr'])
    """
    pairs: dict[tuple[str | None, str, str], list[Difference]] = {}
    for one in found:
        if one.measure is not None:
            pairs.setdefault((one.dataset, one.first, one.second), []).append(one)
    changes = []
    for (dataset, first, second), leads in pairs.items():
        ahead = tuple(one for one in leads if one.interval.estimate > 1e-12)
        behind = tuple(one.turned() for one in leads if one.interval.estimate < -1e-12)
        if ahead and behind:
            changes.append(Swap(dataset, first, second, ahead, behind))
    return tuple(changes)


def number_json(value: float) -> float | str | None:
    """A number as JSON can hold it: NaN becomes null, and infinity becomes a text.

    Example:
        >>> number_json(0.5), number_json(math.nan), number_json(-math.inf)
        (0.5, None, '-inf')
    """
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value


def interval_json(
    interval: ConfidenceInterval, name: str = "mean"
) -> dict[str, float | str | None]:
    """The estimate, under `name`, and the ends of an interval as plain data for JSON.

    Example:
        >>> interval_json(ConfidenceInterval(0.5, math.nan, math.nan, 0.95, 0))
        {'mean': 0.5, 'low': None, 'high': None}
    """
    ends = {name: interval.estimate, "low": interval.low, "high": interval.high}
    return {key: number_json(value) for key, value in ends.items()}
