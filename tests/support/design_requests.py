"""What users may ask of `design` and `repair`, drawn by hypothesis."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from scipy import stats

from scoring_theory.catalogue import CATALOGUE, correctness
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Stretch, ThresholdDistribution
from tests.support.strategies import rules, threshold_distributions

_unit = st.fractions(0, 1, max_denominator=20)
_inner = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
_some = st.fractions(-3, 3, max_denominator=8)


@st.composite
def stretches(draw: st.DrawFn) -> ThresholdDistribution:
    low, high = sorted(draw(st.lists(_unit, min_size=2, max_size=2, unique=True)))
    mass = draw(st.fractions(Fraction(1, 10), 3, max_denominator=10))
    return draw(threshold_distributions()) + ThresholdDistribution(
        stretches=(Stretch(mass, low, high),)
    )


scipy_distributions = st.one_of(
    st.builds(stats.beta, st.integers(1, 5), st.integers(1, 5)),
    st.builds(stats.beta, st.sampled_from([0.5, 1.5, 2.25]), st.sampled_from([0.75, 1.5, 3.5])),
    st.builds(lambda low, width: stats.uniform(low, width), st.floats(0, 0.5), st.floats(0.1, 0.5)),
    st.builds(stats.triang, st.floats(0.1, 0.9)),
    st.builds(
        lambda m, s: stats.truncnorm(-m / s, (1 - m) / s, loc=m, scale=s),
        st.floats(0, 1),
        st.floats(0.1, 1),
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly such that they can be met; margins and curvatures now and then too large, thresholds
    missing or 1.
    """
    thresholds = draw(
        st.one_of(
            threshold_distributions(),
            stretches(),
            st.lists(_inner, max_size=4),
            st.dictionaries(_unit, st.fractions(0, 3, max_denominator=5), max_size=4),
            scipy_distributions,
        )
    )
    whole = draw(st.fractions(Fraction(1, 4), 4, max_denominator=4))
    shares = [draw(st.fractions(0, Fraction(11, 20), max_denominator=20)) for _ in range(2)]
    return {
        "thresholds": thresholds,
        "margin": whole * shares[0],
        "curvature": whole * shares[1],
        "total_range": whole,
        "pieces": draw(st.integers(2, 6)),
    }


@st.composite
def broken_rewards(draw: st.DrawFn) -> Reward:
    """Proper but unsafe, improper, piecewise linear, stepped, quadratic; sometimes a safe one."""
    kind = draw(st.sampled_from(["weighted", "foil", "linear", "stepped", "quadratic"]))
    if kind == "weighted":
        _, member = draw(rules().filter(lambda pair: pair[0].critical_weight is not None))
        return correctness + draw(st.fractions(1, 4, max_denominator=4)) * member
    if kind == "foil":
        named = draw(st.sampled_from([rule for rule in CATALOGUE.values() if rule.proper == "no"]))
        return correctness + draw(st.fractions(Fraction(1, 2), 3, max_denominator=4)) * named()
    a, b, d, e = (draw(_some) for _ in range(4))
    k = draw(_inner)
    if kind == "quadratic":
        return Reward.parse(f"{a}*c + ({b})*(q - c)^2 + ({d})*q + ({e})*c*q")
    corner = f"abs(q - {k})" if kind == "linear" else f"(q > {k})"
    return Reward.parse(f"c*({a} + ({b})*{corner}) + (1 - c)*(({d})*{corner} + ({e})*q)")
