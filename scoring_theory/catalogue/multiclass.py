r"""A stated distribution over K answers: three proper rules, and when a reward with them is safe.

A model states q in the simplex of K answers and gives an answer a; the truth y is drawn from p.
Four rewards differ in the argument of the score:

* **untied**  R = [a = y] + lam S(q, y): the distribution is scored for every a. Then E R = p_a +
  lam E S(q, y), the two terms are chosen separately, and the most probable answer with q = p is
  optimal *for every lam >= 0*.
* **tied to the mode**  a = argmax q. Then E R = p_(argmax q) + lam (G(p) - d(p, q)) <= max p + lam
  G(p), and q = p attains both bounds: again safe *for every lam >= 0*. For lam > 0 and a strictly
  proper S no other *report* is optimal; where p has several modes, each of them is an optimal
  answer.
* **top label only**  only the confidence in the given answer is scored, S(q_a, [a = y]). The model
  then chooses the event on which it is scored. Over all numbers of answers, and also when the truth
  may lie outside the K answers, this is the binary case of `check`: safe if and only if lam <=
  lam*. With K answers that always contain the truth, the best one has p_a >= 1/K, and larger
  weights are
  safe: Brier up to (K-1)/(K-2), at K = 2 every weight.
* **top label, tied**  the same with a = argmax q, so that q_a >= 1/K. A proper S is safe if lam
  (S(1/K, 0) - S(1/K, 1)) <= 1; for Brier this is exact, lam <= K/(K-2).

So a bound on lam is needed only if one number of the model's own choice is scored. With the untied
log score at a = argmax p, E R = max p - lam H(p), which no other (a, q) exceeds; c + lam log-score
of the given answer fails at every lam > 0 for enough answers. These statements are Theorems 14 to
17 of `docs/theory.md`, proved in Coq.

Source: Savage 1971; Gneiting and Raftery 2007, sections 3 and 4; for the binary case Damani et al.
    2025, appendix A.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from scoring_theory.expression.numeric import Floats

Tie = Literal["untied", "mode", "top label"]

ROUNDED = 0.1
"""How far from 1 a sum may be that `normalise` takes for one of rounded probabilities."""


@dataclass(frozen=True)
class Normalised:
    """Distributions that sum to 1, and what was done for it.

    Attributes:
        probabilities: (..., K), each row divided by its sum where that was not 1 within 1e-9.
        rows: the number of distributions.
        changed: how many of them were divided by their sum.
        least_sum: the least sum before.
        largest_sum: the largest sum before.

    Example:
        >>> print(normalised([[0.14, 0.38, 0.4, 0.04, 0.05], [0.2, 0.2, 0.2, 0.2, 0.2]], "q"))
        1 of 2 distributions did not sum to 1 (sums from 1 to 1.01) and was divided by its sum
    """

    probabilities: Floats
    rows: int
    changed: int
    least_sum: float
    largest_sum: float

    __repr__ = one_line

    def __str__(self) -> str:
        if not self.changed:
            return f"all {self.rows} distributions sum to 1"
        verb = "was divided by its sum" if self.changed == 1 else "were divided by their sums"
        return (
            f"{self.changed} of {self.rows} distributions did not sum to 1 (sums from"
            f" {self.least_sum:.6g} to {self.largest_sum:.6g}) and {verb}"
        )


def normalised(values: ArrayLike, name: str) -> Normalised:
    """Rounded probability distributions, divided by their sums where these are not 1.

    Args:
        values: (..., K) with K >= 2, on the last axis.
        name: the name of the argument, for the message.

    Raises:
        ValueError: an entry is negative or not finite, or a sum is further from 1 than `ROUNDED`,
            so that it is not a matter of rounding; the message has the value and its index.

    Example:
        >>> normalised([0.3, 0.3, 0.3], "q").probabilities.round(4).tolist()
        [0.3333, 0.3333, 0.3333]
    """
    probabilities = _entries(values, name)
    sums = probabilities.sum(axis=-1)
    _refuse(
        np.abs(sums - 1) > ROUNDED + 1e-9,
        sums,
        f"`{name}` must sum to 1 up to rounding (within {ROUNDED})",
    )
    off = np.abs(sums - 1) > 1e-9
    scale = np.where(off, sums, 1.0)
    least, most = (float(f(sums)) if sums.size else 1.0 for f in (np.min, np.max))
    return Normalised(probabilities / scale[..., None], int(sums.size), int(off.sum()), least, most)


def simplex(values: ArrayLike, name: str, *, normalise: bool = False) -> Floats:
    """Probability distributions on the last axis: entries >= 0 that sum to 1 within 1e-9.

    Args:
        values: (..., K) with K >= 2.
        name: the name of the argument, for the message.
        normalise: divide rounded distributions by their sums (see `normalised`); a warning says how
            many, and what their sums were.

    Raises:
        ValueError: an entry is negative or not finite, or a sum is not 1; the message has the value
            and its index.

    Example:
        >>> simplex([0.25, 0.75], "q").tolist()
        [0.25, 0.75]
    """
    if normalise:
        found = normalised(values, name)
        if found.changed:
            warnings.warn(f"`{name}`: {found}", UserWarning, stacklevel=3)
        return found.probabilities
    probabilities = _entries(values, name)
    sums = probabilities.sum(axis=-1)
    _refuse(np.abs(sums - 1) > 1e-9, sums, f"`{name}` must sum to 1", _HINT)
    return probabilities


_HINT = "; `normalise=True` divides rounded probabilities by their sum"


def _entries(values: ArrayLike, name: str) -> Floats:
    probabilities = np.asarray(values, dtype=np.float64)
    if probabilities.ndim == 0 or probabilities.shape[-1] < 2:
        raise ValueError(
            f"`{name}` must hold at least two probabilities on its last axis, got shape"
            f" {probabilities.shape}"
        )
    bad = ~(np.isfinite(probabilities) & (probabilities >= 0))
    _refuse(bad, probabilities, f"`{name}` must be >= 0 and finite")
    return probabilities


def _refuse(bad: NDArray[np.bool_], values: Floats, rule: str, hint: str = "") -> None:
    """Raise for the first bad value, with its index."""
    if np.any(bad):
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"{rule}, got {values[index]} at index {index}{hint}")


@dataclass(frozen=True)
class MeanScore:
    """The mean score of a log of stated distributions.

    Attributes:
        value: the mean of S(q, y) over all rows.
        rows: the number of rows.
        stated: what was done to the stated distributions.

    Example:
        >>> found = BRIER.mean_score([[0.3, 0.3, 0.3]], [0], normalise=True)
        >>> found.rows, found.stated.changed, round(found.value, 4)
        (1, 1, -0.6667)
    """

    value: float
    rows: int
    stated: Normalised

    __repr__ = one_line

    def __str__(self) -> str:
        rows = f"{self.rows} row{'' if self.rows == 1 else 's'}"
        return f"{self.value:.4g} over {rows}" + (f"; {self.stated}" if self.stated.changed else "")


@dataclass(frozen=True)
class MulticlassRule:
    r"""A proper score S(q, y) of a distribution, with its generalised entropy and divergence.

        G(p) = E S(p, y),   d(p, q) = G(p) - E S(q, y) >= 0

    Source: Gneiting and Raftery 2007, theorem 1 and section 3.

    Attributes:
        name: the name of the rule.
        score: S(q, .) for all outcomes, (..., K) -> (..., K), in [-inf, 1]; arguments are not
            checked.
        entropy: G(p), (..., K) -> (...), a convex function (a negative generalised entropy).
        divergence: d(p, q) in closed form, the loss in expected score of the report q.
        equation: the three functions in one line.

    Example:
        >>> BRIER.divergence(np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.5, 0.5])).item()
        1.5
    """

    name: str
    score: Callable[[Floats], Floats]
    entropy: Callable[[Floats], Floats]
    divergence: Callable[[Floats, Floats], Floats]
    equation: str

    __repr__ = one_line

    def mean_score(self, q: ArrayLike, outcome: ArrayLike, *, normalise: bool = False) -> MeanScore:
        """The mean of S(q, y) over a log of stated distributions and outcomes.

        Source: Gneiting and Raftery 2007, section 1, the average score.

        Args:
            q: the stated distributions, (rows, K).
            outcome: index y of what was true, in 0..K-1, for each row.
            normalise: divide rounded distributions by their sums; the result says how many.

        Raises:
            ValueError: a row is not a probability distribution, an outcome is not in 0..K-1, there
                are no rows, or their numbers differ.

        Example:
            >>> BRIER.mean_score([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], [0, 0]).value
            -0.25
        """
        if normalise:
            stated = normalised(q, "q")
        else:
            whole = simplex(q, "q")
            stated = Normalised(whole, int(np.prod(whole.shape[:-1])), 0, 1.0, 1.0)
        probabilities = stated.probabilities
        happened = _indices(outcome, probabilities.shape[-1], "outcome")
        if (
            probabilities.ndim != 2
            or happened.shape != probabilities.shape[:1]
            or not happened.size
        ):
            raise ValueError(
                f"`q` must be (rows, K) and `outcome` (rows,) with at least one row, got"
                f" {probabilities.shape} and {happened.shape}"
            )
        scores = self.score(probabilities)[np.arange(len(happened)), happened]
        return MeanScore(float(scores.mean()), len(happened), stated)

    def expected_score(self, p: ArrayLike, q: ArrayLike, *, normalise: bool = False) -> Floats:
        r"""The expected score E S(q, y) = sum_y p_y S(q, y), with 0 * -inf = 0.

        Source: Savage 1971.

        Args:
            p: the true distribution, (..., K), on the last axis.
            q: the stated distribution, likewise; the two broadcast.
            normalise: divide rounded distributions by their sums, with a warning that says so.

        Raises:
            ValueError: `p` or `q` is not a probability distribution.

        Example:
            >>> LOG.expected_score([1.0, 0.0], [1.0, 0.0]).item()
            0.0
        """
        truth, stated = np.broadcast_arrays(
            simplex(p, "p", normalise=normalise), simplex(q, "q", normalise=normalise)
        )
        scores = self.score(stated)
        return np.asarray(
            np.where(truth > 0, truth * np.where(truth > 0, scores, 0.0), 0.0).sum(axis=-1)
        )

    def expected_reward(
        self,
        p: ArrayLike,
        q: ArrayLike,
        answer: ArrayLike,
        *,
        weight: float,
        normalise: bool = False,
    ) -> Floats:
        """The expected untied reward E R = p_a + lam E S(q, y) of an answer a with distribution q.

        Source: Damani et al. 2025, appendix A, with a distribution instead of one confidence.

        Args:
            p: the true distribution, (..., K), on the last axis.
            q: the stated distribution, likewise.
            answer: index a of the answer, in 0..K-1; it broadcasts over the leading axes.
            weight: lam >= 0.
            normalise: divide rounded distributions by their sums, with a warning that says so.

        Raises:
            ValueError: the weight is negative, an answer is not in 0..K-1, or `p` or `q` is not a
                probability distribution.

        Example:
            >>> p = [0.5, 0.3, 0.2]
            >>> [round(LOG.expected_reward(p, p, a, weight=10.0).item(), 3) for a in range(3)]
            [-9.797, -9.997, -10.097]
        """
        if not weight >= 0:
            raise ValueError(f"`weight` must be >= 0, got {weight}")
        truth = simplex(p, "p", normalise=normalise)
        stated = simplex(q, "q", normalise=normalise)
        named = _indices(answer, truth.shape[-1], "answer")
        accuracy = np.take_along_axis(
            truth, np.broadcast_to(named, truth.shape[:-1])[..., None], axis=-1
        )[..., 0]
        return np.asarray(accuracy + weight * self.expected_score(truth, stated))


def _indices(values: ArrayLike, classes: int, name: str) -> NDArray[np.intp]:
    named = np.asarray(values)
    if not np.issubdtype(named.dtype, np.integer) or (named < 0).any() or (named >= classes).any():
        raise ValueError(f"`{name}` must be an index in 0..{classes - 1}, got {named}")
    return named.astype(np.intp)


def _log(q: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.log(q)


def _relative_entropy(p: Floats, q: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0).sum(axis=-1))


def _norm(q: Floats) -> Floats:
    return np.asarray(np.sqrt((q * q).sum(axis=-1)))


def _spherical_gap(p: Floats, q: Floats) -> Floats:
    """| |q| p - |p| q |^2 / (2 |p| |q|^2), which avoids cancellation and is 0 at q = p."""
    longer, length = _norm(p), _norm(q)
    apart = length[..., None] * p - longer[..., None] * q
    return np.asarray((apart * apart).sum(axis=-1) / (2 * longer * length**2))


BRIER = MulticlassRule(
    "brier",
    score=lambda q: 2 * q - (q * q).sum(axis=-1, keepdims=True) - 1,
    entropy=lambda p: (p * p).sum(axis=-1) - 1,
    divergence=lambda p, q: ((p - q) ** 2).sum(axis=-1),
    equation="S = -sum_k (q_k - [y = k])^2,  G = |p|^2 - 1,  d = |p - q|^2",
)
LOG = MulticlassRule(
    "log",
    score=_log,
    entropy=lambda p: _relative_entropy(p, np.ones_like(p)),
    divergence=_relative_entropy,
    equation="S = log q_y,  G = sum p log p,  d = sum p log(p/q)  (Gibbs)",
)
SPHERICAL = MulticlassRule(
    "spherical",
    score=lambda q: q / _norm(q)[..., None],
    entropy=_norm,
    divergence=_spherical_gap,
    equation="S = q_y/|q|,  G = |p|,  d = |p| - p.q/|q|  (Cauchy-Schwarz)",
)
RULES: Mapping[str, MulticlassRule] = {rule.name: rule for rule in (BRIER, LOG, SPHERICAL)}


def multiclass_critical_weight(tie: Tie, *, binary_critical_weight: float) -> float:
    """The largest weight that is safe for every number of answers.

    It is infinite unless only the top label is scored.

    Args:
        tie: the argument of the score; see `scoring_theory.catalogue.multiclass`.
        binary_critical_weight: lam* of the binary rule, from `check`; the result for "top label".

    Raises:
        ValueError: `tie` is none of the three.

    Source: KClass.v, ClassTies.v in `proofs/coq`; Damani et al. 2025, appendix A, for the binary
        case.

    Example:
        >>> multiclass_critical_weight("mode", binary_critical_weight=1.0)
        inf
        >>> multiclass_critical_weight("top label", binary_critical_weight=1.0)
        1.0
    """
    if tie not in ("untied", "mode", "top label"):
        raise ValueError(f"`tie` must be 'untied', 'mode' or 'top label', got {tie!r}")
    return binary_critical_weight if tie == "top label" else float("inf")
