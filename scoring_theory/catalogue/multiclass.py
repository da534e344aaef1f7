r"""A stated distribution over K answers: three proper rules, their divergences, and when a reward with them is safe.

A model states q in the simplex of K answers and names an answer a; the truth y is drawn from p.
Four rewards differ in what the score sees:

* **untied**  R = [a = y] + lam S(q, y), the distribution is scored whatever a is. Then E R = p_a + lam E S(q, y),
  the two terms are chosen separately, and best answer with q = p is optimal *for every lam >= 0*.
* **tied to the mode**  a = argmax q. Then E R = p_(argmax q) + lam (G(p) - d(p, q)) <= max p + lam G(p), and q = p
  attains both bounds at once: again safe *for every lam >= 0*. For lam > 0 and a strictly proper S
  no other *report* is optimal; where p has several modes, each of them is an optimal answer to it.
* **top label only**  the score sees only the confidence of the named answer, S(q_a, [a = y]). The model then chooses
  on which event it is scored. Over all numbers of answers at once, and also when the truth may lie
  outside the K answers, this is the binary case of `check`: safe for lam <= lam* and not beyond.
  With K answers that always contain the truth, the best one has p_a >= 1/K, and more is safe: Brier
  up to (K-1)/(K-2), at K = 2 every weight.
* **top label, tied**  the same with a = argmax q, so that q_a >= 1/K. A proper S is safe if lam (S(1/K, 0) - S(1/K, 1))
  <= 1; for Brier this is exact, lam <= K/(K-2).

So the bound on lam is the price of scoring one number of the model's own choosing. With log, untied
at a = argmax p, E R = max p - lam H(p), which no other (a, q) exceeds; c + lam log-score of the
named answer fails at every lam > 0 once there are enough answers. These statements are Theorems 14
to 17 of `docs/theory.md`, proved in Coq.

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
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Tie = Literal["untied", "mode", "top label"]


def simplex(values: ArrayLike, name: str) -> Floats:
    """Distributions over the last axis, checked: entries >= 0 that sum to 1 within 1e-9.

    Args:
        values: (..., K) with K >= 2.
        name: the argument's name, for the message.

    Raises:
        ValueError: an entry is negative, not finite, or a sum is not 1; the message gives the value
            and its index.

    Example:
        >>> simplex([0.25, 0.75], "q").tolist()
        [0.25, 0.75]
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim == 0 or found.shape[-1] < 2:
        raise ValueError(
            f"`{name}` must hold at least two probabilities on its last axis, got shape"
            f" {found.shape}"
        )
    bad = ~(np.isfinite(found) & (found >= 0))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"`{name}` must be >= 0 and finite, got {found[index]} at index {index}")
    sums = found.sum(axis=-1)
    off = np.abs(sums - 1) > 1e-9
    if off.any():
        index = tuple(int(i) for i in np.argwhere(off)[0])
        raise ValueError(f"`{name}` must sum to 1, got {sums[index]} at index {index}")
    return found


@dataclass(frozen=True)
class MulticlassRule:
    r"""A proper score S(q, y) of a distribution, its G(p) = E S(p, y) and divergence d(p, q) = G(p) - E S(q, y) >= 0.

    Source: Gneiting and Raftery 2007, theorem 1 and section 3.

    Attributes:
        name: of the rule.
        score: S(q, .) for all outcomes: (..., K) -> (..., K), in [-inf, 1]; no argument is checked.
        entropy: G(p), (..., K) -> (...); convex, the negative of a generalised entropy.
        divergence: d(p, q) in closed form, what the report q loses: 0 at q = p and, up to rounding,
            more elsewhere.
        equation: the three in one line.

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
        r"""E S(q, y) = sum_y p_y S(q, y); an outcome of probability 0 counts 0, also where S is -inf.

        Source: Savage 1971.

        Args:
            p: the truth, (..., K), a distribution on the last axis.
            q: the report, likewise; the two broadcast.

        Raises:
            ValueError: `p` or `q` holds no distribution.

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
        """E R = p_a + lam E S(q, y), the untied reward of an answer a and a stated distribution q.

        Source: Damani et al. 2025, appendix A, with a whole distribution in the place of one
            confidence.

        Args:
            p: the truth, (..., K), a distribution on the last axis.
            q: the report, likewise.
            answer: index a of the named answer, in 0..K-1; it broadcasts over the leading axes.
            weight: lam >= 0.

        Raises:
            ValueError: the weight is negative, an answer is not one of 0..K-1, or `p` or `q` holds
                no distribution.

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
    """| |q| p - |p| q |^2 / (2 |p| |q|^2): no small difference of large numbers, and 0 at q = p."""
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
    """The largest weight that is safe for every number of answers: no bound unless only the top label is scored.

    Args:
        tie: what the score sees; see the module's docstring.
        binary_critical_weight: lam* of the binary rule, from `check`; it is the answer for "top
            label".

    Raises:
        ValueError: the tie is none of the three.

    Source: KClass.v, ClassTies.v in `proofs/coq`; Damani et al. 2025, appendix A, for the binary
        case.

    Example:
        >>> [multiclass_critical_weight(tie, binary_critical_weight=1.0) for tie in ("mode", "top label")]
        [inf, 1.0]
    """
    if tie not in ("untied", "mode", "top label"):
        raise ValueError(f"`tie` must be 'untied', 'mode' or 'top label', got {tie!r}")
    return binary_critical_weight if tie == "top label" else float("inf")
