"""The table of estimators: one place for their names, and a new row that every arithmetic then
knows.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import get_args

import numba
import numpy as np
import pytest

from proofs.kernel.subject import Subject
from scoring_theory import check
from scoring_theory.advantage import (
    ESTIMATORS,
    Baseline,
    Estimator,
    Scale,
    Trainer,
)
from scoring_theory.advantage.exact_gain import Deviation, exact_payoffs, gain
from scoring_theory.advantage.fitness import cases, fitness
from scoring_theory.cli.check_command import CHECK_COMMAND
from scoring_theory.reward import Reward
from simulations.agents import LogitNormal, Tabular, TabularState
from simulations.agents.continuous import _advantages
from simulations.meanfield import motion
from simulations.training import LearningRule, kernels, random_streams
from simulations.training.kernels.codes import BASELINES, SCALES
from simulations.worlds import World

ROOT = Path(__file__).resolve().parents[2]
F = Fraction
BRIER = Reward.parse("c - (q - c)^2")
NEW = [
    Estimator("made_up", "leave_one_out", "batch_std"),
    Estimator("made_up", "leave_one_out", "group_std"),
    Estimator("made_up", "batch_mean", "batch_std"),
    Estimator("made_up", "none", "batch_std"),
    Estimator("made_up", "leave_one_out", "others_std"),
    Estimator("made_up", "group_mean", "group_mean"),
    Estimator("made_up", "leave_one_out", "group_mean"),
]
advantages = numba.njit(error_model="numpy")(kernels.group_advantages.py_func)


@pytest.fixture(params=NEW, ids=lambda one: f"{one.baseline}-{one.scale}")
def new(request, monkeypatch) -> Estimator:
    monkeypatch.setitem(ESTIMATORS._entries, "made_up", request.param)  # Named holds a copy
    assert ESTIMATORS["made_up"] is request.param
    return request.param


def textbook(
    estimator: Estimator, rewards: np.ndarray, epsilon: float, spread: float | None = None
) -> np.ndarray:
    """The advantages of rewards (G, B), as the formula is written; `spread` stands for that of many
    questions.
    """
    below = {
        "none": 0.0, "group_mean": rewards.mean(axis=0), "batch_mean": rewards.mean(),
        "leave_one_out": (rewards.sum(axis=0) - rewards) / (len(rewards) - 1),
    }[estimator.baseline]  # fmt: skip
    batch = rewards.std(ddof=1) if spread is None else spread
    apart = np.array(
        [np.delete(rewards, i, axis=0).std(axis=0, ddof=1) for i in range(len(rewards))]
    )
    mean = np.broadcast_to(rewards.mean(axis=0), rewards.shape)
    scale = {
        "none": 1.0,
        "group_std": rewards.std(axis=0, ddof=1) + epsilon,
        "batch_std": batch + epsilon,
        "others_std": np.where(apart > 1e-12, apart + epsilon, 1.0),
        "group_mean": np.where(mean > 0, mean + epsilon, np.inf),
    }
    return (rewards - below) / scale[estimator.scale]


# ---------------------------------------------------------------------------------------- a new row


def test_kernels_and_numpy_know_a_new_row(new) -> None:
    rewards = np.random.default_rng(0).normal(size=(4, 3))
    expected = textbook(new, rewards, 0.25)
    found = rewards.copy()
    advantages(found, np.empty(3), *kernels.estimator_codes("made_up"), 0.25)
    assert found == pytest.approx(expected, abs=1e-12)
    rule = LearningRule(estimator="made_up", group_size=4, std_epsilon=0.25)
    assert pytest.approx(expected, abs=1e-12) == _advantages(rewards.T, rule).T


def test_floats_know_a_new_row(new) -> None:
    size, p, epsilon = 4, 0.7, 0.25
    own, residents = np.array([-0.5, 1.0]), np.array([-1.0, 0.75])
    trainer = Trainer(estimator="made_up", group_size=size, epsilon=F(1, 4))
    among = cases(p, size, "independent")
    found = fitness(own[None, :, None], residents[None, :, None], np.ones(1), p, trainer, among)[
        0, 0
    ]
    spread, expected = np.sqrt(p * (1 - p)) * abs(residents[1] - residents[0]), 0.0
    for verdicts in product((0, 1), repeat=size):
        chance = np.prod([p if right else 1 - p for right in verdicts])
        paid = np.array([own[verdicts[0]], *residents[list(verdicts[1:])]])[:, None]
        if new.baseline == "batch_mean":  # in which one rollout among many questions' has no part
            paid_less = textbook(Estimator("", "none", new.scale), paid, epsilon, spread)
        else:
            paid_less = textbook(new, paid, epsilon, spread)
        expected += chance * paid_less[0, 0]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("outcomes", ["independent", "by_answer"])
def test_exact_arithmetic_encloses_the_floats_of_a_new_row(new, outcomes) -> None:
    trainer = Trainer(estimator="made_up", group_size=5, epsilon=F(1, 4))
    p, q, x = F(3, 4), F(3, 5), F(1)
    own, residents = (exact_payoffs(Subject(BRIER.text, {}), level) for level in (x, q))
    low, high = gain([own], [residents], [F(1)], Deviation(p, q, x), trainer, outcomes).ends()
    tables, among = BRIER.table([0.6, 1.0])[None], cases(0.75, 5, outcomes)
    found = fitness(tables, tables[..., :1], np.ones(1), 0.75, trainer, among)[:, 0]
    assert float(low) - 1e-12 <= found[1] - found[0] <= float(high) + 1e-12
    assert high - low < F(1, 10**40)


def test_the_mean_field_knows_a_new_row(new) -> None:
    """Many one-step updates from one state, by coordinate; a batch's deviation is exact for large
    batches.
    """
    batch = 400 if new.of_batch else 1
    world, levels = World(np.tile([[0.7, 0.0]], (batch, 1)), outcomes="shared"), np.arange(3) / 2
    table = BRIER.table(levels)
    rule = LearningRule(
        estimator="made_up", group_size=3, batch=batch, learning_rate=1.0, std_epsilon=0.25
    )
    rng = np.random.default_rng(1)
    one = TabularState(rng.normal(size=(1, 2)), rng.normal(size=(1, 2, 3)))
    start = TabularState(*(np.repeat(rows, batch, axis=0) for rows in one))
    moves = []
    for mine in random_streams(0, 20 if batch > 1 else 6000):
        state = TabularState(*(rows.copy() for rows in start))
        Tabular(levels=3).train(state, world, table, rule, mine.stream, 0, 1)
        moves.append(
            np.concatenate(
                [(a - b).reshape(batch, -1) for a, b in zip(state, start, strict=True)], axis=1
            )
        )
    drawn = np.concatenate(moves)
    expected = np.concatenate([rows[:1].ravel() for rows in motion(start, world, table, rule)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - expected) < 5 * error + 2e-4).all()
    assert np.abs(expected).max() > 10 * error.max()


def test_a_check_and_a_continuous_agent_know_a_new_row(new) -> None:
    training = check("c - (q - c)^2", estimator="made_up", outcomes="shared").training
    assert training is not None
    assert (training.honest.status == "proved") == new.affine
    if new.scale == "others_std":
        independent = check("c - (q - c)^2", estimator="made_up").training
        assert independent is not None
        assert independent.honest.status == "proved"
    if new.affine:
        assert "divided by one common scale" in training.honest.reason
    world = World(np.tile([[0.7, 0.0]], (8, 1)))
    agent, (mine,) = LogitNormal(levels=11), random_streams(0, 1)
    state = agent.start(world, mine.prior)
    before = state.centre.copy()
    rule = LearningRule(estimator="made_up", batch=8)
    agent.train(state, world, BRIER.table(agent.grid), rule, mine.stream, 0, 3)
    assert (state.centre != before).any()


# --------------------------------------------------------------------------------- the table itself


def test_every_row_has_its_name_and_says_what_it_is() -> None:
    assert list(ESTIMATORS) == [one.name for one in ESTIMATORS.values()]
    assert len(
        {(one.baseline, one.scale, one.per_component) for one in ESTIMATORS.values()}
    ) == len(ESTIMATORS)
    assert all(one.description.endswith(".") for one in ESTIMATORS.values())
    assert [one.formula for one in ESTIMATORS.values()] == [
        "r_i",
        "r_i - mean(r)",
        "r_i - mean of the others' r",
        "(r_i - mean(r)) / (std(r) + epsilon)",
        "r_i - mean of many questions' r",
        "(r_i - mean(r)) / (std of many questions' r + epsilon)",
        "(r_i - mean of many questions' r) / (std of many questions' r + epsilon)",
        "(r_i - mean of the others' r) / (std of the others' r + epsilon)",
        "(r_i - mean(r)) / (mean(r) + epsilon)",
        "sum_k weight_k (r_ik - mean(r_k)) / (std(r_k) + epsilon)",
    ]


def test_help_lists_every_row() -> None:
    for name, one in ESTIMATORS.items():
        assert re.search(
            rf"^  {name} +{re.escape(one.formula)}$", CHECK_COMMAND.end_of_help(), re.MULTILINE
        )


def test_kernels_have_a_code_for_every_baseline_and_scale() -> None:
    assert (tuple(BASELINES), tuple(SCALES)) == (get_args(Baseline), get_args(Scale))
    assert len(set(BASELINES.values())) == len(BASELINES)
    assert len(set(SCALES.values())) == len(SCALES)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: Estimator("x", "median"),
            "`baseline` must be one of none, group_mean, .*, got 'median'",
        ),
        (
            lambda: Estimator("x", "none", "range"),
            "`scale` must be one of none, group_std, batch_std, .*, got 'range'",
        ),
        (
            lambda: Estimator("x", "batch_mean", "group_std"),
            "needs the mean of the same group as baseline",
        ),
        (
            lambda: Estimator("x", "group_mean", "others_std"),
            '"others_std" needs the mean of the same rollouts',
        ),
        (
            lambda: Trainer(estimator="leave_one_out_std", group_size=2),
            "must lie between 3 and 1024 for leave_one_out_std, got 2",
        ),
        (
            lambda: Trainer(estimator="made_up"),
            "`estimator` must be one of none, .*, got 'made_up'",
        ),
        (
            lambda: LearningRule(estimator="made_up"),
            "`estimator` must be one of none, .*, got 'made_up'",
        ),
        (
            lambda: LearningRule(estimator="batch_std", group_size=1),
            "`group_size` must be at least 2",
        ),
    ],
)
def test_what_no_arithmetic_knows_is_refused(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_no_code_asks_for_an_estimator_by_its_name() -> None:
    """Outside the table everything asks for the baseline, the scale or what follows from them."""
    asked = re.compile(
        r"estimator(_name)?\]? *(==|!=|(not )?in) *[(\[{]?\"|case \"(group_std|component_std)\""
    )
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for package in ("scoring_theory", "simulations")
        for path in sorted((ROOT / package).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if asked.search(line)
    ]
    assert found == []
