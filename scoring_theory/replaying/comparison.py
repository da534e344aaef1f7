"""Which method each reward ranks first, by how much, and which methods change places with the reward."""

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
    """What one method has more than another, on the same questions.

    Attributes:
        measure: The name of a reward, whose mean is compared; None for the expected calibration
            error.
        dataset: The dataset, or None for all rows.
        first: A method.
        second: Another.
        interval: First minus second, with its paired interval.
    """

    measure: str | None
    dataset: str | None
    first: str
    second: str
    interval: ConfidenceInterval

    __repr__ = one_line

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval.low > 0 or self.interval.high < 0

    def turned(self) -> Difference:
        """Second minus first."""
        one = self.interval
        other = ConfidenceInterval(
            -one.estimate, -one.high, -one.low, one.level, one.resamples, one.undefined
        )
        return Difference(self.measure, self.dataset, self.second, self.first, other)

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is undefined is null, and infinite ends are texts."""
        names = {
            "reward": self.measure,
            "dataset": self.dataset,
            "first": self.first,
            "second": self.second,
        }
        return {**names, **interval_json(self.interval, "difference"), "clear": self.clear}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The methods as a reward orders them.

    Attributes:
        reward: Its name.
        dataset: The dataset, or None for all rows.
        methods: From the best to the worst; methods that earn the same stand together.
    """

    reward: str
    dataset: str | None
    methods: tuple[tuple[str, ...], ...]

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "reward": self.reward,
            "dataset": self.dataset,
            "methods": [list(tied) for tied in self.methods],
        }


@dataclass(frozen=True, slots=True)
class Swap:
    """Two methods that change places with the reward.

    Attributes:
        dataset: The dataset, or None for all rows.
        first: A method.
        second: Another.
        for_first: By how much the first leads, under each reward that prefers it.
        for_second: By how much the second leads, under each reward that prefers it.
    """

    dataset: str | None
    first: str
    second: str
    for_first: tuple[Difference, ...]
    for_second: tuple[Difference, ...]

    __repr__ = one_line

    @property
    def clear(self) -> bool:
        """Whether on both sides some interval leaves out 0."""
        return any(one.clear for one in self.for_first) and any(
            one.clear for one in self.for_second
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
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
    """Every pair of methods under every reward, from the same drawn questions, and in calibration error.

    Args:
        drawn: (1 + B, M, R) mean rewards, of all rows first.
        errors: From two methods to the interval of their difference in calibration error.
        methods: Their names.
        rewards: Their names.
        dataset: The dataset, or None for all rows.
        level: Nominal coverage.
        groups: How many questions were drawn from.
    """
    for i, j in combinations(range(len(methods)), 2):
        for k, reward in enumerate(rewards):
            with np.errstate(invalid="ignore"):
                apart = drawn[:, i, k] - drawn[:, j, k]
            yield Difference(reward, dataset, methods[i], methods[j], ends(apart, level, groups))
        yield Difference(None, dataset, methods[i], methods[j], errors(i, j))


def ends(drawn: NDArray[np.float64], level: float, groups: int) -> ConfidenceInterval:
    """The percentile interval of what stands first, from the rest."""
    if drawn.size == 1:
        return ConfidenceInterval(float(drawn[0]), math.nan, math.nan, level, 0)
    return percentile_interval(
        float(drawn[0]), drawn[1:], level=level, groups=groups if groups > 1 else None
    )


def ranking(earned: Mapping[str, float], reward: str, dataset: str | None) -> Ranking:
    """The methods by what they earned; closer than 1e-12 is the same."""
    tied: list[list[str]] = []
    last = math.nan
    for method, mean in sorted(earned.items(), key=lambda pair: -pair[1]):
        if mean == last or abs(mean - last) <= 1e-12:
            tied[-1].append(method)
        else:
            tied.append([method])
        last = mean
    return Ranking(reward, dataset, tuple(map(tuple, tied)))


def swaps(found: Sequence[Difference]) -> tuple[Swap, ...]:
    """The pairs that some rewards order one way and others the other way."""
    pairs: dict[tuple[str | None, str, str], list[Difference]] = {}
    for one in found:
        if one.measure is not None:
            pairs.setdefault((one.dataset, one.first, one.second), []).append(one)
    kept = []
    for (dataset, first, second), several in pairs.items():
        ahead = tuple(one for one in several if one.interval.estimate > 1e-12)
        behind = tuple(one.turned() for one in several if one.interval.estimate < -1e-12)
        if ahead and behind:
            kept.append(Swap(dataset, first, second, ahead, behind))
    return tuple(kept)


def number_json(value: float) -> float | str | None:
    """A number that JSON knows: NaN is null, infinity is a text."""
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value


def interval_json(
    interval: ConfidenceInterval, name: str = "mean"
) -> dict[str, float | str | None]:
    """Estimate and ends."""
    ends = {name: interval.estimate, "low": interval.low, "high": interval.high}
    return {key: number_json(value) for key, value in ends.items()}
