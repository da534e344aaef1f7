"""Design of rewards: say where confidence will be used, get a reward that is safe; repair a reward that is not.

Designing a safe reward is choosing a distribution of decision thresholds (DESIGN section 2.5): mass at t pays for
confidence that is right on the question "is p above t?", mass at 0 pays for accuracy itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs.formula_text import fold
from proofs.kernel.formula import CONFIDENCE, Number, parse
from scoring_theory.reward import Reward
from scoring_theory.rules import correctness
from scoring_theory.thresholds import Amount, ThresholdDistribution, amount, from_reward

_DECIMALS = 10**6


def design(*, thresholds: Any, margin: Amount = 0, total_range: Amount = 1, name: str = "") -> Reward:
    """A proper and jointly optimal reward for decisions at given thresholds.

        R(q, c) = margin c + (total_range - margin) (c F(q) - M(q))

    Args:
        thresholds: a `ThresholdDistribution`, a frozen `scipy.stats` beta or uniform, a list of thresholds (alike), or
            a mapping of thresholds to shares. Only shares count; the mass is set by `total_range`.
        margin: what one more unit of success probability pays at least, beside calibration; 0 <= margin <= total_range.
        total_range: the difference between the largest and the smallest payoff.
        name: what to call the reward.

    Raises:
        ValueError: a number outside its domain, or no thresholds.

    Example:
        >>> design(thresholds=[0.5, 0.9], margin=0.2).text
        '2/5*(c - 1/2)*(1/2 < q) + 2/5*(c - 9/10)*(9/10 < q) + 1/5*c'
    """
    spread, bonus = amount(total_range, "`total_range`"), amount(margin, "`margin`")
    if spread <= 0:
        raise ValueError(f"`total_range` must be positive, got {spread}")
    if not 0 <= bonus <= spread:
        raise ValueError(f"`margin` must lie in [0, total_range] = [0, {spread}], got {bonus}")
    distribution = _distribution(thresholds)
    if distribution.total == 0:
        raise ValueError("`thresholds` must carry some mass, got none")
    paid = distribution.scaled((spread - bonus) / distribution.total).to_reward()
    whole = paid + bonus * correctness if bonus else paid
    return whole.called(name)


def _distribution(thresholds: Any) -> ThresholdDistribution:
    if isinstance(thresholds, ThresholdDistribution):
        return thresholds
    if isinstance(thresholds, Mapping):
        return ThresholdDistribution.of(atoms=thresholds)
    if isinstance(thresholds, Sequence) and not isinstance(thresholds, str):
        shares: dict[Fraction, Fraction] = {}
        for threshold in thresholds:
            at = amount(threshold, "a threshold")
            shares[at] = shares.get(at, Fraction(0)) + 1
        return ThresholdDistribution(shares)
    if hasattr(thresholds, "support"):
        return ThresholdDistribution.from_scipy(thresholds)
    raise ValueError(
        f"`thresholds` must be a list, a mapping, a ThresholdDistribution or a scipy distribution, got {thresholds!r}"
    )


@dataclass(frozen=True)
class Repair:
    """A repaired reward, and what was done to it.

    Attributes:
        reward: c + weight (R - c), proper and jointly optimal.
        weight: the share of R - c that is kept; 1 if nothing had to change.
        margin: f(0+) - g(0) of the reward as given.
        reason: one sentence.
    """

    reward: Reward
    weight: Fraction
    margin: str
    reason: str


def repair(reward: Reward) -> Repair:
    """The nearest safe reward c + lam (R - c): the largest lam <= 1 that keeps honest, better answers the best.

        lam* = 1 / (1 - m),   m = f(0+) - g(0) of R

    Where lam* is irrational it is rounded down to six decimals, which is safe.

    Raises:
        ValueError: R is not proper (no weight beside correctness makes it honest), or m = -inf (no weight is safe).

    Example:
        >>> repair(Reward.parse("c - 2*(q - c)^2")).reward.text
        'c - (q - c)^2'
    """
    reading = _proper_reading(reward)
    margin = reading.margin
    if margin == "-inf":
        raise ValueError(
            f"no weight makes {reward.text!r} safe: a right answer with q near 0 loses without bound, so that on a hard"
            " question a deliberately wrong answer is better; bound the correct side (clip q, or take design(...))"
        )
    value, is_exact = _value(margin)
    if value >= 0:
        return Repair(reward, Fraction(1), margin, "nothing to repair: the margin is not negative")
    critical = 1 / (1 - value)
    weight = critical if is_exact else Fraction(int(critical * _DECIMALS), _DECIMALS)
    repaired = correctness + weight * (reward - correctness)
    repaired = repaired.called(f"repaired {reward.name}" if reward.name else "")
    return Repair(repaired, weight, margin, f"margin {margin} < 0: scoring part scaled by {weight}")


def _value(text: str) -> tuple[Fraction, bool]:
    node = fold(parse(text))
    if isinstance(node, Number):
        return node.value, True
    from scoring_theory.expression import evaluate

    return Fraction(float(evaluate(node, {CONFIDENCE: 0.0}))), False


def _proper_reading(reward: Reward) -> Any:
    from scoring_theory.expression import evaluate

    try:
        reading = from_reward(reward)
    except ValueError as error:
        raise ValueError(f"{reward.text!r} is not repaired, because it is not proper: {error}") from error
    grid = [n / 512 for n in range(1, 512)]
    heights = evaluate(parse(reading.density, variables=("t",)), {"t": grid})
    for t, height in zip(grid, heights.tolist(), strict=True):
        if height < -1e-12:
            raise ValueError(
                f"{reward.text!r} is not repaired, because it is not proper: its threshold density is {height:.6g}"
                f" at t = {t}"
            )
    return reading
