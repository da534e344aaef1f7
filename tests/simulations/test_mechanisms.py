"""The effect of each reward, and of each mechanism: present with it and absent without it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from scoring_theory.reward import Reward
from simulations import (
    MECHANISMS,
    STANDARD_REWARDS,
    Coupled,
    Experiment,
    Mechanism,
    Record,
    SelfProbability,
    Tabular,
    World,
    everything_off,
    feature_world,
    mechanism,
    run,
    standard_experiments,
)
from simulations.meanfield import recursion
from simulations.training import LearningRule, random_streams
from simulations.worlds import bank, drifted, noisy_reward_model


@cache
def story(agent: str, reward: str) -> Record:
    for experiment in standard_experiments("full"):
        if (experiment.agent.kind, experiment.name) == (agent, reward):
            return run(replace(experiment, replicates=4, checkpoints=3))
    raise KeyError(agent, reward)


def first(record: Record, metric: str, where: str = "in") -> float:
    return float(record.metric(metric, where)[:, 0].mean())


def test_all_rewards_start_from_the_same_agent() -> None:
    # Yardstick: accuracy .18, ECE .34.
    starts = {
        reward: (first(r := story("coupled", reward), "accuracy"), first(r, "ece"))
        for reward in STANDARD_REWARDS
    }
    assert len(set(starts.values())) == 1
    assert starts["binary"] == pytest.approx((0.18, 0.33), abs=0.02)


def test_binary_reward_teaches_a_coupled_agent_to_be_confidently_wrong() -> None:
    # Yardstick: accuracy .40, ECE .42, confident errors from 0 to .2-.3. The reward ignores its
    # confidence.
    record = story("coupled", "binary")
    assert 0.36 < record.final("accuracy") < 0.42
    assert 0.38 < record.final("ece") < 0.50
    assert first(record, "confident_and_wrong") < 0.01
    assert 0.2 < record.final("confident_and_wrong") < 0.4
    assert (
        record.final("answer_entropy") < first(record, "answer_entropy") / 2
    )  # the mechanism: the policy sharpens
    assert record.final("ece", "out") > record.final("ece") + 0.1


def test_without_the_coupling_the_effect_is_gone() -> None:
    on = next(
        e for e in standard_experiments("full") if e.agent.kind == "coupled" and e.name == "binary"
    )
    off = run(replace(on, agent=Coupled(coupling=False), replicates=8, checkpoints=3))
    assert abs(off.final("mean_confidence") - first(off, "mean_confidence")) < 0.04
    assert off.final("confident_and_wrong") < 0.01
    assert off.final("accuracy") == pytest.approx(
        story("coupled", "binary").final("accuracy"), abs=0.01
    )
    assert (
        story("coupled", "binary").final("mean_confidence") > first(off, "mean_confidence") + 0.25
    )


@pytest.mark.parametrize("reward", ["rlcr", "c + spherical", "one_sided"])
def test_a_safe_reward_teaches_a_coupled_agent_both(reward) -> None:
    # Yardstick for Brier: accuracy .40, ECE .04.
    record = story("coupled", reward)
    assert record.final("accuracy") > 0.34
    assert record.final("ece") < 0.06
    assert record.final("confident_and_wrong") < 0.02


def test_under_the_log_score_a_coupled_agent_learns_deliberately_wrong_answers() -> None:
    # Yardstick: accuracy collapses to .01, with almost perfect calibration.
    record = story("coupled", "c + log")
    assert record.final("accuracy") < 0.02
    assert record.final("ece") < 0.03
    assert record.final("mean_confidence") < 0.05


def test_the_tabular_agent_has_no_mechanism_and_keeps_its_confidence_under_binary_reward() -> None:
    record = story("tabular", "binary")
    assert record.final("accuracy") > 0.45
    assert record.final("mean_confidence") == pytest.approx(
        first(record, "mean_confidence"), abs=0.03
    )


@pytest.mark.parametrize("reward", ["rlcr", "c + spherical", "c + log", "one_sided"])
def test_every_strictly_proper_reward_makes_the_tabular_agent_more_honest(reward) -> None:
    record, binary = story("tabular", reward), story("tabular", "binary")
    assert record.final("ece") < binary.final("ece") - 0.08
    assert record.final("auroc") > 0.7 > binary.final("auroc")
    assert record.final("confident_and_wrong") < 0.02 < binary.final("confident_and_wrong")


def test_the_log_score_costs_the_tabular_agent_accuracy() -> None:
    assert (
        story("tabular", "c + log").final("accuracy")
        < story("tabular", "rlcr").final("accuracy") - 0.01
    )


def test_an_agent_that_states_its_own_probability_becomes_sure_under_binary_reward() -> None:
    home, away = feature_world(512), feature_world(512, shift=1.5)
    experiment = Experiment(
        reward=STANDARD_REWARDS["binary"], agent=SelfProbability(), world=home, elsewhere=away,
        training=LearningRule(learning_rate=0.05), steps=1500, replicates=4, checkpoints=2,
    )  # fmt: skip
    record = run(experiment)
    assert record.final("mean_confidence") > first(record, "mean_confidence") + 0.25
    assert record.final("ece") > first(record, "ece") + 0.1


@cache
def forecast(reward: str, p: float, outcomes: str, estimator: str, group: int) -> float:
    """Mean confidence after training one settled answer with success probability p, prior near .8
    (Theorem 29).
    """
    world, rate = (
        World(np.tile([[p, 0.0]], (16, 1)), outcomes=outcomes),
        0.1 if estimator == "group_std" else 1.0,
    )
    experiment = Experiment(
        reward=Reward.parse(reward),
        agent=Tabular(mode=0.8, head_start=20.0, noise=0.0),
        world=world,
        elsewhere=world,
        training=LearningRule(estimator=estimator, group_size=group, batch=16, learning_rate=rate),
        steps=4000,
        replicates=8,
        checkpoints=(4000,),
    )
    return run(experiment).final("mean_confidence")


BRIER, LOG = "c - (q - c)^2", "c + log(1 - abs(q - c))"
SPHERICAL = "c + (1 - abs(q - c))/sqrt(q^2 + (1 - q)^2)"


@pytest.mark.parametrize("reward", [BRIER, LOG, SPHERICAL])
def test_with_shared_outcomes_the_standard_deviation_drives_every_rule_to_the_end(reward) -> None:
    assert forecast(reward, 0.7, "shared", "group_std", 8) > 0.97


def test_with_shared_outcomes_the_mean_alone_is_honest() -> None:
    assert forecast(BRIER, 0.7, "shared", "group_mean", 8) == pytest.approx(0.7, abs=0.03)


def test_with_independent_outcomes_the_bias_shrinks_as_groups_grow() -> None:
    # Theorem 27 and measured, Brier, p = .7: .997 for groups of 4, .752 for 16, .706 for 64; group
    # mean alone .70.
    ends = [forecast(BRIER, 0.7, "independent", "group_std", group) for group in (4, 16, 64)]
    assert ends == pytest.approx([0.997, 0.752, 0.706], abs=0.02)
    assert forecast(BRIER, 0.7, "independent", "group_mean", 8) == pytest.approx(0.7, abs=0.03)


@cache
def pair(name: str) -> tuple[Mechanism, Record, Record]:
    made = mechanism(name)
    if name == "coupling":  # a quarter of the runs says enough
        made = replace(made, on=replace(made.on, replicates=4), off=replace(made.off, replicates=4))
    return made, run(made.on), run(made.off)


# Effects with and without; closed forms, except for the coupling, whose mean field is followed step
# by step, and the estimator, whose head is followed:
# sampling-noise: sqrt(v (1 - (1 - .7 * .25 / G)^40)), variance v of the prior .0354; G = 1 and 1024
# shift    .7 - 1 / (1 + e * 3 / 7)
EFFECTS = {
    "coupling": (0.31, 0.0),
    "sampling-noise": (0.1878, 0.0155),
    "estimator": (0.2998, 0.0016),
    "verifier-noise": (0.1, 0.0),
    "shift": (0.7 - 1 / (1 + np.e * 3 / 7), 0.0),
}
TOLERANCE = {
    "coupling": 0.01,
    "sampling-noise": 0.02,
    "estimator": 0.005,
    "verifier-noise": 0.005,
    "shift": 0.005,
}


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_exact_effect_of_each_mechanism(name) -> None:
    made = mechanism(name)
    exact = made.exact(), made.exact(without=True)
    assert exact == pytest.approx(EFFECTS[name], abs=0.01 if name == "coupling" else 1e-4)


@pytest.mark.slow  # `test_a_short_mechanism_still_shows` runs them with fewer steps and runs
@pytest.mark.parametrize("name", MECHANISMS)
def test_each_mechanism_is_there_when_on_and_gone_when_off(name) -> None:
    made, on, off = pair(name)
    exact = made.exact(), made.exact(without=True)
    measured = made.measured(on), made.measured(off)
    assert measured == pytest.approx(exact, abs=TOLERANCE[name])
    assert abs(measured[1]) < 0.1 * measured[0]


@pytest.mark.parametrize("name", MECHANISMS)
@pytest.mark.parametrize("scale", ["short", "full"])
def test_with_and_without_differ_in_one_thing(name, scale) -> None:
    made = mechanism(name, scale=scale, seed=3)
    on, off = ({**vars(one), **vars(one.training)} for one in (made.on, made.off))
    differ = {field for field in on if on[field] != off[field]} - {"name", "training"}
    one = {
        "coupling": {"agent"},
        "sampling-noise": {"group_size"},
        "estimator": {"estimator"},
        "shift": {"elsewhere"},
    }
    assert differ == one.get(
        name, {"world", "elsewhere"}
    )  # the proxy: one world as paid, and in truth
    assert made.on.seed == made.off.seed == 3
    assert made.experiment() is made.on
    assert made.experiment(without=True) is made.off


@pytest.mark.parametrize("name", ["verifier-noise", "shift"])
def test_without_proxy_and_shift_both_worlds_are_one(name) -> None:
    off = mechanism(name).off
    assert off.world is off.elsewhere
    assert off.world.paid_probability is off.world.success_probability


def test_a_judge_with_opinions_is_a_proxy_too() -> None:
    # The rational agent picks what the judge overrates and is as sure as the judge; without noise
    # it is honest.
    proxy, world = mechanism("verifier-noise"), bank(200, 6, seed=1)
    gaps = []
    for spread in (0.0, 0.5, 1.0, 2.0):
        judged = noisy_reward_model(world, spread, seed=2)
        on = replace(proxy.on, agent=Tabular(levels=101), world=judged.as_paid(), elsewhere=judged)
        gaps.append(replace(proxy, on=on).exact())
    assert gaps[0] == pytest.approx(0.0, abs=0.001)
    assert (np.diff(gaps) > 0.03).all()


@pytest.mark.slow
def test_a_short_mechanism_still_shows() -> None:
    for name in MECHANISMS:
        made = mechanism(name, scale="short")
        assert (made.on.replicates, mechanism(name).on.replicates) in ((4, 16), (200, 400))
        on, off = (made.measured(run(e)) for e in (made.on, made.off))
        assert abs(off) < 0.12 * on
        assert on == pytest.approx(EFFECTS[name][0], abs=0.03)


def test_with_everything_off_the_mean_field_of_confidence_is_exactly_zero() -> None:
    experiment = everything_off()
    table, training = experiment.payoffs()[0], experiment.training
    start = experiment.agent.start(experiment.world, np.random.default_rng(0))
    end = recursion(start, experiment.world, table, training, steps=500)
    assert np.array_equal(end.confidence, start.confidence)  # every bit
    assert np.abs(end.answer - start.answer).max() > 1
    honest = recursion(
        start,
        experiment.world,
        STANDARD_REWARDS["rlcr"].table(experiment.agent.grid),
        training,
        steps=5,
    )
    assert not np.array_equal(
        honest.confidence, start.confidence
    )  # the zero is the reward's, not the test's


def test_one_step_of_wandering_costs_the_head_its_share_of_variance() -> None:
    # Enumeration: rollouts y_g with P(y) = pi and R in {0, 1} with P(1) = p move pi by r/G sum_g
    # R_g (e_{y_g} - pi); then E[pi_a pi_b] = pi_a pi_b (1 - p r^2 / G) for a != b, whether the
    # outcomes are independent or shared.
    pi, p, rate = np.array([0.2, 0.3, 0.5]), 0.7, 0.4
    for group, shared in ((1, False), (2, False), (2, True)):
        after = np.zeros((3, 3))
        for levels in product(range(3), repeat=group):
            for rewards in product((0, 1), repeat=group):
                chance = np.prod([p if r else 1 - p for r in rewards])
                if shared:
                    chance = (p if rewards[0] else 1 - p) * (len(set(rewards)) == 1)
                weight = chance * np.prod(pi[list(levels)])
                moved = pi + rate / group * sum(
                    r * (np.eye(3)[y] - pi) for r, y in zip(rewards, levels, strict=True)
                )
                after += weight * np.outer(moved, moved)
        off = ~np.eye(3, dtype=bool)
        assert after[off] == pytest.approx((np.outer(pi, pi) * (1 - p * rate**2 / group))[off])


@pytest.mark.slow
def test_noise_keeps_the_mean_and_fixates_runs_as_often_as_the_prior_says() -> None:
    # Theorem 36: under the replicator probabilities are the martingale; .9995 of the variance then
    # lies between runs.
    made, on, _ = pair("sampling-noise")
    ends = on.metric("mean_confidence")[:, -1]
    assert abs(ends.mean() - on.metric("mean_confidence")[0, 0]) < 4 * ends.std() / np.sqrt(
        ends.size
    )
    prior = made.on.agent.start(made.on.world, np.random.default_rng(0), "replicator").confidence[
        0, 0
    ]
    settled = on.metric("confidence_entropy")[:, -1] < 0.05
    assert settled.mean() > 0.95
    counts = np.bincount(np.rint(10 * ends).astype(int), minlength=11)
    lumped, expected = ([*counts[5:], counts[:5].sum()], [*prior[5:], prior[:5].sum()])
    assert chisquare(lumped, np.array(expected) * ends.size).pvalue > 0.001


def test_the_proxy_is_calibrated_in_the_eyes_of_the_verifier() -> None:
    _, on, _ = pair("verifier-noise")
    assert on.final("mean_confidence", "in") - on.final("accuracy", "in") == pytest.approx(
        0.0, abs=0.005
    )
    assert on.final("accuracy", "in") - on.final("accuracy", "out") == pytest.approx(0.1, abs=1e-3)


def test_the_shift_leaves_home_calibrated() -> None:
    made, on, _ = pair("shift")
    assert made.on.world.features is None
    assert on.final("ece") < 0.02 < 0.2 < on.final("ece", "out")


def test_a_head_that_has_settled_lags_behind_a_truth_that_drifts_in_training() -> None:
    # Ten worlds on the way from p = .7 to p = .4. A settled head has a small gradient, and so is
    # too sure for long.
    home, away = (World(np.full((16, 2), [p, 0.0]), outcomes="shared") for p in (0.7, 0.4))
    agent, table = (
        Tabular(head_start=20.0, noise=0.0),
        STANDARD_REWARDS["rlcr"].table(Tabular().grid),
    )
    training, (one,) = LearningRule(batch=16, learning_rate=0.3), random_streams(0, 1)
    state, done = agent.start(home, one.prior), 0
    lags = []
    for world, steps in (
        (home, 2000),
        *((drifted(home, away, time=t / 10), 200) for t in range(1, 11)),
        (away, 6000),
    ):
        agent.train(state, world, table, training, one.stream, done, steps)
        done += steps
        lags.append(float(agent.count(state, (world,)).mass[0] @ agent.grid) - world.best_accuracy)
    assert lags[0] == pytest.approx(0.0, abs=0.01)
    assert (np.diff(lags[:-1]) > 0).all()
    assert lags[-2] > 0.2
    assert 0 < lags[-1] < lags[-2] - 0.05  # it does follow, in the end


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: mechanism("weather"),
            "must be one of coupling, sampling-noise, estimator, verifier-noise, shift, got 'weat",
        ),
        (lambda: mechanism("sampling-noise", scale="long"), '`scale` must be "full" or "short"'),
    ],
)
def test_unknown_mechanisms_are_refused(call, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()


def test_the_spread_of_few_runs_is_not_understated() -> None:
    # Two runs at .5 and .9: their variance is .08 (n - 1) and says nothing about how far off it is;
    # one has no spread.
    made, on, _ = pair("sampling-noise")
    few = {
        n: replace(on, inside={"mean_confidence": np.array([[0.5], [0.9], [0.7]])[:n]})
        for n in (1, 2, 3)
    }
    assert made.measured(few[2]) == pytest.approx(0.08**0.5)
    assert made.measured(few[3]) == pytest.approx(0.2)
    assert np.isnan(
        [made.measured(few[1]), made.standard_error(few[1]), made.standard_error(few[2])]
    ).all()
    assert made.standard_error(few[3]) > 0


@pytest.mark.parametrize(
    "name", ["coupling", pytest.param("sampling-noise", marks=pytest.mark.slow)]
)
def test_the_standard_error_of_an_effect_is_that_of_its_bootstrap(name) -> None:
    made, on, _ = pair(name)
    stated, rng = on.metric("mean_confidence"), np.random.default_rng(0)
    again = stated[rng.integers(0, len(stated), (2000, len(stated)))]
    effects = (
        again[..., -1].std(axis=1)
        if name == "sampling-noise"
        else (again[..., -1] - again[..., 0]).mean(axis=1)
    )
    few = np.sqrt(len(stated) / (len(stated) - 1))  # a bootstrap of n runs is that much too narrow
    assert made.standard_error(on) == pytest.approx(few * effects.std(), rel=0.08)
    single = replace(on, inside={metric: values[:1] for metric, values in on.inside.items()})
    assert np.isnan(made.standard_error(single))
