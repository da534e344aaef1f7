"""The parts that a trainer adds up, and the groups that it drops; each with a verdict."""

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
"""A component whose weight is at most this part of the largest is taken for a logging term."""


def component_verdict(report: Report, components: Components) -> Verdict:
    """Whether the parts add up to the reward, and no part with a tiny weight moves the best report.

    Terms that are only meant to be logged still pay if their weight is not 0: c + S + q/10^6 is
    best reported at q = p + 1e-6, which no tolerance hides from a proof.

    Raises:
        ValueError: parts that do not add up to the reward.
    """
    total = _total(components)
    if not _same(total, report.reward):
        raise ValueError(
            f"the components add up to {total.text!r}, not to the reward {report.reward.text!r}"
        )
    largest = max(abs(Fraction(weight)) for _, weight, _ in components)
    tiny = [name for name, weight, _ in components if 0 < abs(Fraction(weight)) <= TINY * largest]
    if not tiny:
        return Verdict("proved", "no component has a weight so tiny that it must be a logging term")
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
        "undecided", f"whether {named} move the best report is not known: {report.proper.reason}"
    )


def _total(components: Components) -> Reward:
    total = Reward.parse("0")
    for _, weight, part in components:
        total = total + Fraction(weight) * part
    return total


def _same(total: Reward, reward: Reward) -> bool:
    """Equal to 1e-12 of their size at 64 confidences, both outcomes, and up to 24 values of the free parameters."""
    if set(total.free_parameters) != set(reward.free_parameters):
        return False
    grid = np.arange(64) / 63
    for values in sample_values(reward.domains):
        one, other = (each.bind(**values).table(grid) for each in (total, reward))
        with np.errstate(invalid="ignore"):
            if not np.allclose(one, other, rtol=1e-12, atol=1e-12):
                return False
    return True
