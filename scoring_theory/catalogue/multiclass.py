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

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from scoring_theory.expression.numeric import Floats

Tie = Literal["untied", "mode", "top label"]


def simplex(values: ArrayLike, name: str) -> Floats:
    """Probability distributions on the last axis: entries >= 0 that sum to 1 within 1e-9.

    Args:
        values: (..., K) with K >= 2.
        name: the name of the argument, for the message.

    Raises:
        ValueError: an entry is negative or not finite, or a sum is not 1; the message has the value
            and its index.

    Example:
        >>> simplex([0.25, 0.75], "q").tolist()
        [0.25, 0.75]
    """
    probabilities = np.asarray(values, dtype=np.float64)
    if probabilities.ndim == 0 or probabilities.shape[-1] < 2:
        raise ValueError(
            f"`{name}` must hold at least two probabilities on its last axis, got shape"
            f" {probabilities.shape}"
        )
    bad = ~(np.isfinite(probabilities) & (probabilities >= 0))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"`{name}` must be >= 0 and finite, got {probabilities[index]} at index {index}"
        )
    sums = probabilities.sum(axis=-1)
    off = np.abs(sums - 1) > 1e-9
    if off.any():
        index = tuple(int(i) for i in np.argwhere(off)[0])
        raise ValueError(f"`{name}` must sum to 1, got {sums[index]} at index {index}")
    return probabilities


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

    def expected_score(self, p: ArrayLike, q: ArrayLike) -> Floats:
        r"""The expected score E S(q, y) = sum_y p_y S(q, y), with 0 * -inf = 0.

        Source: Savage 1971.

        Args:
            p: the true distribution, (..., K), on the last axis.
            q: the stated distribution, likewise; the two broadcast.

        Raises:
            ValueError: `p` or `q` is not a probability distribution.

        Example:
            >>> LOG.expected_score([1.0, 0.0], [1.0, 0.0]).item()
            0.0
        """
        truth, stated = np.broadcast_arrays(simplex(p, "p"), simplex(q, "q"))
        scores = self.score(stated)
        return np.asarray(
            np.where(truth > 0, truth * np.where(truth > 0, scores, 0.0), 0.0).sum(axis=-1)
        )

    def expected_reward(
        self, p: ArrayLike, q: ArrayLike, answer: ArrayLike, *, weight: float
    ) -> Floats:
        """The expected untied reward E R = p_a + lam E S(q, y) of an answer a with distribution q.

        Source: Damani et al. 2025, appendix A, with a distribution instead of one confidence.

        Args:
            p: the true distribution, (..., K), on the last axis.
            q: the stated distribution, likewise.
            answer: index a of the answer, in 0..K-1; it broadcasts over the leading axes.
            weight: lam >= 0.

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
        truth = simplex(p, "p")
        named = np.asarray(answer)
        if (
            not np.issubdtype(named.dtype, np.integer)
            or (named < 0).any()
            or (named >= truth.shape[-1]).any()
        ):
            raise ValueError(f"`answer` must be an index in 0..{truth.shape[-1] - 1}, got {named}")
        accuracy = np.take_along_axis(
            truth, np.broadcast_to(named, truth.shape[:-1])[..., None], axis=-1
        )[..., 0]
        return np.asarray(accuracy + weight * self.expected_score(truth, q))


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
