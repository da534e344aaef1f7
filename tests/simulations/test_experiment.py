"""Experiments: the same bits in any order, -inf replaced only as the record says, errors as
sentences.
"""

from __future__ import annotations

import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, replace

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import (
    Coupled,
    Experiment,
    Record,
    Tabular,
    bank,
    feature_world,
    run,
    standard_experiments,
)
from simulations.agents import LogitNormal, Rational
from simulations.metrics import METRICS, measure
from simulations.sweep import sweep
from simulations.training import LearningRule, preset, random_streams
from simulations.worlds import noisy_verifier
from tests.support.changes import changed

BRIER = Reward.parse("c - (q - c)^2", name="brier")
LOG = Reward.parse("c + log(1 - abs(q - c))", name="log")


def small(**changes: object) -> Experiment:
    tabular = Experiment(
        reward=BRIER, agent=Tabular(), world=bank(32, 4), elsewhere=bank(32, 4, shift=1),
        training=LearningRule(batch=8), steps=60, replicates=5, checkpoints=4,
    )  # fmt: skip
    return changed(tabular, **changes)


def little_coupled() -> Experiment:
    home, away = feature_world(64), feature_world(64, shift=1.5)
    return small(agent=Coupled(), world=home, elsewhere=away, learning_rate=0.05)


@pytest.mark.parametrize("experiment", [small(), little_coupled()], ids=["tabular", "coupled"])
def test_the_same_description_gives_the_same_bits(experiment) -> None:
    digests = {run(experiment, threads=threads).digest for threads in (1, 2, None)}
    assert len(digests) == 1
    assert run(replace(experiment, seed=1)).digest not in digests


@pytest.mark.parametrize("experiment", [small(), little_coupled()], ids=["tabular", "coupled"])
def test_a_record_says_of_each_world_what_the_agent_does_there(experiment) -> None:
    start, agent = replace(experiment, checkpoints=(0,)), experiment.agent
    record = run(start)
    for i, mine in enumerate(random_streams(start.seed, start.replicates)):
        count = agent.count(agent.start(start.world, mine.prior), (start.world, start.elsewhere))
        for w, side in enumerate((record.inside, record.outside)):
            entropies = {"answer_entropy": count[2][w], "confidence_entropy": count[3][w]}
            expected = {
                **measure(agent.grid, count.mass[w], count.hits[w], bins=agent.bins),
                **entropies,
            }
            assert side.keys() == expected.keys()
            assert all(
                side[name][i, 0] == pytest.approx(float(expected[name]), rel=1e-13)
                for name in expected
            )
    assert np.abs(record.inside["accuracy"] - record.outside["accuracy"]).min() > 0.01


@pytest.mark.slow
def test_a_sweep_gives_the_bits_of_single_runs_in_any_order_and_on_any_executor() -> None:
    experiments = (small(), small(reward=LOG), little_coupled())
    alone = [run(experiment).digest for experiment in experiments]
    assert [record.digest for record in sweep(experiments)] == alone
    assert [record.digest for record in sweep(experiments[::-1])] == alone[::-1]
    with ThreadPoolExecutor(1) as threads:
        assert [record.digest for record in sweep(experiments, threads)] == alone
        assert threads.submit(int).result() == 0  # left open
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert [record.digest for record in sweep(experiments, processes)] == alone


def test_replicates_added_later_do_not_change_the_others() -> None:
    few, many = run(small(replicates=3)), run(small(replicates=6))
    for name in few.inside:
        assert np.array_equal(few.inside[name], many.inside[name][:3])


def test_every_replicate_starts_from_its_own_prior_and_rewards_share_their_luck() -> None:
    brier, log = run(small()), run(small(reward=LOG))
    starts = brier.metric("answer_entropy")[:, 0]
    assert np.unique(starts).size == starts.size
    assert np.array_equal(starts, log.metric("answer_entropy")[:, 0])


def test_measuring_more_often_does_not_change_the_training() -> None:
    rare, often = run(small(checkpoints=(60,))), run(small(checkpoints=(0, 7, 33, 60)))
    assert np.array_equal(rare.metric("ece")[:, 0], often.metric("ece")[:, -1])


def test_a_record_holds_every_metric_on_both_sides() -> None:
    record = run(small())
    assert set(record.inside) == set(record.outside) == set(METRICS)
    assert all(
        values.shape == (5, 4) for values in (*record.inside.values(), *record.outside.values())
    )
    assert record.steps.tolist() == [0, 20, 40, 60]
    assert record.description["reward"] == BRIER.text
    assert (record.name, record.agent) == ("brier", "tabular")
    assert record.metadata["rollouts"] == 5 * 60 * 8 * 8
    assert Reward.parse(record.description["reward"]) == BRIER
    with pytest.raises(KeyError, match="no metric 'f1'; there are accuracy"):
        record.metric("f1")


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    run(small(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 5) for i in range(1, 6)]
    seen.clear()
    sweep((small(), small(seed=1)), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_an_error_inside_a_replicate_comes_out() -> None:
    with pytest.raises(ValueError, match="this world has none"):
        run(small(agent=Coupled()))


# --- minus infinity


def test_minus_infinity_becomes_the_payoff_at_a_stated_distance_and_the_record_says_so() -> None:
    table, replaced = small(reward=LOG).payoffs()
    assert replaced == pytest.approx({"wrong at 1": np.log(1e-4), "correct at 0": 1 + np.log(1e-4)})
    assert (table[0, -1], table[1, 0]) == pytest.approx((np.log(1e-4), 1 + np.log(1e-4)))
    assert np.array_equal(table[:, 1:-1], LOG.table(Tabular().grid)[:, 1:-1])
    assert run(small(reward=LOG)).description["replaced_minus_infinity"] == replaced
    assert small().payoffs()[1] == {}


def test_an_explicit_floor_replaces_minus_infinity() -> None:
    experiment = small(reward=LOG, floor=-50.0)
    assert experiment.payoffs()[1] == {"wrong at 1": -50.0, "correct at 0": -50.0}
    assert run(experiment).description["floor"] == -50.0
    assert run(experiment).digest != run(small(reward=LOG)).digest


def test_a_grid_without_its_ends_needs_no_floor() -> None:
    inside = small(reward=LOG, agent=Tabular(levels=(0.05, 0.35, 0.65, 0.95)))
    assert inside.payoffs()[1] == {}


def test_the_replicator_trains_on_payoffs_moved_onto_the_unit_interval() -> None:
    experiment = small(update="replicator", estimator="none", learning_rate=0.5, steps=400)
    table = experiment.payoffs()[0]
    assert (table.min(), table.max()) == (0.0, 1.0)
    record = run(experiment)
    assert record.final("accuracy") > record.metric("accuracy")[:, 0].mean() + 0.1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"reward": LOG, "floor": 0.0},
            r"`floor` must not be above the lowest payoff of the grid, -2.30259, got 0.0",
        ),
        (
            {"reward": Reward.parse("c + log(abs(q - 1/2))")},
            "is -inf when wrong at 0.5; set `floor` to the value that replaces it",
        ),
        (
            {"reward": Reward.parse("c - log(q)")},
            "must be a number or -inf, got inf when wrong at 0$",
        ),
    ],
)
def test_payoffs_that_cannot_be_trained_with_are_refused(changes, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        small(**changes).payoffs()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"steps": 0}, "`steps` and `replicates` must be at least 1"),
        ({"replicates": 0}, "`steps` and `replicates` must be at least 1"),
        ({"checkpoints": (0, 5, 5)}, "`checkpoints` must ascend"),
        ({"checkpoints": (0, 61)}, "within 0 to 60"),
        ({"checkpoints": 0}, "`checkpoints` must be at least 2"),
        ({"checkpoints": 1}, "`checkpoints` must be at least 2, the start and the end, got 1"),
        ({"checkpoints": (0, 2.5)}, "`checkpoints` must be whole numbers"),
        ({"steps": 10.5}, "`steps` must be a whole number, got 10.5"),
        ({"replicates": 2.0}, "`replicates` must be a whole number"),
        ({"batch": 2.5}, "`batch` must be a whole number"),
        ({"group_size": 2.5}, "`group_size` must be a whole number"),
        ({"seed": None}, "`seed` must be a whole number, got None"),
        ({"seed": -1}, "`seed` must not be negative"),
        ({"reward": 5}, "expected a reward: a formula such as"),
        ({"agent": Tabular}, r"`agent` must be a learner, such as Tabular\(\)"),
        ({"agent": Rational()}, "`agent` must be a learner"),
        ({"world": None}, "must be worlds"),
        ({"drifts_to": "bank"}, "must be worlds"),
        ({"right_weight": 0.0, "wrong_weight": 0.0}, "nothing is learned"),
        ({"floor": np.inf}, "`floor` must be a finite number"),
        ({"elsewhere": bank(31, 4)}, r"the same questions, got \(32, 4\) and \(31, 4\)"),
        ({"estimator": "grpo"}, "`estimator` must be one of"),
    ],
)
def test_a_bad_description_is_refused(changes, sentence) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        small(**changes)


def test_a_world_with_other_features_is_refused() -> None:
    # The coupled agent has one weight for each feature: reading with eight what has sixteen would
    # leave its arrays.
    with pytest.raises(
        ValueError, match=r"the same number of features, got \(64, 17\) and \(64, 9\)"
    ):
        replace(little_coupled(), elsewhere=feature_world(64, dimensions=8))


@pytest.mark.parametrize(
    "agent", [Tabular(), Coupled(), LogitNormal(levels=11)], ids=lambda agent: agent.kind
)
def test_a_learner_thrown_beyond_all_numbers_is_told_of_and_not_measured(agent) -> None:
    violent = changed(
        little_coupled(), agent=agent, learning_rate=1e308, reward=Reward.parse("c - 100*(q - c)^2")
    )
    with pytest.raises(
        ValueError, match=r"training diverged: `learning_rate` 1e\+308 is too large"
    ):
        run(violent)


# --- records


def test_a_record_survives_disk_json_and_pickle(tmp_path) -> None:
    record = run(small())
    paths = record.save(tmp_path / "deep" / "lam=0.5")
    assert [path.name for path in paths] == ["lam=0.5.npz", "lam=0.5.json"]
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == [
        "lam=0.5.json",
        "lam=0.5.npz",
    ]
    loaded = Record.load(tmp_path / "deep" / "lam=0.5")
    assert loaded.digest == record.digest == pickle.loads(pickle.dumps(record)).digest
    assert json.loads(json.dumps(record.to_dict(), allow_nan=False))["digest"] == record.digest
    assert dict(loaded.description) == json.loads(json.dumps(dict(record.description)))


def test_a_record_has_two_sides_and_no_other() -> None:
    record = run(small())
    for read in (record.metric, record.final):
        with pytest.raises(ValueError, match='`where` must be "in" or "out", got \'inside\''):
            read("accuracy", "inside")


def test_a_record_that_was_tampered_with_is_refused(tmp_path) -> None:
    run(small()).save(tmp_path / "a")
    run(small(seed=1)).save(tmp_path / "b")
    (tmp_path / "b.npz").replace(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="does not hold the numbers"):
        Record.load(tmp_path / "a")


def test_standard_experiments_are_ten_and_ready() -> None:
    experiments = standard_experiments("short")
    assert len(experiments) == 10
    assert {experiment.agent.kind for experiment in experiments} == {"tabular", "coupled"}
    for experiment in experiments:
        experiment.payoffs()
    with pytest.raises(ValueError, match='must be "full" or "short"'):
        standard_experiments("huge")


def test_a_truth_that_drifts_is_trained_in_leg_by_leg() -> None:
    home, away = bank(32, 4), bank(32, 4, shift=2)
    moving = Experiment(
        reward=BRIER,
        agent=Tabular(),
        world=home,
        elsewhere=home,
        drifts_to=away,
        training=LearningRule(batch=8),
        steps=250,
        replicates=2,
        checkpoints=(0, 1, 125, 250),
    )
    legs = list(moving.legs(0, 250))
    assert [first for _, first, _ in legs] == np.cumsum([0, *(n for _, _, n in legs)])[:-1].tolist()
    assert (len(legs), sum(n for _, _, n in legs), legs[0][0], legs[-1][0]) == (
        100,
        250,
        home,
        away,
    )
    means = [world.success_probability.mean() for world, _, _ in legs]
    assert np.diff(means) == pytest.approx(np.full(99, (means[-1] - means[0]) / 99))
    record, still = run(moving), run(replace(moving, drifts_to=None))
    best = [home.best_accuracy, home.best_accuracy, away.best_accuracy]
    assert (record.metric("accuracy")[:, [0, 1, 3]] < best).all()
    assert record.metric("accuracy")[:, 0] == pytest.approx(still.metric("accuracy")[:, 0], abs=0)
    assert record.metric("accuracy", "out")[:, -1] != pytest.approx(
        still.metric("accuracy", "out")[:, -1]
    )
    assert still.digest != record.digest
    assert run(replace(moving, drifts_to=home)).metric("ece") == pytest.approx(
        still.metric("ece"), abs=1e-12
    )


def test_measuring_a_drifting_world_more_often_does_not_change_the_training() -> None:
    moving = Experiment(
        reward=BRIER,
        agent=Tabular(),
        world=bank(32, 4),
        elsewhere=bank(32, 4),
        drifts_to=bank(32, 4, shift=2),
        training=LearningRule(batch=8),
        steps=130,
        replicates=2,
        checkpoints=(130,),
    )
    seldom, often = run(moving), run(replace(moving, checkpoints=(0, 7, 64, 65, 130)))
    assert np.array_equal(seldom.metric("ece")[:, -1], often.metric("ece")[:, -1])


def test_a_trainer_s_rule_is_taken_whole() -> None:
    base = Experiment(reward=BRIER, agent=Tabular(), world=bank(32, 4), elsewhere=bank(32, 4))
    rule = preset("trl_default", kl=0.1, epochs=2, batch=4, learning_rate=0.3, clip=(0.1, 0.3))
    assert replace(base, training=rule).describe()["training"] == {
        **asdict(rule),
        "clip": [0.1, 0.3],
        "shares": [1.0],
    }
    assert base.with_training(kl=0.1).training == LearningRule(kl=0.1)
    with pytest.raises(ValueError, match="need each other"):
        base.with_training(estimator="component_std")


def test_the_weights_of_components_are_the_shares_of_the_learning_rule() -> None:
    parts = (("correctness", 1.0, Reward.parse("c")), ("score", 0.5, Reward.parse("-(q - c)^2")))
    one = small(
        reward=Reward.parse("c - (q - c)^2 / 2"), estimator="component_std", components=parts
    )
    assert one.training.shares == (1.0, 0.5)
    assert replace(one, components=parts[::-1]).training.shares == (0.5, 1.0)
    with pytest.raises(
        ValueError, match=r"must be a LearningRule, such as LearningRule\(batch=8\), got None"
    ):
        replace(one, training=None)


def test_a_verifier_that_errs_is_not_passed_over_in_silence() -> None:
    judged = noisy_verifier(bank(32, 4), false_positive=0.2)
    with pytest.raises(
        ValueError, match=r"the verifier of `world` errs; pass `world=world.as_paid\(\)`"
    ):
        Experiment(reward=BRIER, agent=Tabular(), world=judged, elsewhere=judged)
    Experiment(reward=BRIER, agent=Tabular(), world=judged.as_paid(), elsewhere=judged)
    with pytest.raises(ValueError, match="a world cannot drift towards one whose verifier errs"):
        Experiment(
            reward=BRIER, agent=Tabular(), world=bank(32, 4), elsewhere=judged, drifts_to=judged
        )
