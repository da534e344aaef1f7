"""Signals as parts of an experiment: exact expectations, no labels, the same store and record."""

from __future__ import annotations

import warnings
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from scoring_theory.advantage import ESTIMATORS
from simulations import Coupled, Experiment, LearningRule, Record, Tabular, bank, feature_world, run
from simulations.agents.tabular import TabularState
from simulations.meanfield import motion
from simulations.policies import StatedPolicy, softmax
from simulations.running import expected_run
from simulations.signals import (
    SIGNALS,
    ClipCov,
    KlCov,
    NothingLearned,
    PlainVerdict,
    signal_named,
)
from simulations.signals.groups import Groups
from simulations.signals.named import as_signal
from simulations.signals.stepping import SignalTraining, prepared_training
from simulations.sweep import key_of, sweep
from simulations.worlds import World, noisy_verifier, with_abstention, with_meanings
from tests.support.changes import changed

GRID = np.array([0.0, 0.5, 1.0])
TABLE = np.asarray(rlcr.table(GRID))
ENUMERABLE = [
    name for name, one in ESTIMATORS.items() if one.scale != "batch_std" and not one.per_component
]
"""Those whose `motion` is exact too; with the deviation of a batch it holds for large batches."""
WORLDS = {
    "bank": bank(3, 3),
    "shared": bank(3, 3, outcomes="shared"),
    "by answer": bank(3, 3, outcomes="by_answer"),
    "meanings": with_meanings(bank(3, 2), 2),
    "abstention": with_abstention(bank(3, 2), 0.3).as_paid(),
    "two": bank(2, 2),
    "two by answer": bank(2, 2, outcomes="by_answer"),
    "noisy verifier": noisy_verifier(bank(3, 3), false_positive=0.2).as_paid(),
}


def small(**changes: object) -> Experiment:
    tabular = Experiment(
        reward=rlcr, agent=Tabular(levels=3), world=bank(6, 3), elsewhere=bank(6, 3, shift=1),
        training=LearningRule(batch=3, group_size=3, learning_rate=0.5), steps=24, replicates=5,
        checkpoints=4, signal=as_signal("majority"),
    )  # fmt: skip
    return changed(tabular, **changes)


def random_state(world: World, seed: int) -> TabularState:
    rng = np.random.default_rng(seed)
    shape = world.questions, world.answers
    answer, confidence = rng.normal(size=shape), rng.normal(size=(*shape, GRID.size))
    return TabularState(0.5 * answer, 0.5 * confidence)


def prepared(
    name: str, world: World, state: TabularState, **rule: Any
) -> tuple[SignalTraining, StatedPolicy]:
    options: dict[str, Any] = {"batch": world.questions, "group_size": 3, **rule}
    rng = np.random.default_rng(7)
    lesson = prepared_training(
        signal_named(name), world, TABLE, LearningRule(**options), state, GRID, rng
    )
    return lesson, lesson.frozen


@pytest.mark.parametrize("outcomes", ["independent", "shared", "by_answer"])
@pytest.mark.parametrize("update", ["reinforce", "natural"])
@pytest.mark.parametrize("estimator", ENUMERABLE)
def test_a_verdict_has_the_mean_field_of_a_reward_alone(estimator, update, outcomes) -> None:
    """Two enumerations that share no code: of groups here, of others' rewards in `motion`."""
    world = bank(3, 3, outcomes=outcomes)
    state = random_state(world, 1)
    rule: dict[str, Any] = {
        "estimator": estimator, "update": update, "group_size": 3,
        "right_weight": 0.7, "wrong_weight": 1.3,
    }  # fmt: skip
    lesson, policy = prepared("verdict", world, state, **rule)
    found = lesson.expected_gradient(policy, np.arange(3))
    exact = motion(state, world, TABLE, LearningRule(batch=3, **rule))
    for part, limit in zip(found, exact, strict=True):
        assert part[0] == pytest.approx(limit, abs=1e-12)


@pytest.mark.parametrize("name", SIGNALS)
def test_levels_in_closed_form_are_levels_enumerated(name: str) -> None:
    state = random_state(WORLDS["bank"], 2)
    lesson, policy = prepared(name, WORLDS["bank"], state, estimator="leave_one_out")
    places, weight, right = lesson._scenarios(np.arange(3))
    each = (policy.of(places), policy.of(places), right, places, weight)
    short, long = lesson._summed(*each), lesson._summed_by_level(*each)
    assert short[0] == pytest.approx(long[0], abs=1e-12)
    assert short[1] == pytest.approx(long[1], abs=1e-12)


@pytest.mark.parametrize("control", [KlCov(kl=0), KlCov(above=100), ClipCov(above=100)], ids=str)
def test_a_control_of_entropy_that_controls_nothing_is_the_verdict(control: Any) -> None:
    world, state = WORLDS["bank"], random_state(WORLDS["bank"], 2)
    found, plain = (
        controlled_gradient(signal, world, state) for signal in (control, PlainVerdict())
    )
    assert all((one == other).all() for one, other in zip(found, plain, strict=True))


def test_the_controls_of_entropy_hold_it_up() -> None:
    """300 expected updates of one start, beside those of the verdict alone."""
    world = bank(4, 3)
    entropy = {}
    for control in (PlainVerdict(), KlCov(kl=1.0, above=0.02), ClipCov(above=0.02)):
        state = TabularState(np.zeros((4, 3)), np.zeros((4, 3, GRID.size)))
        rule = LearningRule(batch=4, group_size=3, learning_rate=1.0)
        rng = np.random.default_rng(0)
        binary = np.array([np.zeros(GRID.size), np.ones(GRID.size)])
        lesson = prepared_training(control, world, binary, rule, state, GRID, rng)
        lesson.follow(state, 0, 300)
        policy = StatedPolicy(softmax(state.answer)[None], softmax(state.confidence)[None], GRID)
        entropy[control.name] = float(policy.entropy()[0])
    assert entropy["kl-cov"] > entropy["verdict"] + 0.05
    assert entropy["clip-cov"] > entropy["verdict"] + 0.05


def controlled_gradient(signal: Any, world: World, state: TabularState) -> Any:
    rule = LearningRule(batch=world.questions, group_size=3)
    rng = np.random.default_rng(7)
    lesson = prepared_training(signal, world, TABLE, rule, state, GRID, rng)
    moved = TabularState(*(1.5 * rows for rows in state))
    policy = StatedPolicy(softmax(moved.answer)[None], softmax(moved.confidence)[None], GRID)
    return lesson.expected_gradient(policy, np.arange(world.questions))


DONE = ("bank", "two", "two by answer")
CASES = [
    *((name, "bank", "reinforce", "group_mean") for name in SIGNALS),
    *(("majority", world, "reinforce", "group_mean") for world in WORLDS if world not in DONE),
    ("majority", "bank", "natural", "group_mean"),
    ("verdict", "two", "reinforce", "whitened"),
    ("verdict", "two by answer", "reinforce", "batch_std"),
]


@pytest.mark.parametrize(("name", "world", "update", "estimator"), CASES)
def test_one_step_moves_on_average_as_enumerated(
    name: str, world: str, update: str, estimator: str
) -> None:
    """500 steps from one state, against every group; 5 standard errors of the mean, and 0.001 for
    levels that are hardly ever drawn.
    """
    here = WORLDS[world]
    state = random_state(here, 3)
    lesson, _ = prepared(
        name, here, state, update=update, learning_rate=1.0, kl=0.1, entropy=0.05,
        estimator=estimator,
    )  # fmt: skip
    rng, moved = np.random.default_rng(0), []
    for _ in range(500):
        rows = TabularState(*(part.copy() for part in state))
        lesson.advance(rows, 0, 1, rng)
        moved.append(np.concatenate([(rows[i] - state[i]).ravel() for i in (0, 1)]))
    rows = TabularState(*(part.copy() for part in state))
    lesson.follow(rows, 0, 1)
    exact = np.concatenate([(rows[i] - state[i]).ravel() for i in (0, 1)])
    mean, error = np.mean(moved, axis=0), np.std(moved, axis=0) / 500**0.5
    assert (np.abs(mean - exact) <= 5 * error + 1e-3).all()
    assert np.abs(exact).max() > 0.01


def renamed_world(world: World, order: list[int]) -> World:
    meaning = None if world.meaning is None else tuple(world.meaning[k] for k in order)
    abstain = None if world.abstain is None else order.index(world.abstain)
    truth = world.success_probability[:, order]
    return replace(world, success_probability=truth, meaning=meaning, abstain=abstain, recipe={})


def renamed_scores(scores: Any, order: list[int]) -> Any:
    """What was drawn before training, for renamed answers."""
    if not is_dataclass(scores) or isinstance(scores, type):
        return scores
    tables = {one.name: np.asarray(getattr(scores, one.name)) for one in fields(scores)}
    return replace(
        scores, **{name: rows[:, order] for name, rows in tables.items() if rows.ndim == 2}
    )


DRAWN = ("brme", "contrastive")
"""Signals that draw before training; their draws are renamed, the others are prepared again."""


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", SIGNALS)
def test_no_signal_knows_the_labels_of_answers_in_any_world(name: str, world: str) -> None:
    require_same_under_renaming(name, WORLDS[world], [*range(1, WORLDS[world].answers), 0], 0)


@given(st.data(), st.sampled_from(list(SIGNALS)), st.sampled_from(list(WORLDS)), st.integers(0, 99))
def test_no_signal_knows_the_labels_of_answers(
    data: st.DataObject, name: str, world: str, seed: int
) -> None:
    order = data.draw(st.permutations(range(WORLDS[world].answers)))
    require_same_under_renaming(name, WORLDS[world], order, seed)


def require_same_under_renaming(name: str, here: World, order: list[int], seed: int) -> None:
    state = random_state(here, seed)
    moved = TabularState(*(part[:, order] for part in state))
    plain, policy = prepared(name, here, state)
    other, renamed = prepared(name, renamed_world(here, order), moved)
    if name in DRAWN:
        other = replace(other, scores=renamed_scores(plain.scores, order))
    asked = np.arange(here.questions)
    for part, permuted in zip(
        plain.expected_gradient(policy, asked), other.expected_gradient(renamed, asked), strict=True
    ):
        assert permuted == pytest.approx(part[:, :, order], abs=1e-12)


def test_the_law_would_notice_a_signal_that_prefers_a_label() -> None:
    """A vote that gives ties to the lowest number, as `argmax` of the counts does."""
    here, order = WORLDS["bank"], [1, 0, 2]
    state = random_state(here, 0)
    moved = TabularState(*(part[:, order] for part in state))

    def lowest(groups: Any) -> Any:
        counts = (groups.answers[..., None] == np.arange(3)).sum(axis=2)
        won = (groups.answers == counts.argmax(axis=-1)[..., None]).astype(float)
        return won, np.zeros(won.shape)

    sides = [
        replace(lesson, scores=lowest).expected_gradient(policy, np.arange(3))[0]
        for lesson, policy in (
            prepared("majority", here, state),
            prepared("majority", renamed_world(here, order), moved),
        )
    ]
    assert np.abs(sides[1] - sides[0][:, :, order]).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("name", SIGNALS)
def test_the_mean_of_trained_runs_is_the_enumerated_mean_field(name: str) -> None:
    """30 runs; the bias of a finite step is at most 0.1 rates, and 3 standard errors are chance."""
    rate = 0.1
    experiment = small(
        signal=as_signal(name), replicates=30, steps=100, learning_rate=rate, checkpoints=2
    )
    found, limit = run(experiment), expected_run(experiment)
    for metric in ("accuracy", "mean_confidence", "brier", "answer_entropy"):
        gap = (found.metric(metric) - limit.metric(metric))[:, -1]
        error = gap.std(ddof=1) / len(gap) ** 0.5
        assert abs(gap.mean()) <= 3 * error + 0.1 * rate, metric


def test_a_record_with_a_signal_is_stored_and_resumed_with_the_same_bits(tmp_path) -> None:
    experiment = small(signal=signal_named("brme", {"heads": 3}), keep_policy="last")
    store = tmp_path / "signals.store"
    partly = sweep([replace(experiment, replicates=2)], store=store)
    assert partly[0].inside["accuracy"].shape == (2, 4)
    resumed = sweep([experiment], store=store, chunk=1)[0]
    direct = run(experiment, threads=1)
    assert resumed.digest == direct.digest == run(experiment, threads=3).digest
    assert direct.description["signal"] == {
        "name": "brme", "heads": 3, "scores": 12, "alpha": 0.5,
    }  # fmt: skip
    direct.save(tmp_path / "record")
    loaded = Record.load(tmp_path / "record")
    assert loaded.digest == direct.digest
    assert loaded.description["signal"] == direct.description["signal"]
    asked = direct.policy(experiment).accuracy(experiment.world.success_probability)
    assert asked == pytest.approx(direct.metric("accuracy")[:, -1])


def test_another_signal_is_another_experiment() -> None:
    signals = [None, *SIGNALS.values()]
    keys = {key_of(small(signal=made and made())) for made in signals}
    keys.add(key_of(small(signal=signal_named("judge", {"a": 0.3}))))
    assert len(keys) == len(signals) + 1


def test_a_signal_by_its_name_is_the_signal() -> None:
    named: Any = "majority"
    assert replace(small(), signal=named) == small()
    assert run(small(signal=PlainVerdict())).digest != run(small()).digest


def test_a_training_in_which_nothing_can_be_learned_warns() -> None:
    """The majority of two under a reward that ignores confidence: both rewards are equal."""
    idle: Any = {"reward": "binary", "group_size": 2}
    with pytest.warns(NothingLearned, match="all advantages are 0"):
        run(replace(changed(small(), group_size=2), reward=idle["reward"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(small(group_size=2))
        run(replace(small(), reward=idle["reward"]))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agent": Coupled(), "world": feature_world(8), "elsewhere": feature_world(8)},
         "the coupled agent is trained without `signal`"),
        ({"update": "replicator", "estimator": "none"}, "the replicator needs payoffs"),
        ({"drifts_to": bank(6, 3, shift=1)}, "a world that drifts"),
        ({"signal": "vote"}, "must be one of verdict, judge"),
        ({"signal": 3}, "must be a signal, such as"),
    ],
)  # fmt: skip
def test_what_a_signal_does_not_support_is_refused_in_a_sentence(changes, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        small(**changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"signal": None}, "needs? |`signal`"),
        ({"estimator": "batch_std", "batch": 6, "group_size": 4}, "several questions"),
        ({"update": "ppo", "epochs": 2}, "`epochs` 1"),
        ({"world": bank(6, 12), "elsewhere": bank(6, 12), "group_size": 8}, "at most 200000"),
    ],
)
def test_what_cannot_be_enumerated_is_refused_in_a_sentence(changes, sentence) -> None:
    experiment = small(**changes)
    with pytest.raises(ValueError, match=sentence):
        expected_run(experiment)


def test_several_epochs_of_ppo_follow_the_clipped_ratio() -> None:
    """One epoch is the policy gradient; with a ratio clipped at once, the second adds nothing."""
    rule: dict[str, Any] = {"update": "ppo", "epochs": 2}
    one = run(small(update="ppo"))
    assert one.digest == run(small()).digest
    assert run(small(**rule)).digest != one.digest
    tight = run(small(**rule, clip=(1e-12, 1e-12)))
    loose = run(small(**rule, clip=(1.0, 1e9)))
    rise = [abs(r.final("mean_confidence") - r.metric("mean_confidence")[:, 0].mean()) for r in
            (one, tight, loose)]  # fmt: skip
    assert rise[2] > rise[0]


@pytest.mark.parametrize(
    ("name", "option", "value", "sentence"),
    [
        ("judge", "a", 1.5, r"in \[0, 1\], got 1.5"),
        ("judge", "c", 0.5, "has no option 'c'; it has: a, b"),
        ("brme", "heads", 2.5, "must be a whole number"),
        ("contrastive", "baselines", 0, r"in \[1, 1e\+06\], got 0"),
        ("rubric", "rule", "best", "must be one of sum, veto, saturated"),
        ("sign", "right", "many", "must be a number, got 'many'"),
    ],
)
def test_an_option_outside_its_domain_is_refused(name, option, value, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        signal_named(name, {option: value})


def test_what_the_signals_are_for_by_hand() -> None:
    """One question, three answers of which one is right for sure; the group is 0, 0, 1."""
    world = World(np.array([[0.0, 1.0, 0.0]]))
    state = TabularState(np.log([[0.5, 0.3, 0.2]]), np.zeros((1, 3, 3)))
    y = np.array([[[0, 0, 1]]])
    policy = StatedPolicy(softmax(state.answer)[None], np.full((1, 1, 3, 3), 1 / 3), GRID)
    groups = Groups(y, 0 * y, np.array([[[0.0, 0.0, 1.0]]]), policy, policy)
    names = ("majority", "rlsf", "self-confidence", "graded", "sign", "rubric")
    made = {name: prepared(name, world, state)[0].scores(groups) for name in names}
    found = {name: [part.round(3).tolist()[0][0] for part in both] for name, both in made.items()}
    nothing = [0.0, 0.0, 0.0]
    assert found == {
        "majority": [[1.0, 1.0, 0.0], nothing],
        "rlsf": [[0.6, 0.6, 0.4], nothing],  # (1 + 0.2) / 2, (1 - 0.2) / 2
        "self-confidence": [[0.0, 0.0, 0.3], nothing],
        "graded": [[0.0, 0.0, 1.0], nothing],
        "sign": [[0.0, 0.0, 1.0], [-1.0, -1.0, -1.0]],  # NSR: -1 for a wrong answer, 0 for a right
        "rubric": [[0.0, 0.0, 1.0], [0.5, 0.5, 0.1]],  # 0.5 times the style, 1 or 0.2
    }
