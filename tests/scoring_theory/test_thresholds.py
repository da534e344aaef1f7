"""Rewards from threshold distributions, and what `check` reads off them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from proofs.kernel.formula import parse, parse_domain
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking import check
from scoring_theory.expression import evaluate
from scoring_theory.reward import Reward
from scoring_theory.thresholds import ThresholdDistribution
from tests.support.examples import examples
from tests.support.strategies import threshold_distributions


def test_rlcr_is_the_uniform_mixture_of_mass_two() -> None:
    assert ThresholdDistribution.uniform(mass=2).to_reward() == Reward.parse("c - (q - c)^2")


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 8), (8, 8), (2.5, 1.5), (0.5, 0.5)])
def test_the_formula_is_c_f_minus_m(a: float, b: float) -> None:
    """F and M against scipy: M(q) = a/(a+b) P(Beta(a+1, b) <= q)."""
    reward = ThresholdDistribution.of(betas=((1, a, b),)).to_reward()
    q = np.linspace(0, 1, 21)
    stake = a / (a + b) * stats.beta(a + 1, b).cdf(q)
    np.testing.assert_allclose(reward.payoff(q, 0), -stake, atol=1e-12)
    np.testing.assert_allclose(reward.payoff(q, 1), stats.beta(a, b).cdf(q) - stake, atol=1e-12)


@examples(25)
@given(distribution=threshold_distributions())
def test_there_and_back(distribution: ThresholdDistribution) -> None:
    """`check` reads margin, density and masses off the formula that the distribution gives."""
    report = check(distribution.to_reward())
    assert report.accuracy_margin is not None
    assert Fraction(report.accuracy_margin.exact) == distribution.margin
    *densities, masses = _read(str(report.threshold_density))
    assert masses == {t: m for t, m in distribution.atoms.items() if m and t}
    t = np.linspace(0.05, 0.95, 7)
    expected = sum(
        float(x.mass) * stats.beta(float(x.a), float(x.b)).pdf(t) for x in distribution.parts
    )
    for density in densities:
        np.testing.assert_allclose(evaluate(density, {"t": t}), expected + 0 * t, atol=1e-9)


def _read(text: str) -> list[Any]:
    """The density on each piece, and the masses by threshold."""
    densities, masses = [], {}
    for part in text.split("; "):
        if part.startswith("mass "):
            mass, at = part.removeprefix("mass ").split(" at t = ")
            masses[Fraction(at)] = Fraction(mass)
        else:
            densities.append(parse(part.partition(" on ")[0], variables=("t",)))
    return [*densities, masses]


@pytest.mark.parametrize(
    ("key", "margin", "density"),
    [  # margins are minus 1/lam*; densities are V''
        ("brier", "-1", "2"),
        ("log", "-inf", "1/(t*(1 - t))"),
        ("one_sided", "0", "1/(1 - t)"),
        ("one_sided_log", "-inf", "1/t"),
        ("spherical", "-1", "1/(1 - 2*t + 2*t^2)^(3/2)"),
        (
            "clipped_log",
            "-log(999)",
            "0 on (0, 1/1000); 1/(t*(1 - t)) on (1/1000, 999/1000); 0 on (999/1000, 1)",
        ),
        ("winkler", "-20/3", "200/9 on (0, 3/10); 200/49 on (3/10, 1)"),
        ("exponential", "1", "exp(t)"),
        ("threshold_bet", "0", "0 on (0, 3/4); 0 on (3/4, 1); mass 1 at t = 3/4"),
        ("zero_one", "-1", "0 on (0, 1/2); 0 on (1/2, 1); mass 2 at t = 1/2"),
    ],
)
def test_densities_of_the_catalogue(key: str, margin: str, density: str) -> None:
    report = check(CATALOGUE[key]())
    assert report.accuracy_margin is not None
    assert (report.accuracy_margin.exact, report.threshold_density) == (margin, density)


@pytest.mark.parametrize("key", [k for k, r in CATALOGUE.items() if r.proper == "no"])
def test_a_foil_has_no_thresholds(key: str) -> None:
    assert check(CATALOGUE[key]()).threshold_density is None


@pytest.mark.parametrize(
    "formula", ["(q > 1/2)*c", "(1/2 - c)*(q > 1/2)"]
)  # no bet, and a bet of mass -1
def test_a_jump_that_is_no_bet(formula: str) -> None:
    assert check(formula).threshold_density is None


def test_scipy_distributions() -> None:
    assert ThresholdDistribution.from_scipy(stats.beta(2, 8)).parts[0].b == 8
    assert ThresholdDistribution.from_scipy(stats.uniform()) == ThresholdDistribution.uniform()
    assert ThresholdDistribution.from_scipy(stats.beta(a=2, b=3), mass=2).total == 2
    assert ThresholdDistribution.from_scipy(stats.beta(2, b=3)).parts[0].b == 3
    with pytest.raises(
        ValueError, match=r"`truncnorm` on .* has no closed form here; `design` approximates it"
    ):
        ThresholdDistribution.from_scipy(stats.truncnorm(-2, 2, loc=0.5, scale=0.2))
    with pytest.raises(ValueError, match=r"the thresholds must lie in \[0, 1\]"):
        ThresholdDistribution.from_scipy(stats.norm())


def test_the_cdf_is_f_minus_g() -> None:
    distribution = ThresholdDistribution.of(atoms={0.5: "1/3"}, betas=(("2/3", 1, 1),))
    np.testing.assert_allclose(distribution.cdf([0, 0.25, 0.75, 1]), [0, 1 / 6, 1 / 2 + 1 / 3, 1])
    assert distribution.total == 1
    assert distribution.strict


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"atoms": {1.5: 1}}, r"a threshold must lie in \[0, 1\], got 3/2"),
        ({"atoms": {0.5: -1}}, "must be nonnegative, got -1"),
        ({"betas": ((1, 0, 1),)}, "shapes of a Beta part must be positive"),
        ({"betas": ((-1, 1, 1),)}, "mass of a Beta part must be nonnegative"),
    ],
)
def test_domains(bad, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ThresholdDistribution.of(**bad)


def test_a_support_that_misses_zero_by_rounding_is_meant_to_begin_there() -> None:
    from scipy import stats

    from scoring_theory.thresholds import support

    m, s = (
        0.11750656725227107,
        0.5537805526724185,
    )  # found by the thousand drawn designs: begins at -1.4e-17
    assert support(stats.truncnorm(-m / s, (1 - m) / s, loc=m, scale=s))[0] == 0
    with pytest.raises(ValueError, match="must lie in"):
        support(stats.uniform(-1e-9, 0.5))


@pytest.mark.parametrize("domain", ["-1 < t < 2", "0 <= t <= 2", "0 <= t <= 1", "0 < t < 1"])
def test_the_density_of_a_moving_threshold_is_that_of_every_fixed_one(domain: str) -> None:
    """A bet at t in (0, 1) adds a mass of 1 there; for t outside of [0, 1] it adds none."""
    text = "c - (q - c)^2 + (q > t)*(c - t)"
    told = str(check(text, t=domain).threshold_density)
    bet, plain = check(text, t="0 < t < 1").threshold_density, check(text, t=1.5).threshold_density
    assert (bet, plain) == ("2 on (0, t); 2 on (t, 1); mass 1 at q = t", "2")
    assert check(text, t=-0.5).threshold_density == plain
    beyond = Fraction(3, 2) in parse_domain(domain)[1]
    assert told == (f"({bet}) if 0 < t < 1 else {plain}" if beyond else bet)
