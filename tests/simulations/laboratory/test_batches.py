"""Estimators that compare questions: their expectation, against every batch and many updates."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from scoring_theory.advantage.estimators import ESTIMATORS
from simulations.policies import StatedPolicy
from simulations.signals.batches import expected_advantages
from simulations.signals.groups import Signal, advantages_of, all_groups, reward_signal
from simulations.signals.training import Trained, enumerated_mean_field, train

GRID = np.array([0.2, 0.8])
OF_BATCH = [name for name, one in ESTIMATORS.items() if one.of_batch]
TRUTH = np.array([[0.7, 0.2], [0.1, 0.5]])
OFFSETS = np.array([1.5, -0.5])


def random_policy(seed: int, questions: int = 2, answers: int = 2) -> StatedPolicy:
    rng = np.random.default_rng(seed)
    answer = rng.dirichlet(np.ones(answers), (1, questions))
    told = rng.dirichlet(np.ones(2), (1, questions, answers))
    return StatedPolicy(answer, told, GRID)


def with_offsets(offsets: Any) -> Signal:
    pays = reward_signal(rlcr, GRID)
    return lambda groups: np.asarray(pays(groups) + np.asarray(offsets)[:, None])


def step(
    start: StatedPolicy, truth: Any, offsets: Any, estimator: str, **rules: Any
) -> StatedPolicy:
    options: dict[str, Any] = {"group_size": 2, "learning_rate": 1.0, "steps": 1, **rules}
    signal = with_offsets(offsets)
    return enumerated_mean_field(start, truth, signal, estimator=estimator, **options).end


def of_every_batch(rewards: Any, chance: Any, estimator: str) -> Any:
    """The expected advantages given the own group, by brute force over all joint batches."""
    total, questions = np.zeros(rewards.shape), rewards.shape[1]
    for batch in product(range(len(rewards)), repeat=questions):
        at = np.array(batch), np.arange(questions)
        gained, chances = advantages_of(rewards[at], estimator), chance[at]
        for x, group in enumerate(batch):
            total[group, x] += gained[x] * np.delete(chances, x).prod()
    return total


@pytest.mark.parametrize("offsets", [(0.0, 0.0, 0.0), (1.5, -0.5, 0.3)])
@pytest.mark.parametrize("estimator", OF_BATCH)
@pytest.mark.parametrize("kind", ["rlcr", "verdict", "alike"])
def test_the_expectation_is_that_of_every_batch(kind: str, estimator: str, offsets: Any) -> None:
    """Three questions; also where all rewards of a batch are 0.1, and nothing may be divided."""
    policy = random_policy(3, 3)
    truth = np.array([[0.7, 0.2], [0.1, 0.5], [1.0, 0.0]])
    groups, chance = all_groups(policy, policy, truth, 2)
    plain = {
        "rlcr": reward_signal(rlcr, GRID)(groups),
        "verdict": groups.correct,
        "alike": 0.1 + 0 * groups.correct,
    }
    rewards = plain[kind] + np.array(offsets)[:, None]
    keep = chance.max(axis=1).argsort()[-9:]
    some, likely = rewards[keep], chance[keep] / chance[keep].sum(axis=0)
    found = expected_advantages(some, likely, estimator)
    assert found == pytest.approx(of_every_batch(some, likely, estimator), abs=1e-10)
    if kind == "alike" and not any(offsets):
        assert not found.any() or estimator == "global_mean"


@pytest.mark.parametrize("spread", [1e-13, 1e-11, 1e-7])
@pytest.mark.parametrize("estimator", ["whitened", "batch_std"])
def test_what_counts_as_all_alike_is_what_the_estimator_says(spread: float, estimator: str) -> None:
    rewards = 0.1 + spread * np.array([[[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]])
    chance = np.array([[0.4, 0.3], [0.6, 0.7]])
    exact = of_every_batch(rewards, chance, estimator)
    assert expected_advantages(rewards, chance, estimator) == pytest.approx(exact, rel=1e-3)
    assert bool(exact.any()) == (spread > 1e-12)


@pytest.mark.parametrize("estimator", OF_BATCH)
def test_enumerated_batches_give_the_mean_of_many_updates(estimator: str) -> None:
    """20,000 runs of one small step; 4 standard errors of the mean."""
    start, rules = random_policy(1), dict[str, Any](group_size=3, learning_rate=0.01)
    exact = step(start, TRUTH, OFFSETS, estimator, **rules)
    found = train(
        start, TRUTH, with_offsets(OFFSETS), runs=20_000, steps=1, estimator=estimator, **rules
    ).end  # fmt: skip
    for part in ("answer", "confidence"):
        values, limit = getattr(found, part), getattr(exact, part)[0]
        error = values.std(axis=0) / len(values) ** 0.5
        assert (np.abs(values.mean(axis=0) - limit) <= 4 * error + 1e-5).all()


@given(st.permutations(range(3)), st.sampled_from(OF_BATCH), st.integers(0, 1000))
def test_training_knows_neither_the_order_of_questions_nor_the_labels_of_answers(
    order: list[int], estimator: str, seed: int
) -> None:
    start, truth = random_policy(seed, 3), np.random.default_rng(seed).random((3, 2))
    offsets = np.array([1.0, -1.0, 0.25])
    plain = step(start, truth, offsets, estimator).joint
    moved = step(start.of(np.array(order)), truth[order], offsets[order], estimator).joint
    assert moved == pytest.approx(plain[:, order], abs=1e-10)
    named = StatedPolicy(start.answer[..., ::-1], start.confidence[:, :, ::-1], GRID)
    assert step(named, truth[:, ::-1], offsets, estimator).joint == pytest.approx(
        plain[:, :, ::-1], abs=1e-10
    )


@pytest.mark.parametrize(
    ("estimator", "alone"),
    [("whitened", "group_std"), ("batch_std", "group_std"), ("global_mean", "group_mean")],
)
def test_a_batch_of_one_question_is_its_group(estimator: str, alone: str) -> None:
    start = random_policy(5, 1)
    of_batch, of_group = (
        step(start, TRUTH[:1], OFFSETS[:1], name, group_size=3) for name in (estimator, alone)
    )
    assert of_batch.joint == pytest.approx(of_group.joint, abs=1e-10)


def test_a_constant_of_a_question_matters_to_a_batch_and_not_to_a_group() -> None:
    start = random_policy(2)
    moved = {
        (name, offset): step(start, TRUTH, (offset, -offset), name).joint - start.joint
        for name in ("whitened", "batch_std", "group_std")
        for offset in (0.0, 3.0)
    }
    assert moved["group_std", 3.0] == pytest.approx(moved["group_std", 0.0], abs=1e-10)
    for name in ("whitened", "batch_std"):
        assert np.abs(moved[name, 3.0]).max() < 0.5 * np.abs(moved[name, 0.0]).max()


def test_too_many_batches_are_refused_in_a_sentence() -> None:
    start, truth = random_policy(0, 8, 4), np.random.default_rng(0).random((8, 4))
    offsets = np.arange(8) ** 0.5

    def follow(estimator: str) -> Trained:
        return enumerated_mean_field(
            start, truth, with_offsets(offsets), group_size=3, learning_rate=1.0, steps=1,
            estimator=estimator,
        )  # fmt: skip

    with pytest.raises(ValueError, match=r"at most 200000 batches .* take fewer questions"):
        follow("whitened")
    assert follow("global_mean").end.answer.shape == (1, 8, 4)  # needs no deviation
