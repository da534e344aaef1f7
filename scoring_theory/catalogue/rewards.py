"""Proper rewards that reward correctness on their own, V(1) > V(0). Every claim is tested."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.catalogue.entry import Entry

REWARD_ENTRIES = (
    Entry(
        key="overconfidence",
        title="overconfidence",
        formula="((1 + k*c)*log(1 + k*q) - k*q)/((1 + k)*log(1 + k) - k)",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        role="reward",
        proper="strict",
        critical_weight="1",
        bounded=True,
        notes=(
            "w = k^2/(1 + kq) up to scale: low thresholds have the largest weight. f(0) = g(0) = 0"
            " and f(1) = 1, so that it is a safe reward itself."
        ),
        domains={"k": "k > 0"},
        constants={"k": 5},
    ),
    Entry(
        key="underconfidence",
        title="underconfidence",
        formula="(k*q + (1 + k - k*c)*log(1 - k*q/(1 + k)))/(k - log(1 + k))",
        source="Tan, Lin, Motani and Lee 2026, arXiv 2607.04332",
        role="reward",
        proper="strict",
        critical_weight="1",
        bounded=True,
        notes=(
            "the mirror image: high thresholds have the largest weight. f(0) = g(0) = 0 and"
            " f(1) = 1, so that it is a safe reward itself."
        ),
        domains={"k": "k > 0"},
        constants={"k": 5},
    ),
    Entry(
        key="one_sided",
        title="one-sided",
        formula="q + (1 - c)*log(1 - q)",
        source=(
            "Schervish 1989 with w = 1/(1-t): Kalai's target bets, averaged over a uniform target"
        ),
        role="reward",
        proper="strict",
        critical_weight="1",
        bounded=False,
        notes=(
            "unbounded penalty for confident errors, and yet safe: only the reward of correct"
            " answers must be bounded near q = 0."
        ),
    ),
    Entry(
        key="exponential",
        title="exponential value",
        formula="exp(k*q)*(1 + k*(c - q))",
        source="Savage 1971 with V(p) = exp(k p)",
        role="reward",
        proper="strict",
        critical_weight="inf if k >= 1 else 1/(1 - k)",
        bounded=True,
        notes="V' = k exp(kp) > 0: it rewards accuracy itself, with margin k.",
        domains={"k": "k > 0"},
        constants={"k": 1},
    ),
    Entry(
        key="threshold_bet",
        title="threshold bet",
        formula="(c - t)*(q > t)",
        source=(
            "Shuford, Albert and Massengill 1966; Schervish 1989 (the extreme points of all proper"
            " rules)"
        ),
        role="reward",
        proper="weak",
        critical_weight="inf if t == 0 else 1",
        bounded=True,
        notes="answering earns 1 - t or -t, abstaining 0; only the side of t matters.",
        domains={"t": "0 <= t < 1"},
        constants={"t": Fraction(3, 4)},
    ),
)
