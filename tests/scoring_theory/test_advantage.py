"""Effective advantages against brute-force enumeration of groups, and the theorems of
`docs/theory.md`, section 7.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from scoring_theory.advantage import effective_advantage
from scoring_theory.catalogue import CATALOGUE, brier, linear, log, spherical
from scoring_theory.reward import Reward

LEVELS = np.linspace(0, 1, 11)


def by_enumeration(
    reward: Reward,
    p: float,
    deviant: float,
    resident: float,
    estimator: str,
    outcomes: str,
    size: int,
):
    """E[A] of rollout 0: every vector of outcomes, with the textbook formulas."""
    total = 0.0
    cases = (
        [(1,) * size, (0,) * size] if outcomes == "shared" else list(product((0, 1), repeat=size))
    )
    spread = np.sqrt(p * (1 - p)) * abs(
        float(reward.payoff(resident, 1) - reward.payoff(resident, 0))
    )
    for case in cases:
        chance = p if outcomes == "shared" and case[0] else 1 - p
        if outcomes == "independent":
            chance = float(np.prod([p if c else 1 - p for c in case]))
        paid = reward.payoff([deviant] + [resident] * (size - 1), case)
        centred = paid[0] - paid.mean()
        std = paid.std(ddof=1)
        total += (
            chance
            * {
                "none": paid[0],
                "group_mean": centred,
                "leave_one_out": paid[0] - paid[1:].mean(),
                "group_std": centred / std if std > 1e-9 else 0.0,
                "batch_std": centred / spread,
            }[estimator]
        )
    return total


@pytest.mark.parametrize("outcomes", ["independent", "shared"])
@pytest.mark.parametrize(
    "estimator", ["none", "group_mean", "leave_one_out", "group_std", "batch_std"]
)
def test_against_enumeration(estimator, outcomes) -> None:
    levels = np.array([0.1, 0.35, 0.8])
    for reward in (brier, spherical, Reward.parse("c - (q - c)^2")):
        found = effective_advantage(
            reward, 0.7, levels, estimator=estimator, outcomes=outcomes, group_size=4
        )
        for j, resident in enumerate(levels):
            stay = by_enumeration(reward, 0.7, resident, resident, estimator, outcomes, 4)
            expected = [
                by_enumeration(reward, 0.7, q, resident, estimator, outcomes, 4) - stay
                for q in levels
            ]
            np.testing.assert_allclose(found.matrix[:, j], expected, atol=1e-12)


@pytest.mark.parametrize("outcomes", ["independent", "shared"])
@pytest.mark.parametrize("estimator", ["none", "group_mean", "leave_one_out", "batch_std"])
@pytest.mark.parametrize("p", [0.1, 0.3, 0.7, 0.9])
def test_harmless_estimators_keep_honesty(estimator, outcomes, p: float) -> None:
    for key in ("brier", "spherical", "winkler", "beta_family"):
        found = effective_advantage(
            CATALOGUE[key](), p, LEVELS, estimator=estimator, outcomes=outcomes
        )
        assert found.honest
        assert found.stable == pytest.approx([p])


@pytest.mark.parametrize("p", [0.2, 0.45, 0.7])
@pytest.mark.parametrize("key", ["brier", "spherical", "overconfidence", "beta_family"])
def test_shared_outcomes_turn_every_rule_into_the_linear_one(p: float, key: str) -> None:
    """By hand: a lone deviant is (G-1)/sqrt(G) standard deviations off, so D = (2p - 1) sign(q' -
    q) (G-1)/sqrt(G).
    """
    options = {"estimator": "group_std", "outcomes": "shared", "group_size": 8}
    found = effective_advantage(CATALOGUE[key](), p, LEVELS, **options)
    signs = np.sign(LEVELS[:, None] - LEVELS[None, :])
    np.testing.assert_allclose(found.matrix, (2 * p - 1) * signs * 7 / np.sqrt(8), atol=1e-9)
    np.testing.assert_allclose(
        found.matrix, effective_advantage(linear, p, LEVELS, **options).matrix, atol=1e-9
    )
    assert found.stable.tolist() == [1.0 if p > 0.5 else 0.0]
    assert not found.honest


def test_independent_outcomes_harm_small_groups_and_spare_large_ones() -> None:
    """An earlier simulation (Brier, 11 levels) ended near these: .997 .947 .752 .721 .706 and 1 1 1
    .982 .901.
    """

    def stable(p: float, size: int) -> float:
        found = effective_advantage(brier, p, LEVELS, estimator="group_std", group_size=size)
        assert found.stable.size == 1
        return float(found.stable[0])

    assert [stable(0.7, size) for size in (4, 8, 16, 32, 64)] == pytest.approx(
        [1, 1, 0.8, 0.7, 0.7]
    )
    assert [stable(0.9, size) for size in (4, 8, 16, 32, 64)] == pytest.approx([1, 1, 1, 1, 0.9])


def test_a_large_epsilon_restores_honesty() -> None:
    """Division by an almost constant is a common scale."""
    options = {"estimator": "group_std", "outcomes": "shared"}
    assert effective_advantage(brier, 0.7, LEVELS, epsilon=1e4, **options).stable == pytest.approx(
        [0.7]
    )


def test_the_linear_rule_is_dishonest_under_every_estimator() -> None:
    found = effective_advantage(linear, 0.7, LEVELS, estimator="group_mean")
    assert found.stable.tolist() == [1.0]
    assert found.best_reply.tolist() == [1.0] * 11
    assert str(found).endswith("stable confidences 1 (not truthful)")


def test_a_fraction_is_a_success_probability_and_is_told_as_a_number() -> None:
    found = effective_advantage(
        brier, Fraction(1, 4), [0, 0.25, 1], estimator="group_mean", group_size=np.int64(4)
    )
    assert (
        str(found)
        == "group_mean, independent outcomes, group size 4, p = 0.25: stable confidences 0.25"
        " (truthful)"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"success_probability": 1.2}, r"`success_probability` must lie in \[0, 1\], got 1.2"),
        ({"estimator": "std"}, "`estimator` must be one of none, group_mean"),
        (
            {"outcomes": "both"},
            "`outcomes` must be one of independent, by_answer, shared, got 'both'",
        ),
        ({"group_size": 1}, "`group_size` must lie between 2 and 1024, got 1"),
        ({"epsilon": -1.0}, "`epsilon` must not be negative"),
        ({"levels": [0.5]}, "`levels` must hold at least two"),
        ({"reward": log}, "is infinite at q = 0"),
    ],
)
def test_domains(change, sentence: str) -> None:
    options = {
        "reward": brier,
        "success_probability": 0.7,
        "levels": LEVELS,
        "estimator": "group_mean",
        **change,
    }
    with pytest.raises(ValueError, match=sentence):
        effective_advantage(
            options.pop("reward"),
            options.pop("success_probability"),
            options.pop("levels"),
            **options,
        )
