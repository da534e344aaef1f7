r"""A KL penalty inside the reward: where confidence settles for a stated prior, with bounds.

    pi(q) proportional to pi0(q) exp(U(p, q) / beta)

maximises the expected reward minus beta times the KL divergence from the prior pi0 (Theorems 38 and
50). It is honest only in the limit beta -> 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc

from scoring_theory.advantage.trainers import Outcomes, Trainer
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report
    from scoring_theory.expression.numeric import Floats
    from scoring_theory.reward import Reward

_CELLS = 20_000
"""Cells of [0, 1]; a bound is wider by the height of the density times the width of one cell."""
_TRUTHS = tuple(n / 10 for n in range(1, 10))
"""The success probabilities of the table."""
_BETA = re.compile(r"\s*beta\s*\(\s*([0-9./]+)\s*,\s*([0-9./]+)\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settled:
    """Mean and standard deviation of the confidence that a KL penalty leaves at one p.

    Attributes:
        success_probability: p.
        least: a lower bound on the mean.
        most: an upper bound on the mean.
        deviation: the standard deviation, to within the width of the bounds.

    Example:
        >>> print(Settled(0.9, 0.8298, 0.8300, 0.1143))
        p = 0.9: mean 0.830, sd 0.114
    """

    success_probability: float
    least: float
    most: float
    deviation: float

    @property
    def mean(self) -> float:
        """The middle of the bounds."""
        return (self.least + self.most) / 2

    @property
    def bias(self) -> float:
        """An upper bound on |mean - p|."""
        p = self.success_probability
        return max(abs(self.least - p), abs(self.most - p))

    def __str__(self) -> str:
        return f"p = {self.success_probability:g}: mean {self.mean:.3f}, sd {self.deviation:.3f}"


def settled(reward: Reward, p: float, beta: float, prior: str = "uniform") -> Settled:
    """The mean confidence under pi0 exp(U / beta), between a lower and an upper sum.

    On a proper reward U(p, q) rises up to q = p and falls beyond, so that its extreme values on a
    cell are those at its ends, or at p; the mass of a cell under the prior is exact. Only rounding
    errors of floats, below 1e-9, are not in the bounds.

    Args:
        reward: a proper reward without free parameters.
        p: the success probability, inside (0, 1).
        beta: the coefficient of the penalty, positive.
        prior: "uniform" or "Beta(a, b)".

    Raises:
        ValueError: the prior is neither, or `beta` is not positive.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> print(settled(Reward.parse("c - (q - c)^2"), 0.9, 0.05))
        p = 0.9: mean 0.830, sd 0.114
    """
    (found,) = _settled(reward, (p,), beta, prior)
    return found


def _settled(reward: Reward, truths: Sequence[float], beta: float, prior: str) -> list[Settled]:
    """The same for several p, for which the payoffs are computed once."""
    if not beta > 0:
        raise ValueError(f"`kl` must be positive, got {beta}")
    ends = np.unique(np.append(np.linspace(0, 1, _CELLS + 1), truths))
    mass, middle = np.diff(_distribution(prior)(ends)), (ends[:-1] + ends[1:]) / 2
    wrong, right = reward.table(ends)
    found = []
    for p in truths:
        paid = p * right + (1 - p) * wrong
        # A report of 0 or 1 may earn -inf; its cell then has weight 0 at one end.
        height = np.exp((paid - paid.max()) / beta)
        low, high = np.minimum(height[:-1], height[1:]), np.maximum(height[:-1], height[1:])
        least, most, weight = mass @ low, mass @ high, mass * (low + high) / 2
        mean = weight @ middle / weight.sum()
        found.append(
            Settled(
                p,
                float(mass @ (low * ends[:-1]) / most),
                float(min(1.0, mass @ (high * ends[1:]) / least)) if least > 0 else 1.0,
                float(np.sqrt(weight @ (middle - mean) ** 2 / weight.sum())),
            )
        )
    return found


def kl_verdict(
    report: Report, trainer: Trainer, outcomes: Outcomes, *, prior: str, bias: float | None
) -> tuple[Verdict | None, tuple[str, str] | None]:
    """Whether confidence settles at p under the trainer's KL penalty, and a row with the table.

    Args:
        report: the check of the reward.
        trainer: its `kl` is beta.
        outcomes: how correctness is correlated within a group.
        prior: "uniform" or "Beta(a, b)": the confidences of the reference policy.
        bias: the largest accepted |mean - p|; None accepts none.

    Returns:
        None without a penalty in the reward.

    Example:
        >>> from scoring_theory import check
        >>> rloo = Trainer(estimator="leave_one_out", kl=Fraction(1, 20))
        >>> verdict, row = kl_verdict(
        ...     check("c - (q - c)^2"), rloo, "independent", prior="uniform", bias=None
        ... )
        >>> verdict.status, verdict.witness["p"]
        ('refuted', '1/10')
    """
    if not trainer.kl:
        return None, None
    _distribution(prior)
    beta, reward = float(trainer.kl), report.reward
    limit = "honesty is the limit of small beta"
    if not trainer.affine_given_the_others(outcomes):
        why = f"{limit}; an advantage that is not affine in the reward has no closed form"
        return Verdict("undecided", why), None
    if report.strictly_proper.status != "proved" or reward.free_parameters:
        why = f"{limit}; the bias is computed for a strictly proper reward without free parameters"
        return Verdict("undecided", why), None
    table = _settled(reward, _TRUTHS, beta, prior)
    row = (
        f"KL, prior {prior}",
        f"{'; '.join(map(str, table))} (pi0 exp(U/beta), beta = {beta:g})",
    )
    worst, largest = max(table, key=_proved_bias), max(at.bias for at in table)
    if bias is not None and largest <= bias:
        reason = f"the mean confidence is within {largest:.3f} of p at p = .1 to .9"
        return Verdict("proved", reason), row
    p = Fraction(round(10 * worst.success_probability), 10)
    reason = (
        f"{limit}; with beta = {beta:g} and the prior {prior}, confidence settles at a mean between"
        f" {worst.least:.4f} and {worst.most:.4f} at p = {p}, biased by up to"
        f" {largest:.3f} at p = .1 to .9"
    )
    if _proved_bias(worst) <= 0:
        return Verdict("undecided", f"{limit}; at p = .1 to .9 its bounds contain p"), row
    ends = {"mean_at_least": f"{worst.least:.6f}", "mean_at_most": f"{worst.most:.6f}"}
    witness = {"p": str(p), "beta": str(trainer.kl), "prior": prior, **ends}
    return Verdict("refuted", reason, witness), row


def _proved_bias(at: Settled) -> float:
    """By how much the mean surely differs from p; not positive where the bounds contain p."""
    return max(at.least - at.success_probability, at.success_probability - at.most)


def _distribution(prior: str) -> Callable[[Floats], Floats]:
    """The distribution function of a prior by its name."""
    if prior.strip().lower() == "uniform":
        return lambda q: q
    found = _BETA.fullmatch(prior)
    try:
        a, b = (float(Fraction(part)) for part in found.groups()) if found else (0.0, 0.0)
    except (ValueError, ZeroDivisionError):
        a = b = 0.0
    if not (a > 0 and b > 0):
        raise ValueError(f'`prior` must be "uniform" or "Beta(a, b)" with a, b > 0, got {prior!r}')
    return lambda q: np.asarray(betainc(a, b, q), dtype=np.float64)
