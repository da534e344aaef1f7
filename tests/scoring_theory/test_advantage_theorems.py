"""The theorems of `docs/theory.md`, section 7, by exact arithmetic and by enumerating groups."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import isclose, prod, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proofs.kernel.subject import Subject
from scoring_theory.advantage import (
    ESTIMATORS,
    agreeing_groups,
    agreeing_pull,
    as_trainer,
    effective_advantage,
    large_group_bias,
    lone_score,
    mixed_report,
    normalised_weight,
)
from scoring_theory.advantage.exact_gain import Deviation, exact_payoffs, gain
from scoring_theory.advantage.fitness import cases, fitness
from scoring_theory.reward import Reward
from tests.support.examples import examples
from tests.support.strategies import rational_probabilities, rules

F = Fraction
RLCR, RICH = Reward.parse("c - (q - c)^2"), Reward.parse("5*c - (q - c)^2")
R_HALF = Reward.parse("c - 1/2")
CORRECT, BRIER = Reward.parse("c"), Reward.parse("-(q - c)^2")
truths = st.fractions(F(1, 20), F(19, 20), max_denominator=20)


def exact_gain(
    parts, deviation: Deviation, estimator, outcomes: str, **changes
) -> tuple[float, float]:
    """Both ends of the enclosure of the gain, for rewards with weights."""
    trainer = as_trainer(estimator, **changes)
    subjects = [Subject(reward.text, reward.parameters) for _, reward in parts]
    own, others = (
        [exact_payoffs(s, q) for s in subjects] for q in (deviation.report, deviation.resident)
    )
    low, high = gain(own, others, [F(w) for w, _ in parts], deviation, trainer, outcomes).ends()
    assert high - low < F(1, 10**30)
    return float(low), float(high)


def joint_outcomes(outcomes: str, p: float, other: float | None, size: int):
    """Every vector of outcomes, the deviant first, with its probability, from the definition of the
    outcome model.
    """
    own = p if other is None else other
    if outcomes == "independent":
        for case in product((0, 1), repeat=size):
            yield (
                case,
                prod(
                    x if c else 1 - x for x, c in zip([own] + [p] * (size - 1), case, strict=True)
                ),
            )
    elif other is None:
        yield from (((1,) * size, p), ((0,) * size, 1 - p))
    elif outcomes == "by_answer":
        for mine, theirs in product((0, 1), repeat=2):
            yield (
                (mine,) + (theirs,) * (size - 1),
                (own if mine else 1 - own) * (p if theirs else 1 - p),
            )
    else:
        for low, high in ((0.0, min(p, own)), (min(p, own), max(p, own)), (max(p, own), 1.0)):
            yield (int(own >= high),) + (int(p >= high),) * (size - 1), high - low


def textbook(estimator: str, paid: np.ndarray, spread: float, ddof: int, epsilon: float) -> float:
    """The advantage of the first rollout."""
    centred, std = paid[0] - paid.mean(), paid.std(ddof=ddof)
    apart, mean = paid[1:].std(ddof=ddof), paid.mean()
    return {
        "none": paid[0],
        "global_mean": paid[0],
        "group_mean": centred,
        "leave_one_out": paid[0] - paid[1:].mean(),
        "group_std": 0.0 if std < 1e-12 else centred / (std + epsilon),
        "batch_std": centred / (spread + epsilon),
        "whitened": paid[0] / (spread + epsilon),
        "leave_one_out_std": (paid[0] - paid[1:].mean())
        / (apart + epsilon if apart > 1e-12 else 1),
        "maxrl": centred / (mean + epsilon) if mean > 0 else 0.0,
    }[estimator]


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
@pytest.mark.parametrize("other", [None, 0.2, 0.9])
@pytest.mark.parametrize("keep", [None, (F(-1, 10), F(4, 5))])
def test_gains_are_those_of_whole_groups(outcomes: str, other: float | None, keep) -> None:
    p, q, x, size = 0.6, 0.55, 0.8, 4
    spread = sqrt(p * (1 - p)) * abs(float(np.diff(RLCR.table([q])[:, 0])[0]))
    for estimator in (name for name, one in ESTIMATORS.items() if not one.per_component):
        for ddof, epsilon in ((1, 0.0), (0, 0.1)):
            trainer = as_trainer(estimator, group_size=size, ddof=ddof, epsilon=epsilon, keep=keep)
            expected = 0.0
            for case, chance in joint_outcomes(outcomes, p, other, size):
                paid = RLCR.payoff([x] + [q] * (size - 1), case)
                if keep is None or keep[0] < paid.mean() < keep[1]:
                    expected += chance * textbook(estimator, paid, spread, ddof, epsilon)
            own, others = (RLCR.table([level])[None] for level in (x, q))
            among = cases(p, size, outcomes, other=other)
            assert fitness(own, others, np.ones(1), p, trainer, among)[0, 0] == pytest.approx(
                expected, abs=1e-12
            )


def test_components_are_normalised_one_by_one() -> None:
    p, q, x, size, weights = 0.6, 0.55, 0.8, 4, (2.0, 0.5)
    expected = 0.0
    for case, chance in joint_outcomes("independent", p, None, size):
        parts = [reward.payoff([x] + [q] * (size - 1), case) for reward in (CORRECT, BRIER)]
        each = [textbook("group_std", paid, 1.0, 1, 0.0) for paid in parts]
        expected += chance * float(np.dot(weights, each))
    own, others = (np.stack([r.table([level]) for r in (CORRECT, BRIER)]) for level in (x, q))
    trainer = as_trainer("component_std", group_size=size)
    found = fitness(own, others, np.array(weights), p, trainer, cases(p, size, "independent"))[0, 0]
    assert found == pytest.approx(expected, abs=1e-12)


@examples(15)
@given(
    rule=rules(proper=("strict",)),
    p=truths,
    q=truths,
    x=truths,
    size=st.sampled_from([2, 3, 8, 32]),
    estimator=st.sampled_from(["grpo", "trl_default", "group_mean", "leave_one_out", "none"]),
    outcomes=st.sampled_from(["independent", "by_answer", "shared"]),
    other=st.one_of(st.none(), rational_probabilities),
)
def test_floats_lie_in_the_rational_enclosures(
    rule, p, q, x, size, estimator, outcomes, other
) -> None:
    """The stated error, 1e-11, of a gain in floats; the reward is c + S so that both sides pay."""
    assume(x != q)
    reward = CORRECT + rule[1]
    low, high = exact_gain(
        [(1, reward)], Deviation(p, q, x, other), estimator, outcomes, group_size=size
    )
    trainer = as_trainer(estimator, group_size=size)
    own, others = (reward.table([float(level)])[None] for level in (x, q))
    moved, stays = (
        fitness(
            mine,
            others,
            np.ones(1),
            float(p),
            trainer,
            cases(float(p), size, outcomes, other=deviant),
        )[0, 0]
        for mine, deviant in ((own, None if other is None else float(other)), (others, None))
    )
    scale = 1 + float(np.abs(own).max() + np.abs(others).max())
    assert low - 1e-11 * scale <= moved - stays <= high + 1e-11 * scale


# ----------------------------------------------------------------------------- 1: groups that agree


@examples(15)
@given(
    rule=rules(proper=("strict",)),
    p=truths,
    q=truths,
    size=st.integers(2, 9),
    ddof=st.sampled_from([0, 1]),
)
def test_as_reports_close_in_only_groups_that_agree_are_left(rule, p, q, size, ddof) -> None:
    """Theorem 25 at a distance of 1e-12, for every strictly proper rule beside correctness, from
    both sides.
    """
    reward = CORRECT + rule[1]
    wrong, right = reward.table([float(q)])[:, 0]
    assume(abs(right - wrong) > 0.05)
    limit = lone_score(size, ddof=ddof) * float(agreeing_pull(p, size))
    for sign in (1, -1):
        near = Deviation(p, q, q + sign * F(1, 10**12))
        low, _ = exact_gain([(1, reward)], near, "grpo", "independent", group_size=size, ddof=ddof)
        assert low == pytest.approx(sign * limit, abs=1e-6)


def test_the_share_of_agreeing_groups_is_not_what_they_push_with() -> None:
    # By hand: p = 3/4, G = 2: 9/16 all right, 1/16 all wrong.
    assert agreeing_groups(F(3, 4), 2) == F(10, 16)
    assert agreeing_pull(F(3, 4), 2) == F(8, 16)
    assert agreeing_pull(F(1, 2), 8) == 0
    assert agreeing_pull(F(3, 4), 8, outcomes="by_answer") == F(1, 2)
    assert agreeing_groups(F(1, 2), 8) == F(1, 128)


def test_scores_are_bounded_by_the_lone_score() -> None:
    rng = np.random.default_rng(0)
    for size in (2, 5, 16):
        for ddof in (0, 1):
            drawn = rng.standard_t(2, (2000, size))
            scores = (drawn - drawn.mean(axis=1, keepdims=True)) / drawn.std(
                axis=1, ddof=ddof, keepdims=True
            )
            assert np.abs(scores).max() <= lone_score(size, ddof=ddof) + 1e-12
            lone = np.eye(1, size)[0]
            assert (lone - lone.mean())[0] / lone.std(ddof=ddof) == pytest.approx(
                lone_score(size, ddof=ddof)
            )


# ---------------------------------------------------------------------------------- 2: mixed groups


@pytest.mark.parametrize(
    "text", ["c - (q - c)^2", "-(q - c)^2", "c + log(1 - abs(q - c))", "c^1*3 + q*(2*c - q)"]
)
@pytest.mark.parametrize(("p", "size"), [(0.7, 3), (0.7, 8), (0.25, 16), (0.9, 32)])
def test_mixed_groups_hold_one_report_whatever_the_rule(text: str, p: float, size: int) -> None:
    """Theorem 27: the slope of mixed groups is 0 there, positive below and negative above."""
    reward, star = Reward.parse(text), mixed_report(p, size)
    mixed = [case for case in cases(p, size, "independent") if 0 < case.own + case.right < size]
    slopes = []
    for q in (star - 0.01, star, star + 0.01):
        near = np.array([q - 1e-5, q + 1e-5])
        own, others = reward.table(near)[None], reward.table([q])[None]
        paid = fitness(own, others, np.ones(1), p, as_trainer("grpo", group_size=size), mixed)[:, 0]
        slopes.append(float(np.diff(paid)[0]) / 2e-5)
    assert slopes[0] > 0 > slopes[2]
    assert abs(slopes[1]) < 1e-3 * abs(slopes[0])


def test_the_bias_of_large_groups_is_three_halves_of_two_p_minus_one_over_g() -> None:
    for p in (0.2, 0.5, 0.7, 0.9):
        for size in (256, 1000):
            assert abs(mixed_report(p, size) - p - large_group_bias(p, size)) < 20 / size**2
    # An earlier simulation (Brier, 4,000 steps) ended at .721 and .706 for groups of 32 and 64.
    assert [mixed_report(0.7, size) for size in (32, 64)] == pytest.approx(
        [0.721, 0.706], abs=0.005
    )
    large = 4_000  # binomials of such groups are beyond float64; the expansion is not
    assert abs(mixed_report(0.7, large) - 0.7 - large_group_bias(0.7, large)) < 20 / large**2


# ----------------------------------------------------------------------------------- 3 to 5: limits


def test_large_groups_of_independent_rollouts_divide_by_one_number() -> None:
    """Theorem 28: Delta -> (U(p, q') - U(p, q)) / sigma; four times the group leaves about a
    quarter of the error.
    """
    levels, p = np.arange(4, 10) / 10, 0.7
    paid = RLCR.expected_reward(p, levels)
    sigma = sqrt(p * (1 - p)) * np.abs(np.diff(RLCR.table(levels), axis=0))[0]
    errors = [np.abs(effective_advantage(RLCR, p, levels, estimator="grpo", group_size=size).matrix
                     - (paid[:, None] - paid) / sigma).max() for size in (256, 1024)]  # fmt: skip
    assert 0 < errors[1] < min(errors[0] / 3, 0.01)


@examples(15)
@given(rule=rules(proper=("strict",)), p=truths, q=truths, x=truths, size=st.integers(2, 64))
def test_shared_outcomes_pay_the_sign_alone(rule, p, q, x, size) -> None:
    """Theorem 29, in either of the two outcome models, exactly."""
    assume(q != x)
    for outcomes in ("by_answer", "shared"):
        low, _ = exact_gain(
            [(1, CORRECT + rule[1])], Deviation(p, q, x), "grpo", outcomes, group_size=size
        )
        assert isclose(
            low, lone_score(size) * float(2 * p - 1) * (1 if x > q else -1), abs_tol=1e-12
        )


def test_by_hand() -> None:
    # Three state 3/4, one states 1: A = 3/2 when right, -3/2 when wrong; 3/4 * 3/2 - 1/4 * 3/2 =
    # 3/4.
    one = Deviation(F(3, 4), F(3, 4), F(1))
    assert exact_gain([(1, RLCR)], one, "grpo", "shared", group_size=4)[0] == pytest.approx(
        0.75, abs=1e-15
    )


@pytest.mark.parametrize("reward", [RLCR, RICH])
def test_no_margin_helps_hard_questions(reward: Reward) -> None:
    """Theorem 30: kappa (1 - 2p) = 3/2 * 1/2 at p = 1/4, G = 4, whether the margin is 0 or 4."""
    wrong = Deviation(F(1, 4), F(1, 4), F(0), F(0))
    assert exact_gain([(1, reward)], wrong, "grpo", "by_answer", group_size=4)[0] == pytest.approx(
        0.75, abs=1e-15
    )
    assert exact_gain([(1, reward)], wrong, "group_mean", "by_answer", group_size=4)[1] < 0


# --------------------------------------------------------------------- 6 to 9: the other estimators


@examples(15)
@given(
    rule=rules(),
    p=truths,
    x=rational_probabilities,
    other=st.one_of(st.none(), rational_probabilities),
    size=st.integers(2, 12),
    outcomes=st.sampled_from(["independent", "by_answer", "shared"]),
    estimator=st.sampled_from(["none", "global_mean", "group_mean", "leave_one_out", "batch_std"]),
)
def test_affine_estimators_rank_as_the_reward_does(
    rule, p, x, other, size, outcomes, estimator
) -> None:
    """Theorem 31: Delta = a (U(p', x) - U(p, p))."""
    reward = CORRECT + rule[1]
    table = reward.table([float(x), float(p)])
    assume(np.isfinite(table).all() and abs(table[1, 1] - table[0, 1]) > 1e-3)
    subject = Subject(reward.text, reward.parameters)
    own, others = exact_payoffs(subject, x), exact_payoffs(subject, p)
    assume(own is not None)
    trainer = as_trainer(estimator, group_size=size)
    low, high = (
        float(e)
        for e in gain([own], [others], [F(1)], Deviation(p, p, x, other), trainer, outcomes).ends()
    )
    sigma = sqrt(p * (1 - p)) * abs(table[1, 1] - table[0, 1])
    slope = {"group_mean": 1 - 1 / size, "batch_std": (1 - 1 / size) / sigma}.get(estimator, 1.0)
    own_p = float(p if other is None else other)
    paid = reward.expected_reward(own_p, float(x)) - reward.expected_reward(float(p), float(p))
    assert low - 1e-8 <= slope * paid <= high + 1e-8


@pytest.mark.parametrize("outcomes", ["independent", "by_answer"])
def test_a_population_at_zero_is_at_home_under_rlcr(outcomes: str) -> None:
    """Theorem 32: everyone is paid 0, so a deviation gains kappa (2p - 1), at every group size."""
    for size in (4, 64):
        low, _ = exact_gain(
            [(1, RLCR)], Deviation(F(2, 5), F(0), F(2, 5)), "grpo", outcomes, group_size=size
        )
        assert low == pytest.approx(-lone_score(size) / 5, abs=1e-12)
        richer, _ = exact_gain(
            [(1, RICH)], Deviation(F(2, 5), F(0), F(2, 5)), "grpo", "independent", group_size=64
        )
        assert (
            richer > 0
        )  # a margin gives the population a spread, and large groups follow the reward again


@pytest.mark.parametrize(("p", "gains"), [(F(13, 20), True), (F(7, 10), False), (F(1, 10), True)])
def test_normalising_components_destroys_the_weight(p: Fraction, gains: bool) -> None:
    """Theorem 33: with lam = 1 a deliberately wrong answer gains below p = 2/3; groups of 300 are
    large enough.
    """
    assert (normalised_weight(1.0, float(p)) * float(1 - p) > 1) == gains
    wrong = Deviation(p, p, F(0), F(0))
    low, high = exact_gain([(1, CORRECT), (1, BRIER)], wrong, "gdpo", "independent", group_size=300)
    assert (low > 0) if gains else (high < 0)
    assert exact_gain([(1, RLCR)], wrong, "group_mean", "independent", group_size=8)[1] < 0


def test_dropping_groups_with_a_negative_mean_leaves_the_right_ones() -> None:
    """Theorem 34, by hand: p = 1/2, G = 2, q' = 3/4: f = 1 - 1/16 against 1 - 1/4, so (1 -
    1/2)(1/2)(3/16) = 3/64.
    """
    one = Deviation(F(1, 2), F(1, 2), F(3, 4))
    found = exact_gain([(1, RLCR)], one, "group_mean", "shared", group_size=2, keep=(0, 1))
    assert found[0] == pytest.approx(3 / 64, abs=1e-15)
    assert exact_gain([(1, RLCR)], one, "group_mean", "shared", group_size=2)[1] < 0


def test_a_mean_at_an_end_of_the_range_is_dropped() -> None:
    # By hand: c - 1/2 pays 1/2 or -1/2 to all, and (-1/2, 1/2) keeps neither group; a wider end
    # keeps the wrong one.
    bet, q = R_HALF.table([0.5])[None], F(1, 2)
    for low, expected in ((F(-1, 2), 0.0), (F(-3, 4), -0.5 * 0.3)):
        trainer = as_trainer("none", group_size=3, keep=(low, F(1, 2)))
        found = fitness(bet, bet, np.ones(1), 0.7, trainer, cases(0.7, 3, "shared"))[0, 0]
        assert found == pytest.approx(expected, abs=1e-15)
    # Exactly: a deviant on an answer that is never right is paid -1/2; with two right residents the
    # mean is 1/6.
    lone = Deviation(F(7, 10), q, q, F(0))
    paid = exact_gain(
        [(1, R_HALF)], lone, "none", "by_answer", group_size=3, keep=(F(-1, 2), F(1, 2))
    )
    assert paid[0] == pytest.approx(-0.5 * 0.7, abs=1e-15)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: mixed_report(1.0, 8), "inside"),
        (lambda: mixed_report(0.5, 2), "group of 3"),
        (lambda: agreeing_pull(1.5, 8), r"`p` must lie in \[0, 1\], got 1.5"),
        (
            lambda: agreeing_groups(0.5, 1),
            "`group_size` must be a whole number of at least 2, got 1",
        ),
        (
            lambda: agreeing_groups(0.5, 2.5),
            "`group_size` must be a whole number of at least 2, got 2.5",
        ),
        (lambda: lone_score(1), "`group_size` must be a whole number of at least 2, got 1"),
        (lambda: lone_score(4, ddof=2), "`ddof` must be 0 or 1, got 2"),
        (lambda: normalised_weight(1.0, 0.5), "differ from 1/2"),
    ],
)
def test_domains(call, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
