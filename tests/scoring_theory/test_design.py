"""Designed rewards are what was asked for; approximations keep their bound; repaired rewards are
the closest.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import nnls

from proofs.kernel.verifier import verify
from scoring_theory.catalogue import CATALOGUE, brier, correctness, log
from scoring_theory.checking import check
from scoring_theory.designing import design, repair
from scoring_theory.designing.distance import Mesh, distance_squared
from scoring_theory.designing.repair import even, repairable, scaled
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Stretch, ThresholdDistribution
from scoring_theory.thresholds.approximation import approximate, without_betas

GRID = np.linspace(0, 1, 101)


# ------------------------------------------------------------------------------------------- design


def test_known_designs() -> None:
    assert design(thresholds=stats.uniform(), total_range=2).reward == Reward.parse("c - (q - c)^2")
    assert design(curvature=2, total_range=2).reward == Reward.parse("c - (q - c)^2")
    assert design(thresholds=[0.75]).reward == CATALOGUE["threshold_bet"](t=0.75)
    assert design(thresholds={0.5: 1, 0.9: 3}, name="mine").reward.name == "mine"
    assert design(thresholds=stats.uniform(), margin=1).reward == correctness
    gates = design(thresholds=[0.5, 0.9])
    assert (
        design(thresholds=np.array([0.5, 0.9])).text
        == design(thresholds={0.9, 0.5}).text
        == gates.text
    )


def test_gates_with_margin_and_curvature() -> None:
    """Retrieval at .6, review at .9: range 2 = margin 1/5 + curvature 1/2 + 13/20 + 13/20."""
    made = design(thresholds=[0.6, 0.9], margin="1/5", curvature=0.5, total_range=2)
    assert made.thresholds.atoms == {Fraction(0): Fraction(1, 5), Fraction(3, 5): Fraction(13, 20),
                                     Fraction(9, 10): Fraction(13, 20)}  # fmt: skip
    assert made.report.outcome() == "holds"
    read = (
        "1/2 on (0, 3/5); 1/2 on (3/5, 9/10); 1/2 on (9/10, 1); mass 13/20 at t = 3/5; mass 13/20"
        " at t = 9/10"
    )
    assert (str(made.report.accuracy_margin), made.report.threshold_density) == ("1/5 = 0.2", read)
    assert made.exact
    for certificate in made.certificates:
        verify(certificate)


@pytest.mark.parametrize(
    "asked",
    [
        stats.truncnorm(-2, 2, loc=0.5, scale=0.2),
        stats.beta(2, 3, loc=0.2, scale=0.6),
        stats.triang(0.3),
        stats.arcsine(),
        stats.truncexpon(5, scale=0.2),
    ],
)
@pytest.mark.parametrize("pieces", [1, 4, 16])
def test_an_approximation_keeps_its_bound(asked, pieces: int) -> None:
    """Against scipy's own cdf, at points that the approximation did not see."""
    found = approximate(asked, pieces=pieces)
    q = np.concatenate([np.linspace(0, 1, 7919), stats.beta(0.3, 0.3).ppf(np.linspace(0, 1, 997))])
    gap = np.abs(sum(float(s.mass) * stats.uniform(float(s.low), float(s.high - s.low)).cdf(q)
                     for s in found.thresholds.stretches) - asked.cdf(q)).max()  # fmt: skip
    assert found.thresholds.total == 1
    assert len(found.thresholds.stretches) <= pieces
    assert gap <= found.error <= 2 * gap + 0.02


def test_payoffs_of_an_approximation_are_off_by_no_more_than_said() -> None:
    """R(q, 1) = (1-q) F + int F and R(q, 0) = int F - q F, by quadrature of scipy's cdf."""
    asked = stats.truncnorm(-1, 3, loc=0.25, scale=0.25)
    made = design(thresholds=asked, total_range=3, margin=1, pieces=8)
    assert 0 < made.distribution_error < 0.2
    assert (
        made.distribution_error == 2 * approximate(asked, pieces=8).error
    )  # of the range 3, 2 go to thresholds
    fine = np.linspace(0, 1, 20_001)
    cdf = 1 + 2 * asked.cdf(fine)
    whole = np.concatenate([[0.0], np.cumsum((cdf[1:] + cdf[:-1]) / 2) * (fine[1] - fine[0])])
    for c, exact in ((1, (1 - fine) * cdf + whole), (0, whole - fine * cdf)):
        off = np.abs(made.reward.payoff(fine, c) - exact)[1:].max()
        assert 1e-4 < off <= 2 * made.distribution_error + 1e-6
    finer = design(thresholds=asked, total_range=3, margin=1, pieces=16)
    assert finer.distribution_error < made.distribution_error / 2


def test_uniform_on_an_interval_is_exact() -> None:
    made = design(thresholds=stats.uniform(0.1, 0.2))
    assert made.exact
    assert made.thresholds.stretches == (Stretch(Fraction(1), Fraction(1, 10), Fraction(3, 10)),)
    q = np.array([0.05, 0.2, 0.3, 0.7])
    np.testing.assert_allclose(
        made.reward.payoff(q, 1) - made.reward.payoff(q, 0), [0, 0.5, 1, 1], atol=1e-12
    )
    assert made.report.strict is False


def test_stretches_pay_what_a_clipped_brier_score_pays() -> None:
    """Density 2 on [a, b]: -(clip(q, a, b) - c)^2 + (a - c)^2."""
    made = ThresholdDistribution(
        stretches=(Stretch(Fraction(1), Fraction(1, 4), Fraction(3, 4)),)
    ).to_reward()
    brier_between = Reward.parse("-(clip(q, 1/4, 3/4) - c)^2 + (1/4 - c)^2")
    np.testing.assert_allclose(made.table(GRID), brier_between.table(GRID), atol=1e-12)


@pytest.mark.parametrize(
    ("a", "b"),
    [pytest.param(a, b, marks=pytest.mark.slow) for a, b in ((1000, 1500), (1000, 1000))],
)
def test_a_beta_too_narrow_for_a_proof_is_approximated(a: int, b: int) -> None:
    """The distribution function is f - g; scipy's is the oracle. B(1000, 1000) is below the least
    positive float. Its quick neighbour designs one on the command line.
    """
    made = design(thresholds=stats.beta(a, b), margin="1/10")
    assert made.report.safe
    assert made.thresholds.margin == Fraction(1, 10)
    assert 0 < made.distribution_error < 0.02
    wrong, right = made.reward.table(GRID[1:])
    assert (
        np.abs(right - wrong - 0.1 - 0.9 * stats.beta(a, b).cdf(GRID[1:])).max()
        <= made.distribution_error
    )
    assert design(thresholds=stats.beta(60, 60)).exact


def test_parts_that_are_alike_are_counted_each() -> None:
    narrow = (1, 40, 100)
    found = without_betas(
        ThresholdDistribution.of(atoms={"1/2": 1}, betas=(narrow, narrow, (1, 1, 1))), pieces=4
    )
    assert (found.thresholds.total, found.thresholds.atoms[Fraction(1, 2)]) == (4, 1)
    assert [part.mass for part in found.thresholds.parts] == [1]
    assert found.error == pytest.approx(approximate(stats.beta(40, 100), pieces=4).error / 2)


def test_curvature_is_the_least_density_of_all_parts() -> None:
    parts = ThresholdDistribution.uniform(mass="1/4")
    halves = tuple(
        Stretch(Fraction(m), Fraction(a), Fraction(b)) for m, a, b in ((1, 0, "1/2"), (2, "1/2", 1))
    )
    assert (parts + ThresholdDistribution(stretches=halves)).curvature == Fraction(9, 4)
    assert (parts + ThresholdDistribution(stretches=halves[:1])).curvature == Fraction(1, 4)
    assert ThresholdDistribution(stretches=halves).strict
    assert not ThresholdDistribution(stretches=halves[:1]).strict


def test_the_trade_off_is_what_lies_cost() -> None:
    """int over p in [0, 1-d] of U(p, p) - U(p, p+d) is d^2/2 for each unit of mass in [d, 1-d],
    wherever it is.
    """
    d, p = 0.1, (np.arange(100_000) + 0.5) / 100_000 * 0.9
    for thresholds in ([0.3], [0.6, 0.8], stats.uniform(0.2, 0.5)):
        made = design(thresholds=thresholds, margin=0.25, total_range=2)
        cost = (
            made.reward.expected_reward(p, p) - made.reward.expected_reward(p, p + d)
        ).mean() * 0.9
        curve = made.trade_off()
        pull = np.interp(0.25, curve.margin, curve.pull)
        assert cost == pytest.approx(pull * d**2 / 2, rel=1e-3)
    assert design(thresholds=[0.5], curvature=0.5, total_range=2).trade_off().margin[-1] == 1.5


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"thresholds": [0.5], "margin": 2},
            r"`margin` must lie in \[0, total_range\] = \[0, 1\], got 2: the margin is",
        ),
        ({"thresholds": [0.5], "margin": -1}, r"`margin` must lie in"),
        (
            {"thresholds": [0.5], "curvature": 0.6, "margin": 0.5},
            r"`curvature` must lie in .* = \[0, 1/2\], got 3/5",
        ),
        ({"thresholds": [0.5], "curvature": -1}, r"`curvature` must lie in"),
        ({"thresholds": [0.5], "total_range": 0}, "`total_range` must be positive, got 0"),
        (
            {"thresholds": [], "margin": 0.25},
            r"use 1/4 of the range 1: `thresholds` must have mass .* remaining 3/4",
        ),
        ({"thresholds": "uniform"}, "`thresholds` must be a list"),
        ({"thresholds": [1.2]}, r"a threshold must lie in \[0, 1\]"),
        ({"thresholds": [0.5, 1]}, "a threshold of 1 is never passed"),
        (
            {"thresholds": stats.bernoulli(0.3)},
            "a discrete distribution is not accepted; give a mapping",
        ),
        ({"thresholds": stats.beta}, "the distribution is not frozen"),
        ({"thresholds": stats.norm(0.5, 0.1)}, r"the thresholds must lie in \[0, 1\]"),
        ({"thresholds": stats.triang(0.5), "pieces": 0}, "`pieces` must be positive"),
        ({"thresholds": stats.triang(0.5, loc=0.5, scale=1e-6)}, "is one threshold"),
    ],
)
def test_what_cannot_be_designed(options, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        design(**options)


# ----------------------------------------------------------------------------------------- distance


@pytest.mark.parametrize(
    ("one", "other", "squared"),
    [  # by hand: variance of c is 1/4; of c q over q uniform: 1/6 - 1/16; of q: 1/12
        ("c", "3", Fraction(1, 4)),
        ("c*q", "0", Fraction(5, 48)),
        ("q", "c - c", Fraction(1, 12)),
        ("(q > 1/3)*c", "0", Fraction(1, 3) - Fraction(1, 9)),
        ("c + 7", "c", Fraction(0)),
    ],
)
def test_distances_by_hand(one: str, other: str, squared: Fraction) -> None:
    assert distance_squared(Reward.parse(one), Reward.parse(other))[1] == squared


def test_the_distance_of_the_log_score() -> None:
    """1/2 (2 + 2) - 1 = 1: the integral of log^2 is 2, of log -1."""
    squared, exact = distance_squared(log, Reward.parse("0"))
    assert exact is None
    assert squared == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "c/(q - 1/3)",
        "c/(q - 1/7)^2",
        "c*abs(q - 1/3)^(-1/2)",
        "c/q",
        "(c - 1)/(1 - q)",
        "c/sqrt(q)",
    ],
)
def test_payoffs_whose_square_has_no_integral_have_no_distance(text: str) -> None:
    """Between the nodes of a quadrature a pole looks finite: c/(q - 1/3) was once repaired, at a
    distance of 173.
    """
    with pytest.raises(ValueError, match="no finite distance from any safe reward"):
        repair(Reward.parse(text))


def test_a_pole_whose_square_has_an_integral_has_a_distance() -> None:
    """1/2 int |q - t|^(-1/2) - (1/2 int |q - t|^(-1/4))^2, by hand."""
    for t in (0, 0.25, 1):
        squared, _ = distance_squared(Reward.parse(f"c*abs(q - {t})^(-1/4)"), Reward.parse("0"))
        half, mean = t**0.5 + (1 - t) ** 0.5, 2 / 3 * (t**0.75 + (1 - t) ** 0.75)
        assert squared == pytest.approx(half - mean**2, rel=0.02)
    assert repair(Reward.parse("c*q^(-1/4)")).report.safe


def test_a_piece_may_end_at_an_irrational_confidence() -> None:
    """A bet can be placed within 1/20,000 of it, so the bound is as good as for rational ends."""
    done = repair(Reward.parse("c - 2*(q - c)^2 if q^2 > 1/2 else c*q"))
    assert done.report.safe
    assert done.lower_bound > 0.95 * done.distance


def test_a_floored_logarithm_has_a_distance_by_hand() -> None:
    """With a = exp(-5) the integral of max(log q, -5) is a - 1, and that of its square 2 - 12 a."""
    squared, exact = distance_squared(Reward.parse("c*max(log(q), -5)"), Reward.parse("0"))
    floor = math.exp(-5)
    assert exact is None
    assert squared == pytest.approx(1 - 6 * floor - ((1 - floor) / 2) ** 2, rel=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "c*max(log(q), -5) + (1 - c)*max(log(1 - q), -5)",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "c*max(log(q)/log(10), -2) + (1 - c)*max(log(1 - q)/log(10), -2)",
            marks=pytest.mark.slow,
        ),
        "clip(c*log(q) + (1 - c)*log(1 - q), -3, 0)",
        pytest.param(
            "clip(c*log(q) + (1 - c)*log(1 - q), -34, 0)",
            marks=pytest.mark.slow,
        ),
        pytest.param("c + clip(log(1 - abs(q - c)), -2, 1)", marks=pytest.mark.slow),
        pytest.param(
            "c + c*log(clip(q, 1/100, 1)) + (1 - c)*log(clip(1 - q, 1/100, 1))",
            marks=pytest.mark.slow,
        ),
        "c*log(clip(q, 1e-15, 1 - 1e-15)) + (1 - c)*log(1 - clip(q, 1e-15, 1 - 1e-15))",
        pytest.param(
            "c + min(3/10, 1/2 - (q - c)^2)",
            marks=pytest.mark.slow,
        ),
        "c*clip(sqrt(q), 1/3, 2/3) - q",
        "c - max(exp(q) - 2, 0)",
    ],
)
def test_floors_and_clips_are_repaired(text: str) -> None:
    """Their corners are roots of transcendental or quadratic equations, such as exp(-5)."""
    report = check(text)
    assert "refuted" in (report.proper.status, report.jointly_optimal.status)
    assert repairable(report)
    done = repair(text)
    assert done.report.safe
    assert done.lower_bound > 0.85 * done.distance


@pytest.mark.parametrize(
    "text",
    ["c - 1/q", "c + boosting", "c/(q - 1/3)", "c/(q - exp(-1))", "c*exp(1/q)", "1e200*c*q - q"],
)
def test_repair_is_not_recommended_where_it_is_impossible(text: str) -> None:
    assert not repairable(check(text))
    with pytest.raises(ValueError, match=r"distance|has no real value"):
        repair(text)


def test_inner_products_with_bets() -> None:
    """<B_s, B_t> of centred bets, against sums over midpoints."""
    first = Reward.parse("(c - 3/10)*(q > 3/10)")
    mesh = Mesh.for_reward(first)
    found = mesh.against_bets(mesh.payoffs(first))
    q = (np.arange(50_000) + 0.5) / 50_000
    paid = first.table(q)
    paid -= paid.mean()
    for t in (0.1, 0.3, 0.5, 0.9):
        place = int(np.argmin(np.abs(mesh.ends - t)))
        exact = sum(((c - t) * (q > t) * paid[c]).mean() for c in (0, 1)) / 2
        assert found[place] == pytest.approx(exact, abs=1e-4)


# ------------------------------------------------------------------------------------------- repair


@pytest.mark.parametrize(
    "text",
    [
        "c - 2*(q - c)^2",
        "c - abs(q - c)",
        "c*q",
        "c*(q > 1/2) - 2*(1 - c)*(q > 1/2)",
        pytest.param("c - 3*abs(q - c)^3", marks=pytest.mark.slow),
    ],
)
def test_no_mixture_of_many_bets_is_closer(text: str) -> None:
    """An oracle of its own: nonnegative least squares over 200 bets on 1,000 midpoints."""
    done = repair(Reward.parse(text))
    q = (np.arange(1000) + 0.5) / 1000
    bets = np.stack(
        [np.stack([-t * (q > t), (1 - t) * (q > t)]) for t in np.arange(200) / 200]
    ).reshape(200, -1)
    target = Reward.parse(text).table(q).ravel()
    _, residual = nnls(
        (bets - bets.mean(axis=1, keepdims=True)).T, target - target.mean(), maxiter=10_000
    )
    many = residual / math.sqrt(target.size)
    assert done.distance <= 1.012 * many
    assert done.lower_bound <= many + 1e-3
    assert done.lower_bound >= 0.95 * done.distance
    assert done.report.safe


def test_the_words_of_a_repair() -> None:
    done = repair(Reward.parse("c - 2*(q - c)^2"))
    assert done.reason.startswith("p = 1/4: expected reward -0.125")
    assert done.changes[0] == "accuracy margin -1 -> 0"
    assert "ties" in done.changes[-1] or "tied" in done.changes[-1]
    assert done.distance_squared is not None
    assert math.isclose(float(done.distance_squared), done.distance**2)
    assert "the closest safe reward is constant" in repair(Reward.parse("-c")).changes[-1]
    assert repair(Reward.parse("-c")).distance_squared == Fraction(1, 4)


@pytest.mark.parametrize("text", ["c - 2*(q - c)^2", "-abs(q - c)"])
def test_a_repair_with_margin_and_curvature(text: str) -> None:
    done = repair(Reward.parse(text), margin="1/10", curvature="1/4", name="mended", pieces=5)
    assert done.report.outcome() == "holds"
    assert done.reward.name == "mended"
    assert done.thresholds is not None
    assert done.thresholds.margin >= Fraction(1, 10)
    assert done.thresholds.curvature >= Fraction(1, 4)
    assert done.distance >= repair(Reward.parse(text), pieces=5).lower_bound
    assert repair(done.reward, margin="1/10", curvature="1/4").reward is done.reward


def test_safe_but_with_less_margin_than_asked() -> None:
    """RLCR has margin 0; with margin 1/5 it has to move, and c + RLCR does not."""
    assert repair(correctness + brier, margin="1/5").changed
    assert not repair(2 * correctness + brier, margin="1/5").changed


def test_payoffs_stay_where_they_were() -> None:
    """The constant, on which nothing depends, keeps the mean payoff."""
    given = Reward.parse("5 + c - 2*(q - c)^2")
    q = (np.arange(5000) + 0.5) / 5000
    assert repair(given).reward.table(q).mean() == pytest.approx(given.table(q).mean(), abs=1e-3)


def test_what_cannot_be_repaired() -> None:
    with pytest.raises(ValueError, match="`lam` needs a value"):
        repair(Reward.parse("c - lam*(q - c)^2", lam="lam > 0"))
    with pytest.raises(ValueError, match="no finite distance from any safe reward"):
        repair(Reward.parse("c - 1/(q + c)"))
    with pytest.raises(ValueError, match=r"pays up to 1e\+300, and the distance squares payoffs"):
        repair(Reward.parse("c - 10^300*(q - c)^2"))
    with pytest.raises(ValueError, match="`margin` must not be negative, got -1"):
        repair(Reward.parse("-c"), margin=-1)
    with pytest.raises(ValueError, match="`tolerance` must lie in"):
        repair(Reward.parse("-c"), tolerance=0)
    with pytest.raises(ValueError, match="`pieces` must be at least 4"):
        repair(Reward.parse("-c"), pieces=3)


# ----------------------------------------------------------------------------- the scaled neighbour


@pytest.mark.parametrize("lam", [Fraction(3, 2), 2, 5])
def test_the_scaled_neighbour_of_brier(lam: Fraction) -> None:
    found = scaled(check(correctness + lam * brier))
    assert found is not None
    assert found.weight == 1 / Fraction(lam)
    assert found.reward.text == "c - (q - c)^2"


def test_an_irrational_weight_is_rounded_down() -> None:
    found = scaled(check(correctness + CATALOGUE["clipped_log"](eps=0.01)))
    exact = 1 / np.log(99)
    assert found is not None
    assert exact - 1e-3 < float(found.weight) <= exact
    assert found.weight.denominator <= 1000  # three digits can be read
    assert found.report.jointly_optimal


@pytest.mark.parametrize(
    "text", ["c - (q - c)^2", "c + log(1 - abs(q - c))", "c - abs(q - c)", "-c"]
)
def test_safe_hopeless_and_improper_rewards_have_no_scaled_neighbour(text: str) -> None:
    assert scaled(check(text)) is None


@pytest.mark.parametrize(
    "text", ["c - 2*(q - c)^2", "-abs(q - c)", "c + log(1 - abs(q - c))", "c*q - q/3"]
)
def test_no_other_weight_or_margin_of_brier_is_closer(text: str) -> None:
    given = Reward.parse(text)
    found = even(given, margin=Fraction(1, 10), curvature=Fraction(1, 5))
    assert found is not None
    assert found.report.safe
    assert found.report.strict
    near = found.reward.table(GRID)
    weight = Fraction(float(-near[0, -1])).limit_denominator(10**6)
    room = Fraction(float(near[1, -1])).limit_denominator(10**6) - weight
    assert found.reward == Reward.parse(f"({room} + {weight})*c - {weight}*(q - c)^2")
    assert room >= Fraction(1, 10)
    assert weight >= Fraction(1, 10)
    for less, more in ((0.0, 0.02), (0.0, -0.02), (0.02, 0.0), (-0.02, 0.0)):
        if room + less >= 0.1 and weight + more >= 0.1:
            a, b = float(room) + less + float(weight) + more, float(weight) + more
            other = Reward.parse(f"{a:.9f}*c - {b:.9f}*(q - c)^2")
            assert distance_squared(given, other)[0] ** 0.5 > found.distance


def test_a_reward_that_wants_no_thresholds_has_no_even_neighbour() -> None:
    assert even(Reward.parse("c - 3*q")) is None


def test_the_projection_is_closer_than_the_scaled_neighbour() -> None:
    given = Reward.parse("c - 2*(q - c)^2")
    near, far = repair(given), scaled(check(given))
    assert far is not None
    assert near.distance < 0.6 * distance_squared(given, far.reward)[0] ** 0.5


def test_knots_are_few_and_tidy() -> None:
    found = repair(Reward.parse("c - 2*(q - c)^2")).thresholds
    assert found is not None
    assert all(s.high.denominator <= 100 for s in found.stretches)
    assert all(a.high <= b.low for a, b in pairwise(found.stretches))
    assert len(found.stretches) <= 8


@pytest.mark.parametrize("unit", ["1/1000", "7", "100", "1000000"])
def test_the_simplest_safe_reward_keeps_the_unit(unit: str) -> None:
    found, plain = (scaled(check(f"{u}*(c - 3*(q - c)^2) + 2")) for u in (unit, "1"))
    assert found is not None
    assert plain is not None
    assert (found.weight, found.change) == (plain.weight, plain.change)
    assert found.report.safe
    assert found.reward.payoff(1, 1) - found.reward.payoff(0, 0) == pytest.approx(
        float(Fraction(unit)), rel=1e-12
    )


def test_a_rounding_error_is_no_simpler_reward() -> None:
    assert even("q") is None
    assert even("c - (q - c)^2") is not None


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("c - (q - c)^2", {"margin": 0.5}, "safe, with an accuracy margin of 0; 1/2 was asked for"),
        ("c", {"curvature": 1}, "smaller than the curvature that was asked for, 1"),
        ("-abs(q - c)", {"margin": 0.1}, "expected reward -0.375 with truthful q = 1/4, -0.250"),
        ("c - 2*(q - c)^2", {"curvature": 0.2}, "expected reward -0.125 with truthful q = 1/4, 0"),
    ],
)
def test_the_problem_is_that_of_the_reward_as_given(text: str, asked: Any, words: str) -> None:
    """Not that of the reward less the margin and the curvature, which is what is projected."""
    assert words in repair(text, **asked).reason
