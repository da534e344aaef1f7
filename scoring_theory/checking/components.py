"""The verdict on the components of a reward that a trainer adds up."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from proofs.search.prover import Prover
from proofs.search.samples import sample_values
from scoring_theory.advantage.stability import Components
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report


TINY = Fraction(1, 1000)
"""A component whose weight is at most this share of the largest counts as a logging term."""


def component_verdict(report: Report, components: Components) -> Verdict:
    """Whether the components add up to the reward, and none of a tiny weight makes it improper.

    Terms that are only meant for logging still count if their weight is not 0: the optimal report
    of c + S + q/10^6 is p + 1e-6, and an exact proof has no tolerance.

    Raises:
        ValueError: the components do not add up to the reward.

    Example:
        >>> from scoring_theory import Reward, check
        >>> parts = [("score", 1, Reward.parse("c - (q - c)^2")), ("log", 1e-6, Reward.parse("q"))]
        >>> component_verdict(check("c - (q - c)^2 + q/10^6"), parts).status
        'refuted'
    """
    total = _total(components)
    if not _same(total, report.reward):
        raise ValueError(
            f"the components add up to {total.text!r}, not to the reward {report.reward.text!r}"
        )
    largest = max(abs(Fraction(weight)) for _, weight, _ in components)
    tiny = [name for name, weight, _ in components if 0 < abs(Fraction(weight)) <= TINY * largest]
    if not tiny:
        return Verdict("proved", "no component has so small a weight that it is a logging term")
    named = ", ".join(tiny)
    rest = _total([part for part in components if part[0] not in tiny])
    without = Prover(rest.text, rest.parameters).proper.decision
    if report.proper.status == "refuted" and without == "proved":
        return replace(
            report.proper, reason=f"without {named} the reward is proper; {report.proper.reason}"
        )
    if report.proper.status == "proved":
        return Verdict("proved", f"the reward is proper with {named} as well")
    return Verdict(
        "undecided",
        f"whether {named} changes the optimal report is not known: {report.proper.reason}",
    )


def _total(components: Components) -> Reward:
    total = Reward.parse("0")
    for _, weight, part in components:
        total = total + Fraction(weight) * part
    return total


def _same(total: Reward, reward: Reward) -> bool:
    """Whether two rewards agree to a relative error of 1e-12.

    They are compared at 64 confidences, for both outcomes, and at up to 24 values of the free
    parameters.
    """
    if set(total.free_parameters) != set(reward.free_parameters):
        return False
    grid = np.arange(64) / 63
    for values in sample_values(reward.domains):
        summed, checked = (either.bind(**values).table(grid) for either in (total, reward))
        with np.errstate(invalid="ignore"):
            if not np.allclose(summed, checked, rtol=1e-12, atol=1e-12):
                return False
    return True
