"""What a transformer learns from: sampled updates are the expected ones on average, and so on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")

from simulations import Experiment, LearningRule, run
from simulations.signals import ClipCov, KlCov
from simulations.training import random_streams
from simulations.transformer import Corpus, Transformer, TransformerState
from simulations.transformer.learning import (
    PolicyGradient,
    completion_probabilities,
    leaf,
    log_probabilities,
)
from simulations.transformer.network import pytorch
from simulations.worlds import World, lookup_world, sum_world

WORLD = lookup_world(4, 4)
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "thoughts": {"thoughts": 2},
    "confidence first": {"confidence_first": True},
    "two tokens": {"digits": 2},
    "separate credit": {"separate": True},
    "two networks": {"shared": False},
}


def small(**changes: Any) -> Transformer:
    settings = {"levels": 3, "width": 16, "heads": 2, "depth": 1, "pretraining": 40, **changes}
    return Transformer(corpus=settings.pop("corpus", Corpus(WORLD)), **settings)


def lesson(
    agent: Transformer, rule: LearningRule, reward: str = "rlcr", world: World = WORLD
) -> tuple[PolicyGradient, TransformerState]:
    experiment = Experiment(reward=reward, agent=agent, world=world, elsewhere=world, training=rule)
    state = agent.start(world, np.random.default_rng(0))
    return agent.lesson(world, experiment.payoffs()[0], rule), state


def weights(made: PolicyGradient, state: TransformerState, seed: int, draws: int) -> Any:
    """Expected weights, and mean and standard error of sampled ones."""
    asked, rng = np.arange(made.rule.batch), np.random.default_rng(seed)
    chance = completion_probabilities(made.network, state, made.questions)[asked]
    total, squares = np.zeros((2, 2, *chance.shape))
    for _ in range(draws):
        one = made.weights(chance, asked, rng).sum(axis=0)
        total += one
        squares += one**2
    mean = total / draws
    error = np.sqrt(np.maximum(squares / draws - mean**2, 1e-12) / draws)
    expected = replace(made, expected=True).weights(chance, asked, rng).sum(axis=0)
    return expected, mean, error


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("estimator", ["group_mean", "group_std", "leave_one_out"])
def test_sampled_updates_are_the_expected_ones_on_average(variant: str, estimator: str) -> None:
    rule = LearningRule(batch=2, group_size=3, estimator=estimator)
    made, state = lesson(small(**VARIANTS[variant]), rule)
    expected, mean, error = weights(made, state, seed=1, draws=4000)
    assert np.abs(mean - expected).max() < (5 * error).max()
    assert (np.abs(mean - expected) < 5 * error).all()


def test_another_estimator_would_be_noticed() -> None:
    made, state = lesson(small(), LearningRule(batch=2, group_size=3))
    wrong = replace(made, rule=replace(made.rule, estimator="none"))
    expected, _, _ = weights(made, state, seed=1, draws=1)
    _, mean, error = weights(wrong, state, seed=1, draws=4000)
    assert (np.abs(mean - expected) > 5 * error).any()


def test_the_expected_update_is_the_gradient_of_the_expected_reward() -> None:
    """Oracle: automatic differentiation of sum over completions of pi R, without an estimator."""
    torch = pytorch()
    rule = LearningRule(batch=4, estimator="none", group_size=2)
    made, state = lesson(small(thoughts=1, expected=True), rule)
    asked = np.arange(4)
    said, truth = made.network.completions, WORLD.success_probability[asked]
    p = truth[:, said.answer_of]
    paid = p * made.tables[0, 1][said.level_of] + (1 - p) * made.tables[0, 0][said.level_of]
    parameters = leaf(state)
    chance = log_probabilities(made.network, parameters, made.questions[asked]).sum(0).exp()
    (-(chance * torch.from_numpy(paid.astype(np.float32))).sum() / len(asked)).backward()
    assert gradient(made, state) == pytest.approx(parameters.grad.numpy(), abs=1e-6)


def gradient(made: PolicyGradient, state: TransformerState) -> Any:
    """The gradient of the loss of a step."""
    asked = np.arange(made.rule.batch)
    chance = completion_probabilities(made.network, state, made.questions)[asked]
    found = made.weights(chance, asked, np.random.default_rng(0)).sum(axis=0)
    parameters = leaf(state)
    parts = log_probabilities(made.network, parameters, made.questions[asked])
    made.loss(parts, found, asked).backward()
    return parameters.grad.numpy()


@pytest.mark.parametrize(("reward", "moves"), [("c", False), ("rlcr", True)])
def test_binary_reward_moves_no_confidence_of_its_own(reward: str, *, moves: bool) -> None:
    """Theorem 35: the expected gradient of the confidence's tokens is 0 under the binary reward."""
    made, state = lesson(
        small(shared=False, expected=True), LearningRule(batch=4, group_size=4), reward
    )
    answers, confidence = gradient(made, state)
    assert np.abs(answers).max() > 1e-3
    assert (np.abs(confidence).max() > 1e-3) == moves
    assert moves or np.abs(confidence).max() < 1e-6


@pytest.mark.parametrize(("credit", "still"), [("answers", 1), ("confidence", 0)])
def test_credit_for_some_tokens_moves_these_alone(credit: Any, still: int) -> None:
    made, state = lesson(small(shared=False, credit=credit), LearningRule(batch=4, group_size=4))
    found = gradient(made, state)
    assert not found[still].any()
    assert found[1 - still].any()


@pytest.mark.parametrize("expected", [True, False])
def test_nothing_changes_when_the_labels_of_answers_are_permuted(*, expected: bool) -> None:
    order = np.array([2, 0, 3, 1])
    agent = small(expected=expected)
    renamed = World(WORLD.success_probability[:, order], WORLD.features)
    rule = LearningRule(batch=16, group_size=256)
    made, state = lesson(agent, rule)
    network, first = agent.network, agent.network.completions.first_token["answer"]
    arrays = network.arrays(pytorch().from_numpy(state.parameters[0].copy()))
    tokens = np.arange(network.completions.vocabulary)
    tokens[first : first + 4] = first + order
    arrays["tokens"][:] = arrays["tokens"][tokens].clone()
    arrays["output"][:] = arrays["output"][:, tokens].clone()
    swapped = np.concatenate([arrays[name].numpy().ravel() for name, _ in network.layout])
    other = state._replace(parameters=swapped[None])
    before, after = (agent.policy(*pair).joint[0] for pair in ((state, WORLD), (other, renamed)))
    assert after == pytest.approx(before[:, order], abs=1e-6)
    if expected:
        made_there = replace(made, world=renamed)
        ours, theirs = gradient(made, state), gradient(made_there, other)
        assert np.sort(np.abs(theirs)) == pytest.approx(np.sort(np.abs(ours)), abs=1e-6)


def test_a_divergence_is_flat_where_it_begins_and_pulls_back_later() -> None:
    rule = LearningRule(batch=16, group_size=2, kl=1.0, right_weight=0.0, wrong_weight=0.0)
    made, state = lesson(small(), rule)
    made = replace(made, before=completion_probabilities(made.network, state, made.questions))
    assert np.abs(gradient(made, state)).max() < 1e-5
    rng = np.random.default_rng(0)
    moved = state._replace(
        parameters=state.parameters + 0.05 * rng.normal(size=state.parameters.shape).astype("f4")
    )
    divergence = []
    for _ in range(2):
        now = completion_probabilities(made.network, moved, made.questions)
        divergence.append(float((now * np.log(now / made.before)).sum(axis=1).mean()))
        made.advance(moved, random_streams(0, 1)[0].stream, 0, 50)
    assert divergence[1] < divergence[0] / 2


def test_one_epoch_of_ppo_is_the_policy_gradient_and_more_epochs_are_not() -> None:
    ends = []
    for rule in (
        LearningRule(batch=4, group_size=4),
        LearningRule(batch=4, group_size=4, update="ppo"),
        LearningRule(batch=4, group_size=4, update="ppo", epochs=3),
    ):
        made, state = lesson(small(), rule)
        made.advance(state, random_streams(0, 1)[0].stream, 0, 5)
        ends.append(state)
    assert np.array_equal(ends[0].parameters, ends[1].parameters)
    assert ends[2].updates[0] == 15
    assert not np.array_equal(ends[0].parameters, ends[2].parameters)


def test_what_is_far_from_the_old_policy_is_clipped() -> None:
    """By the sign of the advantage, also where two rollouts say the same with different luck."""
    made, _ = lesson(small(), LearningRule(update="ppo", epochs=2, clip=(0.2, 0.3)))
    old, now = np.full(4, 0.5), np.array([0.7, 0.6, 0.3, 0.45])  # ratios 1.4, 1.2, 0.6, 0.9
    gained, lost = np.array([1.0, 1.0, 1.0, 1.0]), np.array([-0.5, -0.5, -0.5, -0.5])
    found = made._clipped(np.stack([gained, lost]), now, old)
    assert found.tolist() == pytest.approx([-0.7, 0.6, 0.6, 0.45])
    assert made._clipped(np.stack([gained, lost]), old, old).tolist() == [0.5] * 4


@pytest.mark.parametrize(("correlation", "sign"), [(1.0, 1), (0.0, 0), (-1.0, -1)])
def test_confidence_in_the_corpus_follows_skill_as_asked(correlation: float, sign: int) -> None:
    world = lookup_world()
    corpus = Corpus(world, lines=256, correlation=correlation)
    said = Transformer(corpus=corpus).network.completions
    counts = corpus.counts(said, np.random.default_rng(0))
    assert counts.sum(axis=1).tolist() == [256] * world.questions
    likely = world.success_probability.max(axis=1)
    level = counts @ said.level_of / 256
    slope = np.corrcoef(likely, level)[0, 1]
    assert abs(slope) < 0.2 if sign == 0 else sign * slope > 0.8
    best = counts @ np.eye(world.answers)[said.answer_of]
    knows = best[np.arange(world.questions), world.success_probability.argmax(axis=1)] / 256
    skill = 0.25 + 0.6 * likely
    assert knows.mean() == pytest.approx((skill + (1 - skill) / 8).mean(), abs=0.01)


def test_the_first_thought_is_about_difficulty_and_the_second_about_nothing() -> None:
    corpus = Corpus(lookup_world(), lines=256)
    said = Transformer(corpus=corpus, thoughts=2).network.completions
    counts = corpus.counts(said, np.random.default_rng(0))
    likely = corpus.world.success_probability.max(axis=1)
    hard = likely < np.median(likely)
    first, second = (counts @ (said.thought_of // divisor % 2) / 256 for divisor in (2, 1))
    assert first[hard].mean() == pytest.approx(0.8, abs=0.01)
    assert first[~hard].mean() == pytest.approx(0.2, abs=0.01)
    assert second.mean() == pytest.approx(0.5, abs=0.01)


def test_a_run_does_not_depend_on_checkpoints_threads_or_other_replicates() -> None:
    agent, rule = small(), LearningRule(batch=4, group_size=4)
    base = Experiment(
        reward="rlcr", agent=agent, world=WORLD, elsewhere=WORLD, training=rule, steps=12,
        replicates=2, keep_policy="last",
    )  # fmt: skip
    one = run(replace(base, checkpoints=(0, 12)), threads=1)
    other = run(replace(base, checkpoints=(0, 5, 12)), threads=2)
    single = run(replace(base, checkpoints=(12,), replicates=1))
    assert np.array_equal(one.states["parameters"], other.states["parameters"])
    assert np.array_equal(one.states["parameters"][:1], single.states["parameters"])
    policy = one.policy(replace(base, checkpoints=(0, 12)))
    assert policy.accuracy(WORLD.success_probability) == pytest.approx(
        one.metric("accuracy")[:, -1]
    )


def test_it_learns_and_is_measured_on_questions_that_it_was_not_trained_on() -> None:
    parts = [lookup_world(6, 3, part=part) for part in ("all", "trained", "held_out")]
    agent = small(corpus=Corpus(parts[0]), pretraining=150, speed=3e-3)
    rule = LearningRule(batch=24, group_size=4)
    experiment = Experiment(
        reward="rlcr", agent=agent, world=parts[1], elsewhere=parts[2], training=rule, steps=150,
        replicates=1, checkpoints=2,
    )  # fmt: skip
    record = run(experiment)
    accuracy, ece = (record.metric(name)[0] for name in ("accuracy", "ece"))
    assert accuracy[1] > accuracy[0] + 0.02
    assert accuracy[1] <= parts[1].best_accuracy
    assert ece[1] < ece[0]
    assert record.metric("accuracy", "out")[0, 1] != accuracy[1]


def test_signals_train_it_as_they_train_the_table() -> None:
    """With the signal "verdict" the groups, and so the parameters, are those without a signal."""
    base = Experiment(
        reward="rlcr", agent=small(), world=WORLD, elsewhere=WORLD, steps=6, replicates=1,
        training=LearningRule(batch=4, group_size=4), checkpoints=(6,), keep_policy="last",
    )  # fmt: skip
    plain, verdict, majority = (
        run(replace(base, signal=signal)).states["parameters"]
        for signal in (None, "verdict", "majority")
    )
    assert np.array_equal(plain, verdict)
    assert not np.array_equal(plain, majority)
    for idle, active in ((ClipCov(above=99), ClipCov(above=0)), (KlCov(kl=0), KlCov(above=0))):
        assert np.array_equal(plain, run(replace(base, signal=idle)).states["parameters"])
        assert not np.array_equal(plain, run(replace(base, signal=active)).states["parameters"])
    erring = run(replace(base, agent=small(), signal="majority"))
    assert np.isfinite(erring.metric("ece")).all()


def test_mistakes_are_sentences() -> None:
    from simulations.worlds import bank

    for settings, sentence in (
        ({"width": 10, "heads": 4}, "`width` must be a multiple of `heads`"),
        ({"digits": 3}, "power of degree 3, got 4"),
        ({"credit": "all"}, '`credit` must be "both"'),
        ({"levels": 1}, "`levels` must be at least 2"),
        ({"speed": 0.0}, "must be positive"),
        ({"corpus": WORLD}, "`corpus` must be a Corpus"),
    ):
        with pytest.raises(ValueError, match=sentence):
            small(**settings)
    with pytest.raises(ValueError, match="reads tokens"):
        small().start(bank(4, 4), np.random.default_rng(0))
    with pytest.raises(ValueError, match="questions of 2 tokens from 0 to 3, got 4 tokens"):
        small().start(sum_world(2), np.random.default_rng(0))
    streams, agent = random_streams(0, 1)[0], small()
    start, rule = agent.start(WORLD, streams.prior), LearningRule(kl=0.1, batch=4)
    with pytest.raises(ValueError, match="needs the `prior`"):
        agent.train(start, WORLD, np.zeros((2, 3)), rule, streams.stream, 0, 1)
    for changed, sentence in (({"lines": 0}, "`lines`"), ({"noise": -1.0}, "negative")):
        with pytest.raises(ValueError, match=sentence):
            Corpus(WORLD, **changed)
    with pytest.raises(ValueError, match="does not support"):
        Experiment(
            reward="rlcr", agent=small(), world=WORLD, elsewhere=WORLD,
            training=LearningRule(update="natural"),
        )  # fmt: skip


@pytest.mark.parametrize("make", [lookup_world, sum_world])
def test_worlds_of_tokens_are_parted_without_overlap(make: Any) -> None:
    everything, trained, held_out = (make(part=part) for part in ("all", "trained", "held_out"))
    parts = [{tuple(row) for row in world.features} for world in (trained, held_out)]
    assert not parts[0] & parts[1]
    assert parts[0] | parts[1] == {tuple(row) for row in everything.features}
    assert len(parts[0]) == round(2 / 3 * everything.questions)


def test_a_sum_is_right_and_carrying_makes_it_hard() -> None:
    world = sum_world(5)
    for tokens, truth in zip(world.features.astype(int), world.success_probability, strict=True):
        a, b, c, d = tokens.tolist()
        total = (5 * a + b + 5 * c + d) % 25
        carries = (b + d >= 5) + (a + c + (b + d >= 5) >= 5)
        assert truth.argmax() == total
        assert truth.max() == pytest.approx((0.9, 0.6, 0.3)[carries])
