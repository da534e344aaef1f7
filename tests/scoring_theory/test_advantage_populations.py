"""Outcome filters and scales of the others, against whole groups of populations with spread.

A population is a distribution of (success probability of the answer, stated confidence). Every
group of one deviant and G - 1 others is enumerated, with every vector of outcomes, so that nothing
rests on rollouts that all state the truth.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest

from scoring_theory import check
from scoring_theory.advantage import (
    Trainer,
    effective_advantage,
    kept_report,
    reply_to_spread,
)
from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.checking.assess import assess
from scoring_theory.reward import Reward
from tests.scoring_theory.test_advantage_theorems import textbook

RLCR, CUBIC = Reward.parse("c - (q - c)^2"), Reward.parse("3*c*q^2 - 2*q^3")  # w = 2 and 6 t
SPHERICAL = as_reward("c + 0.5*spherical")
PAID_ALWAYS = Reward.parse("1 + c - (q - c)^2")
F = Fraction
Population = list[tuple[float, float, float]]


def populations(count: int, seed: int = 0) -> list[Population]:
    """Chance, success probability and report of each kind of rollout: 3 answers, 2 reports each."""
    rng, made = np.random.default_rng(seed), []
    for _ in range(count):
        answers, shares = rng.uniform(0.1, 0.95, 3), rng.dirichlet(np.ones(3))
        splits, reports = rng.dirichlet(np.ones(2), 3), rng.uniform(0, 1, (3, 2))
        made.append(
            [
                (shares[a] * splits[a, j], answers[a], reports[a, j])
                for a in range(3)
                for j in range(2)
            ]
        )
    return made


def expected(
    reward: Reward,
    trainer: Trainer,
    population: Population,
    p: float,
    reports: np.ndarray,
    *,
    shared: bool = False,
) -> np.ndarray:
    """E[A] of a rollout whose answer is correct with probability p, for each report (independent
    outcomes, or one uniform number that decides the group).
    """
    size, totals = trainer.group_size, np.zeros(len(reports))
    own, theirs = reward.table(reports), reward.table([q for _, _, q in population])
    for others in product(range(len(population)), repeat=size - 1):
        weight = prod(population[k][0] for k in others)
        chances = [p, *(population[k][1] for k in others)]
        for case, chance in outcomes_of(chances, shared=shared):
            if trainer.keep_outcomes == "mixed" and sum(case) in (0, size):
                continue
            rest = [theirs[c, k] for c, k in zip(case[1:], others, strict=True)]
            for i, mine in enumerate(own[case[0]]):
                paid = np.array([mine, *rest])
                totals[i] += weight * chance * textbook(trainer.estimator, paid, 1.0, 1, 0.0)
    return totals


def outcomes_of(chances: list[float], *, shared: bool):
    """Every vector of outcomes with its probability."""
    if shared:
        cuts = sorted({0.0, 1.0, *chances})
        for low, high in pairwise(cuts):
            yield tuple(int(p >= high) for p in chances), high - low
        return
    for case in product((0, 1), repeat=len(chances)):
        yield case, prod(p if c else 1 - p for p, c in zip(chances, case, strict=True))


def right_rate(population: Population) -> float:
    return sum(chance * p for chance, p, _ in population)


# ------------------------------------------------------------------- groups that are all the same


@pytest.mark.parametrize("estimator", ["none", "group_mean", "leave_one_out"])
@pytest.mark.parametrize("reward", [RLCR, CUBIC, SPHERICAL], ids=["rlcr", "cubic", "spherical"])
def test_kept_groups_want_the_chance_to_be_right_in_them(reward, estimator) -> None:
    """Theorem 45, whatever the others answer and state."""
    trainer = Trainer(estimator=estimator, group_size=3, keep_outcomes="mixed")
    (population,) = populations(1)
    for p in (0.2, 0.85):
        best = kept_report(p, 3, others=right_rate(population))
        around = np.array([best, best - 0.02, best + 0.02, p, 0.0, 1.0])
        gains = expected(reward, trainer, population, p, around)
        assert (gains[1:] < gains[0]).all()


def test_figures_of_kept_groups() -> None:
    found = [
        round(kept_report(p, size), 3) for p, size in ((0.9, 8), (0.95, 8), (0.7, 8), (0.9, 4))
    ]
    assert found == [0.824, 0.851, 0.682, 0.709]
    assert all(kept_report(F(n, 10), 2) == F(1, 2) for n in range(1, 10))
    for p in (F(1, 3), F(9, 10)):
        assert kept_report(p, 5) == (p - p**5) / (1 - p**5 - (1 - p) ** 5)
    for bad in ((0.0, 4, None), (0.5, 4, 1.0)):
        with pytest.raises(ValueError, match=r"inside \(0, 1\)"):
            kept_report(bad[0], bad[1], others=bad[2])


@pytest.mark.parametrize("reward", [RLCR, CUBIC, PAID_ALWAYS], ids=["rlcr", "cubic", "shifted"])
def test_a_better_answer_still_gains_more_in_kept_groups(reward) -> None:
    """Theorem 46 with a baseline of the group: what filters do to the choice of answers."""
    trainer = Trainer(group_size=3, keep_outcomes="mixed")
    for population in populations(2, seed=1):
        rate, values = right_rate(population), []
        for p in (0.02, 0.3, 0.34, 0.7, 0.98):
            best = np.array([kept_report(p, 3, others=rate)])
            values.append(expected(reward, trainer, population, p, best)[0])
        assert (np.diff(values) > 0).all()
    verdict = assess(check(reward), trainer, "independent").accurate
    assert verdict.status == "proved"


def test_without_a_baseline_being_wrong_can_pay_because_the_group_is_kept() -> None:
    trainer = Trainer(estimator="none", group_size=3, keep_outcomes="mixed")
    able: Population = [(1.0, 0.95, 0.95)]
    wrong = expected(PAID_ALWAYS, trainer, able, 0.0, np.array([0.0]))[0]
    right = expected(PAID_ALWAYS, trainer, able, 0.95, np.linspace(0, 1, 101)).max()
    assert wrong > right
    assert assess(check(PAID_ALWAYS), trainer, "independent").accurate.status == "refuted"
    assert assess(check(RLCR), trainer, "independent").accurate.status == "proved"


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize("estimator", ["none", "group_mean", "leave_one_out"])
def test_witnesses_against_a_filter_hold_by_hand(estimator, outcomes) -> None:
    trainer = Trainer(estimator=estimator, group_size=4, keep_outcomes="mixed")
    verdict = assess(check(RLCR), trainer, outcomes).honest
    assert verdict.status == "refuted"
    assert verdict.witness is not None
    p, q, x = (float(F(verdict.witness[name])) for name in ("p", "resident", "deviation"))
    own = float(F(verdict.witness.get("p_of_deviation", verdict.witness["p"])))
    reports = np.array([x, own])
    if outcomes == "by_answer":
        gains = sum(
            chance * expected(RLCR, trainer, [(1.0, right, q)], own, reports)
            for chance, right in ((p, 1.0), (1 - p, 0.0))
        )
    else:
        residents: Population = [(1.0, p, q)]
        gains = expected(RLCR, trainer, residents, own, reports, shared=outcomes == "shared")
    least = float(F(verdict.witness["gain_at_least"]))
    assert least <= gains[0] - gains[1] <= least * 1.01


def test_a_settled_policy_learns_nothing_from_kept_groups_with_one_outcome() -> None:
    trainer = Trainer(group_size=4, keep_outcomes="mixed")
    found = effective_advantage(RLCR, 0.7, [0, 0.5, 1], estimator=trainer, outcomes="by_answer")
    assert (found.matrix == 0).all()
    remarks = dict(assess(check(RLCR), trainer, "by_answer").remarks)
    assert "always dropped" in remarks["outcome filter"]


# -------------------------------------------------------------- mean and deviation of the others


@pytest.mark.parametrize("reward", [RLCR, CUBIC], ids=["rlcr", "cubic"])
def test_a_scale_of_the_others_keeps_the_optimum_of_independent_outcomes(reward) -> None:
    """Theorem 47: gains are one positive number times gains in expected reward."""
    trainer = Trainer(estimator="leave_one_out_std", group_size=4)
    reports = np.array([0.0, 0.3, 1.0])
    for population in populations(1, seed=2):
        population, slopes = population[::2], []
        for p in (0.3, 0.7):
            gains = expected(reward, trainer, population, p, reports)
            paid = np.array([float(reward.expected_reward(p, q)) for q in reports])
            slopes.append((gains[1:] - gains[0]) / (paid[1:] - paid[0]))
        assert np.ptp(np.concatenate(slopes)) < 1e-9
        assert np.min(slopes) > 0
    for outcome, status in (
        ("independent", "proved"),
        ("by_answer", "refuted"),
        ("shared", "refuted"),
    ):
        assert assess(check(RLCR), trainer, outcome).honest.status == status


@pytest.mark.parametrize("p", [0.3, 0.7, 0.9])
@pytest.mark.parametrize("reward", [RLCR, CUBIC, SPHERICAL], ids=["rlcr", "cubic", "spherical"])
def test_a_shared_outcome_multiplies_the_odds(reward, p: float) -> None:
    """Theorem 48: near a report m the best reply has odds(p) odds(m), for every rule."""
    trainer = Trainer(estimator="leave_one_out_std", group_size=4)
    for centre in (0.35, 0.7):
        spread = [
            (share, p, centre + 0.002 * z) for share, z in ((0.5, -1.0), (0.3, 0.0), (0.2, 1.0))
        ]
        best = reply_to_spread(p, centre)
        around = np.array([best, best - 0.03, best + 0.03, p])
        gains = expected(reward, trainer, spread, p, around, shared=True)
        assert gains[0] == gains.max()


def test_replies_run_to_the_ends() -> None:
    """The figures of the notes: .7 -> .845 -> .927 -> .967."""
    reports = [0.7]
    for _ in range(3):
        reports.append(reply_to_spread(0.7, reports[-1]))
    assert [round(q, 3) for q in reports] == [0.7, 0.845, 0.927, 0.967]
    assert reply_to_spread(F(1, 2), F(1, 3)) == F(1, 3)
    for p, end in ((0.3, 0.0), (0.7, 1.0)):
        found = effective_advantage(
            RLCR, p, np.linspace(0, 1, 11), estimator="leave_one_out_std", outcomes="shared"
        )
        assert found.stable.tolist() == [end]


def test_the_witness_of_spread_others_holds_by_hand() -> None:
    trainer = Trainer(estimator="leave_one_out_std", group_size=5)
    verdict = assess(check(RLCR), trainer, "shared").honest
    assert verdict.witness is not None
    p, x = (float(F(verdict.witness[name])) for name in ("p", "deviation"))
    others = [
        float(F(report))
        for count, report in (part.split(" x ") for part in verdict.witness["others"].split(", "))
        for _ in range(int(count))
    ]
    gained = sum(
        chance
        * (
            textbook("leave_one_out_std", RLCR.payoff([x, *others], [c] * 5), 1.0, 1, 0.0)
            - textbook("leave_one_out_std", RLCR.payoff([p, *others], [c] * 5), 1.0, 1, 0.0)
        )
        for c, chance in ((1, p), (0, 1 - p))
    )
    least = float(F(verdict.witness["gain_at_least"]))
    assert least <= gained <= least * 1.001


def test_no_witness_of_spread_others_where_their_groups_are_dropped_or_clipped() -> None:
    """With one outcome a group of one answer is dropped; a clip bounds what the witness counts."""
    for changes in (
        {"keep_outcomes": "mixed"},
        {"keep": (F(2), F(3))},
        {"advantage_clip": (F(-1), F(1))},
    ):
        trainer = Trainer(estimator="leave_one_out_std", group_size=5, **changes)
        found = assess(check(RLCR), trainer, "shared").honest
        assert found.status == "undecided" or "p_of_deviation" in (found.witness or {})
    dropped = Trainer(estimator="leave_one_out_std", keep_outcomes="mixed")
    levels = np.linspace(0, 1, 11)
    found = effective_advantage(RLCR, 0.7, levels, estimator=dropped, outcomes="shared")
    assert (found.matrix == 0).all()
    clipped = Trainer(estimator="leave_one_out_std", advantage_clip=(F(-1), F(1)))
    found = effective_advantage(RLCR, 0.7, levels, estimator=clipped, outcomes="shared")
    assert np.abs(found.matrix).max() <= 2


def test_an_advantage_over_others_that_nearly_agree_has_no_bound() -> None:
    paid = RLCR.payoff([0.9, 0.7, 0.7 + 1e-9, 0.7 - 1e-9], [1, 1, 1, 1])
    assert textbook("leave_one_out_std", paid, 1.0, 1, 0.0) > 1e7
    rows = dict(assess(check(RLCR), Trainer(estimator="leave_one_out_std"), "independent").rows())
    assert "without bound" in rows["unbounded"]
