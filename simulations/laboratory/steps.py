"""Step-level against trace-average confidence: which trace of N to keep.

A trace has m steps and is right if all of them are. A cautious trace is unsure of every step, which
is right with probability u; a bold one is sure of most steps (s), and breaks some (right with
probability b). Every step states its probability, but with probability eps the number is noise, of
the same overall distribution.

Without noise a trace is right with the probability of the product of its step confidences, so the
product is the best score to select by. The average prefers a bold trace with one broken step to a
cautious one if

    ((m - 1) s + b) / m > u,   that is   m > (s - b) / (s - u):

it hides a broken step in a long trace. With noise a false alarm rules the minimum, and the average,
which forgives it, selects better than the minimum between two boundaries in eps; the product, which
a false alarm lowers less, is never worse than the average with 8 steps and 8 traces. The best score
for every eps is P(right | all confidences).

    >>> round(hiding_length(), 2)  # traces of 8 steps and more hide one broken step
    7.83
    >>> clear, noisy = Chain(steps=8, noise=0.0), Chain(steps=8, noise=0.2)
    >>> [round(clear.selected(name, traces=8), 3) for name in ("average", "minimum", "product")]
    [0.516, 0.628, 0.628]
    >>> [round(noisy.selected(name, traces=8), 3) for name in ("average", "minimum", "product")]
    [0.524, 0.468, 0.53]
    >>> edges = better_between("average", "minimum", steps=8, traces=8)
    >>> [round(edge, 3) for edge in edges]
    [0.073, 0.688]
    >>> better_between("average", "product", steps=8, traces=8)  # at no level of noise
    (nan, nan)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, product
from math import comb, factorial, prod
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray

TRACE_SCORES = ("average", "minimum", "product", "last", "posterior")
_SURE, _UNSURE, _BROKEN = range(3)
_THETAS = np.array([0.99, 0.87, 0.05])
"""Success probabilities of a sure, an unsure and a broken step; also the confidences stated."""
_BREAKS = 0.2
"""The share of broken steps in a bold trace."""
_KINDS = np.array([[1 - _BREAKS, 0.0, _BREAKS], [0.0, 1.0, 0.0]])
"""The kinds of steps of a bold trace, and of a cautious one; each style has half of the traces."""
_SLACK = 1e-4  # a smaller difference of accuracy is none
_ROUND = 9  # decimals to which scores are compared
_FILTERS = ("average", "product", "posterior")
_NOISES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)


def hiding_length() -> float:
    """The number of steps above which the average hides a broken step, (s - b) / (s - u)."""
    sure, unsure, broken = _THETAS
    return float((sure - broken) / (sure - unsure))


def score(name: str, stated: FloatArray) -> FloatArray:
    """The score of a trace by the confidences of its steps, along the last axis.

    Args:
        name: one of `TRACE_SCORES` but the posterior, which is that of a `Chain`.
        stated: the confidence of each step, (..., m).

    Raises:
        ValueError: the name is unknown.

    Example:
        >>> [round(float(score(name, np.array([0.99, 0.05]))), 3) for name in TRACE_SCORES[:4]]
        [0.52, 0.05, 0.05, 0.05]
    """
    if name == "average":
        return np.asarray(stated.mean(axis=-1))
    if name == "minimum":
        return np.asarray(stated.min(axis=-1))
    if name == "product":
        return np.asarray(stated.prod(axis=-1))
    if name == "last":
        return np.asarray(stated[..., -1])
    raise ValueError(f"`name` must be one of {', '.join(TRACE_SCORES[:-1])}, got {name!r}")


@dataclass(frozen=True)
class Chain:
    """Traces of bold or cautious steps with noisy confidence; everything by enumeration.

    Attributes:
        steps: m, the number of steps.
        noise: eps, the probability that a stated confidence is noise.
    """

    steps: int
    noise: float

    @cached_property
    def _stated_given_kind(self) -> FloatArray:
        """P(the stated confidence is that of kind j | the step is of kind i), (3, 3)."""
        return np.asarray((1 - self.noise) * np.eye(3) + self.noise * _KINDS.mean(axis=0))

    def posterior(self, kinds: NDArray[np.int64]) -> FloatArray:
        """P(right | the kind that each step states), along the last axis."""
        said = _KINDS @ self._stated_given_kind
        right = (_KINDS * _THETAS) @ self._stated_given_kind
        return np.asarray(
            right[:, kinds].prod(axis=-1).sum(axis=0) / said[:, kinds].prod(axis=-1).sum(axis=0)
        )

    def scores(self, name: str, kinds: NDArray[np.int64]) -> FloatArray:
        """The score of traces by the kind that each step states, along the last axis."""
        exact = self.posterior(kinds) if name == "posterior" else score(name, _THETAS[kinds])
        return np.asarray(np.round(exact, _ROUND))

    @cached_property
    def _reports(self) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
        """What steps state, up to the order of all but the last: kinds, chance, P(right | kinds).

        Only the last score reads the order.
        """
        others = list(combinations_with_replacement(range(3), self.steps - 1))
        kinds = np.array([(*row, last) for row in others for last in range(3)], dtype=np.int64)
        counts = (kinds[:, :-1, None] == np.arange(3)).sum(axis=1)
        orders = [factorial(self.steps - 1) / prod(map(factorial, row)) for row in counts.tolist()]
        said = _KINDS @ self._stated_given_kind
        chance: FloatArray = np.array(orders) * said[:, kinds].prod(axis=-1).mean(axis=0)
        some = chance > 0
        return kinds[some], chance[some], self.posterior(kinds[some])

    def accuracy(self) -> float:
        """The share of right traces."""
        _, chance, right = self._reports
        return float(chance @ right)

    def by_score(self, name: str) -> tuple[FloatArray, FloatArray]:
        """The probability of each value of a score from the best on, and of a right trace with it.

        Both (V,): P(score), P(score and right).
        """
        kinds, chance, right = self._reports
        order, at = np.unique(-self.scores(name, kinds), return_inverse=True)
        mass, good = np.zeros(order.size), np.zeros(order.size)
        np.add.at(mass, at.ravel(), chance)
        np.add.at(good, at.ravel(), chance * right)
        return mass, good

    def selected(self, name: str, *, traces: int) -> float:
        """P(the trace with the best score of N is right), ties shared.

        sum_v P(right | v) (P(score <= v)^N - P(score < v)^N)
        """
        mass, good = self.by_score(name)
        below = 1 - mass.cumsum()
        upto = below + mass
        chance = np.maximum(upto, 0.0) ** traces - np.maximum(below, 0.0) ** traces
        return float((good / mass) @ chance)

    def filtered_majority(self, name: str, *, traces: int, kept: int) -> float:
        """P(most of the `kept` best traces of N are right); ties of votes count one half.

        All wrong traces agree on one answer, which is the worst case for a majority.
        """
        mass, good = self.by_score(name)
        below = np.maximum(1 - mass.cumsum(), 0.0)
        placed = np.zeros((kept, kept + 1))  # probability of j placed traces, r of them right
        placed[0, 0] = 1.0
        final = np.zeros(kept + 1)
        for v, share in enumerate(mass):
            rho = good[v] / share
            after = np.zeros_like(placed)
            for j, n in product(range(kept), range(traces + 1)):
                if j + n > traces or not placed[j].any():
                    continue
                taken = min(n, kept - j)
                weight = comb(traces - j, n) * share**n
                spread = _shifted(placed[j], taken, rho) * weight
                if j + n < kept:
                    after[j + n] += spread
                else:
                    final += spread * below[v] ** (traces - j - n)
            placed = after
        votes = np.arange(kept + 1)
        return float(final @ np.where(2 * votes == kept, 0.5, 2 * votes > kept))

    def sampled(self, questions: int, traces: int, rng: np.random.Generator) -> Sampled:
        """Traces drawn step by step: (questions, traces, steps) and whether each is right."""
        shape = (questions, traces, self.steps)
        bold = rng.random((questions, traces, 1)) < 0.5
        breaks = np.where(rng.random(shape) < _BREAKS, _BROKEN, _SURE)
        kinds = np.where(bold, breaks, _UNSURE)
        other = rng.choice(3, p=_KINDS.mean(axis=0), size=shape)
        stated = np.where(rng.random(shape) < self.noise, other, kinds)
        right = np.all(rng.random(shape) < _THETAS[kinds], axis=-1)
        return Sampled(stated, np.asarray(right))


@dataclass(frozen=True)
class Sampled:
    """Sampled traces.

    Attributes:
        stated: the kind that each step states, (questions, traces, steps).
        right: whether each trace is right, (questions, traces).
    """

    stated: NDArray[np.int64]
    right: NDArray[np.bool_]


def _shifted(before: FloatArray, taken: int, rho: float) -> FloatArray:
    """The distribution of right traces after some more, each right with probability rho."""
    drawn = [comb(taken, i) * rho**i * (1 - rho) ** (taken - i) for i in range(taken + 1)]
    return np.convolve(before, np.array(drawn))[: before.size]


def better_between(one: str, other: str, *, steps: int, traces: int) -> tuple[float, float]:
    """The first interval of the noise in which one score selects better than the other.

    Both edges are NaN if there is none among 50 values from 0 to 0.98.
    """

    def lead(noise: float) -> float:
        chain = Chain(steps, noise)
        return chain.selected(one, traces=traces) - chain.selected(other, traces=traces) - _SLACK

    def edge(low: float, high: float) -> float:
        """Where the lead changes its sign, by bisection."""
        sign = lead(low) > 0
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if (lead(middle) > 0) == sign else (low, middle)
        return high

    noises = [*np.linspace(0, 0.98, 50).tolist(), 1.0]
    ahead = [lead(noise) > 0 for noise in noises[:-1]] + [False]
    if not any(ahead):
        return float("nan"), float("nan")
    first = ahead.index(True)
    last = ahead.index(False, first)
    low = edge(noises[first - 1], noises[first]) if first else 0.0
    high = edge(noises[last - 1], noises[last]) if last < len(noises) - 1 else 1.0
    return low, high


def _picked(chain: Chain, drawn: Sampled, name: str, rng: np.random.Generator) -> FloatArray:
    """Whether the selected trace of each question is right, (questions,); ties are drawn."""
    values = chain.scores(name, drawn.stated)
    best = values == values.max(axis=-1, keepdims=True)
    at = (best * rng.random(best.shape)).argmax(axis=-1)[:, None]
    return np.take_along_axis(drawn.right, at, axis=-1)[:, 0].astype(np.float64)


def _show(conditions: Conditions) -> SystemOutcome:
    m, traces = int(conditions["steps"]), int(conditions["traces"])
    noise = conditions["noise"]
    chain = Chain(m, noise)
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))
    questions = conditions.runs(40_000, 200_000)
    drawn = chain.sampled(questions, traces, rng)
    level = "average" if conditions.without else "product"
    gained = _picked(chain, drawn, level, rng) - drawn.right.mean(axis=-1)
    base = chain.accuracy()
    findings = [
        Finding(
            f"gain over a random trace: best of {traces} by {level}",
            *mean_and_error(gained),
            chain.selected(level, traces=traces) - base,
        )
    ]
    findings.extend(
        Finding(
            f"accuracy: best of {traces} by {name}",
            *mean_and_error(_picked(chain, drawn, name, rng)),
            chain.selected(name, traces=traces),
        )
        for name in TRACE_SCORES
    )
    noises = np.linspace(0, 0.98, 50)
    curves = {
        name: np.array([Chain(m, eps).selected(name, traces=traces) for eps in noises])
        for name in (("average", "last") if conditions.without else ("product", "minimum"))
    }
    curves["best possible"] = np.array(
        [Chain(m, eps).selected("posterior", traces=traces) for eps in noises]
    )
    curves["random trace"] = np.full(noises.size, base)
    return SystemOutcome(
        name="steps",
        without=conditions.without,
        findings=tuple(findings),
        boundary=_boundary(m, traces, noise),
        head=("noise", *TRACE_SCORES, *(f"kept half, majority: {name}" for name in _FILTERS)),
        rows=() if conditions.without else _rows(m, traces),
        panels=(
            Panel(
                f"Best of {traces}, {m} steps",
                "Noise of step confidence",
                "Exact accuracy",
                noises,
                curves,
            ),
        ),
        runs=questions,
    )


def _boundary(m: int, traces: int, noise: float) -> str:
    where = []
    for name in ("minimum", "product"):
        low, high = better_between("average", name, steps=m, traces=traces)
        found = "at no level of noise"
        if low == low:
            found = f"at a level of noise between {low:.3f} and {high:.3f}"
        where.append(f"better than the {name} {found}")
    return (
        f"The average hides a broken step in traces of more than {hiding_length():.2f} steps (here"
        f" {m}). It selects {' and '.join(where)} (here it is {noise:g}). P(right | all"
        " confidences) is best at every noise."
    )


def _rows(m: int, traces: int) -> tuple[tuple[str, ...], ...]:
    rows = []
    for eps in _NOISES:
        chain, kept = Chain(m, eps), max(1, traces // 2)
        numbers = [chain.selected(name, traces=traces) for name in TRACE_SCORES]
        numbers += [chain.filtered_majority(name, traces=traces, kept=kept) for name in _FILTERS]
        rows.append((f"{eps:g}", *as_cells(numbers)))
    return tuple(rows)


STEPS = System(
    name="steps",
    story=(
        "A trace is right if all of its steps are. Traces are selected, or filtered before a"
        " majority vote, by the average, the minimum or the product of the confidences of their"
        " steps, or by the last one. The average hides a broken step among sure ones in a long"
        " trace; a false alarm rules the minimum if step confidences are noisy."
    ),
    switch="traces are selected by their average confidence, not by the product over steps",
    source="Fu et al. 2025 (Deep Think with Confidence, DeepConf), arXiv 2508.15260",
    verdict=(
        "Agrees that local confidence finds broken traces that a trace average hides, where step"
        " confidences are informative; where they are noisy, the lowest confidence of a trace is"
        " the wrong statistic, and the average selects better. Best at every noise is P(right | all"
        " confidences), for which the noise must be known. The paper measures token confidence;"
        " here each step states one."
    ),
    show=_show,
    knobs=(
        Knob("steps", 8, 1, 16, "the steps of a trace", whole=True),
        Knob("traces", 8, 2, 64, "the traces of a question", whole=True),
        Knob("noise", 0.02, 0.0, 0.99, "P(a stated confidence is noise)"),
    ),
)
