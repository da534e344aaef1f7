"""Training with any signal: its mean field by formula, by enumeration and by many runs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from simulations.policies import StatedPolicy, softmax
from simulations.signals import majority_vote
from simulations.signals.groups import (
    Groups,
    Signal,
    advantages_of,
    all_groups,
    reward_signal,
    sum_of_signals,
    verdict_signal,
)
from simulations.signals.training import (
    NothingLearned,
    draw_groups,
    enumerated_mean_field,
    mean_field,
    policy_gradient,
    train,
)

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray


def uniform(answers: int, levels: int) -> StatedPolicy:
    shape = (1, 1, answers, levels)
    grid = np.linspace(0, 1, levels)
    return StatedPolicy(np.full((1, 1, answers), 1 / answers), np.full(shape, 1 / levels), grid)


def test_the_mean_field_of_training_is_its_expected_first_step() -> None:
    """The mean of 4,000 runs after one step, against enumeration; the step is small."""
    truth = np.array([[0.7, 0.2]])
    start = uniform(2, 3)
    table = rlcr.table(start.grid)
    paid = truth[..., None] * table[1] + (1 - truth[..., None]) * table[0]
    exact = mean_field(
        start, lambda _: paid[None], learning_rate=0.1, steps=1, shrink=1 - 1 / 4
    ).end
    found = train(
        start,
        truth,
        reward_signal(rlcr, start.grid),
        runs=4000,
        group_size=4,
        learning_rate=0.1,
        steps=1,
    ).end
    assert found.answer.mean(axis=0) == pytest.approx(exact.answer[0], abs=5e-4)
    assert found.confidence.mean(axis=0) == pytest.approx(exact.confidence[0], abs=1e-3)


def test_a_policy_is_asked_exactly() -> None:
    """Two answers, p = 1 and 0, stated 1 and 1/2: by hand."""
    told = np.array([[[[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]]])
    policy = StatedPolicy(np.array([[[0.25, 0.75]]]), told, np.array([0.0, 0.5, 1.0]))
    truth = np.array([[1.0, 0.0]])
    assert policy.accuracy(truth)[0] == 0.25
    assert policy.mean_confidence()[0] == 0.25 + 0.375
    assert policy.brier(truth)[0] == pytest.approx(0.75 * 0.25)
    assert policy.calibration_error(truth)[0] == pytest.approx(0.375)
    assert uniform(4, 2).entropy()[0] == pytest.approx(np.log(4))
    assert softmax(np.array([1000.0, 0.0])).tolist() == [1.0, 0.0]


def test_what_cannot_be_trained_is_refused() -> None:
    start, truth = uniform(2, 2), np.array([[1.0, 0.0]])
    with pytest.raises(ValueError, match="must be positive"):
        train(start, truth, lambda groups: groups.correct, runs=0)
    with pytest.raises(ValueError, match="needs the components of a reward"):
        advantages_of(np.zeros(3), "component_std")


GRID = np.array([0.2, 0.8])
SIGNALS: dict[str, Signal] = {
    "verdict": verdict_signal,
    "rlcr": reward_signal(rlcr, GRID),
    "majority": lambda groups: majority_vote(groups.answers),
    "both": sum_of_signals(
        (0.5, verdict_signal), (1.0, lambda groups: majority_vote(groups.answers))
    ),
}


def random_policy(seed: int, answers: int = 3, levels: int = 2) -> StatedPolicy:
    rng = np.random.default_rng(seed)
    answer = rng.dirichlet(np.ones(answers), (1, 2))
    return StatedPolicy(answer, rng.dirichlet(np.ones(levels), (1, 2, answers)), GRID)


@pytest.mark.parametrize("estimator", ["none", "group_mean", "leave_one_out", "group_std"])
@pytest.mark.parametrize("name", SIGNALS)
def test_enumerated_groups_give_the_mean_of_many_runs(name: str, estimator: str) -> None:
    """20,000 runs of one small step, against every group; 5 standard errors of the mean."""
    start, truth = random_policy(1), np.array([[0.7, 0.2, 0.0], [0.1, 0.5, 0.0]])
    rules: dict[str, Any] = {
        "group_size": 3,
        "learning_rate": 0.01,
        "steps": 1,
        "estimator": estimator,
    }
    exact = enumerated_mean_field(start, truth, SIGNALS[name], **rules).end
    found = train(start, truth, SIGNALS[name], runs=20_000, **rules).end
    for part in ("answer", "confidence"):
        values, limit = getattr(found, part), getattr(exact, part)[0]
        error = values.std(axis=0) / len(values) ** 0.5
        assert (np.abs(values.mean(axis=0) - limit) <= 5 * error + 1e-5).all()


@given(st.integers(0, 1000))
def test_the_formula_of_a_reward_is_the_enumeration_of_its_groups(seed: int) -> None:
    """With the mean of the group as baseline, the expected gradient shrinks by 1 - 1/G."""
    start = random_policy(seed)
    truth = np.random.default_rng(seed).random((2, 3))
    table = rlcr.table(GRID)
    paid = truth[..., None] * table[1] + (1 - truth[..., None]) * table[0]
    formula = mean_field(start, lambda _: paid[None], learning_rate=1.0, steps=2, shrink=2 / 3).end
    exact = enumerated_mean_field(
        start, truth, SIGNALS["rlcr"], group_size=3, learning_rate=1.0, steps=2
    ).end
    assert exact.answer == pytest.approx(formula.answer)
    assert exact.confidence == pytest.approx(formula.confidence)


@given(st.permutations(range(3)), st.sampled_from(list(SIGNALS)), st.integers(0, 1000))
def test_training_does_not_know_the_labels_of_answers(
    renamed: list[int], name: str, seed: int
) -> None:
    start, truth = random_policy(seed), np.random.default_rng(seed).random((2, 3))
    other = StatedPolicy(start.answer[..., renamed], start.confidence[:, :, renamed], GRID)
    rules: dict[str, Any] = {"group_size": 3, "learning_rate": 1.0, "steps": 2}
    plain = enumerated_mean_field(start, truth, SIGNALS[name], **rules).end
    permuted = enumerated_mean_field(other, truth[:, renamed], SIGNALS[name], **rules).end
    assert permuted.joint == pytest.approx(plain.joint[:, :, renamed])


def test_the_probabilities_of_all_groups_sum_to_1() -> None:
    start = random_policy(3)
    groups, chance = all_groups(start, start, np.array([[0.7, 0.2, 0.0], [1.0, 0.0, 0.0]]), 4)
    assert chance.sum(axis=0) == pytest.approx(1.0)
    assert groups.answers.shape == (len(chance), 2, 4)
    with pytest.raises(ValueError, match="at most 200000 groups"):
        all_groups(random_policy(1, 8), start, np.full((2, 8), 0.5), 12)


def test_the_penalty_ends_at_its_closed_form() -> None:
    """pi ~ pi0 exp(U / beta), docs/theory.md, Theorem 38: the fixed point of the mean field."""
    start, truth = random_policy(5), np.array([[0.7, 0.2, 0.0], [0.1, 0.5, 0.0]])
    table = rlcr.table(GRID)
    paid = truth[..., None] * table[1] + (1 - truth[..., None]) * table[0]
    end = mean_field(start, lambda _: paid[None], learning_rate=1.0, steps=4000, kl=0.3).end
    limit = start.joint * np.exp(paid / 0.3)
    assert end.joint == pytest.approx(limit / limit.sum(axis=(-1, -2), keepdims=True), abs=1e-6)


def test_separate_credit_moves_only_what_it_pays() -> None:
    """The answers follow one signal, the levels another: each as if the other were not there."""
    start, truth = random_policy(7), np.array([[0.7, 0.2, 0.0], [0.1, 0.5, 0.0]])
    rules: dict[str, Any] = {"group_size": 3, "learning_rate": 1.0, "steps": 1}
    both = enumerated_mean_field(
        start,
        truth,
        verdict_signal,
        confidence_signal=SIGNALS["rlcr"],
        **rules,
    ).end
    answers = enumerated_mean_field(start, truth, verdict_signal, **rules).end
    levels = enumerated_mean_field(start, truth, SIGNALS["rlcr"], **rules).end
    assert both.answer == pytest.approx(answers.answer)
    assert both.confidence == pytest.approx(levels.confidence)


def test_groups_and_gradients_are_those_of_a_loop_over_rollouts() -> None:
    """Bit for bit, so that recorded results stay what they are."""
    rng = np.random.default_rng(5)
    answer, confidence = softmax(rng.normal(size=(4, 2, 3))), softmax(rng.normal(size=(4, 2, 3, 5)))
    policy, truth = StatedPolicy(answer, confidence, np.arange(5) / 4), rng.random((2, 3))
    groups = draw_groups(policy, policy, truth, 6, np.random.default_rng(8))
    numbers = np.random.default_rng(8)
    of_answer, of_level, of_verdict = (numbers.random((4, 2, 6)) for _ in range(3))
    gained = rng.normal(size=(4, 2, 6))
    chosen, stated = np.zeros(answer.shape), np.zeros(confidence.shape)
    for at in np.ndindex(4, 2, 6):
        run, x, _ = at
        y = (answer[run, x].cumsum() < of_answer[at]).sum()
        level = (confidence[run, x, y].cumsum() < of_level[at]).sum()
        assert (groups.answers[at], groups.levels[at]) == (y, level)
        assert groups.correct[at] == (of_verdict[at] < truth[x, y])
        chosen[run, x, y] += gained[at]
        stated[run, x, y, level] += gained[at]
    of_answers, of_levels = policy_gradient(policy, groups, gained, gained)
    assert np.array_equal(of_answers, chosen - answer * chosen.sum(axis=-1, keepdims=True))
    assert np.array_equal(of_levels, stated - confidence * stated.sum(axis=-1, keepdims=True))


def test_a_signal_that_is_one_object_is_asked_once_for_each_step() -> None:
    asked = []

    def signal(groups: Groups) -> FloatArray:
        asked.append(groups)
        return groups.correct

    rules: dict[str, Any] = {"runs": 8, "group_size": 4, "steps": 3}
    start, truth = random_policy(1), np.full((2, 3), 0.5)
    train(start, truth, signal, **rules)
    assert len(asked) == 3
    train(start, truth, signal, confidence_signal=signal, **rules)  # it draws anew
    assert len(asked) == 3 + 6


def test_a_training_in_which_nothing_is_learned_warns() -> None:
    """Two rollouts, a majority of two and the mean of the group: all rewards are equal."""
    start, truth = random_policy(1), np.ones((2, 3))
    rules: dict[str, Any] = {"runs": 4, "group_size": 2, "steps": 3}
    with pytest.warns(NothingLearned, match="nothing was learned"):
        train(start, truth, SIGNALS["majority"], **rules)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(start, truth, SIGNALS["rlcr"], **rules)
