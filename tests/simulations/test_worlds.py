"""Worlds publish their truth, and refuse to be broken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.worlds import World, bank, feature_world


@settings(max_examples=40, deadline=None)
@given(
    questions=st.integers(1, 40),
    answers=st.integers(2, 9),
    shift=st.floats(-3, 3),
    difficulty=st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)),
    seed=st.integers(0, 1000),
)
def test_every_bank_has_probabilities_and_a_hopeless_candidate(questions, answers, shift, difficulty, seed) -> None:
    world = bank(questions, answers, shift=shift, difficulty=difficulty, seed=seed)
    truth = world.success_probability
    assert truth.shape == (questions, answers)
    assert ((truth >= 0) & (truth <= 1)).all()
    assert (truth[:, -1] == 0).all()
    assert (truth[:, 0] == truth.max(axis=1)).all()
    assert world.best_accuracy == pytest.approx(truth[:, 0].mean())


@pytest.mark.parametrize("make", [bank, feature_world])
def test_a_shift_makes_every_candidate_worse_and_keeps_the_questions(make) -> None:
    home, away = make(50, seed=3), make(50, seed=3, shift=1.0)
    hopeful = home.success_probability > 0
    assert (away.success_probability < home.success_probability)[hopeful].all()
    assert (away.success_probability == 0)[~hopeful].all()


def test_the_shift_of_a_bank_is_one_of_log_odds() -> None:
    p, q = bank(9, seed=2).success_probability[:, 0], bank(9, seed=2, shift=1.5).success_probability[:, 0]
    assert np.log(q / (1 - q)) == pytest.approx(np.log(p / (1 - p)) - 1.5)


def test_a_hidden_shift_leaves_features_alone_and_a_visible_one_moves_difficulty() -> None:
    home = feature_world(20)
    hidden, seen = feature_world(20, shift=1.5), feature_world(20, shift=1.5, visible=True)
    assert np.array_equal(home.features, hidden.features)
    assert seen.features[:, 1] == pytest.approx(home.features[:, 1] + 1.5)
    assert np.array_equal(np.delete(seen.features, 1, axis=1), np.delete(home.features, 1, axis=1))
    assert np.array_equal(seen.success_probability, hidden.success_probability)


def test_competence_falls_with_the_difficulty_feature() -> None:
    world = feature_world(2000)
    assert np.corrcoef(world.features[:, 1], world.success_probability.sum(axis=1))[0, 1] < -0.9


def test_worlds_are_equal_when_their_truth_is() -> None:
    assert bank(5, seed=1) == bank(5, seed=1)
    assert len({bank(5, seed=1), bank(5, seed=1), bank(5, seed=2), bank(5, seed=1, outcomes="shared")}) == 3


def test_the_truth_cannot_be_changed_from_outside() -> None:
    mine = np.array([[0.5, 0.0]])
    world = World(mine)
    mine[0, 0] = 1.0
    assert world.success_probability[0, 0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        world.success_probability[0, 0] = 1.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: World(np.array([[0.5, 0.0], [1.2, 0.0]])),
            r"must lie in \[0, 1\], got 1.2 for answer 0 of question 1",
        ),
        (lambda: World(np.array([[-0.1, 0.0]])), r"must lie in \[0, 1\], got -0.1 for answer 0 of question 0"),
        (lambda: World(np.array([[np.nan, 0.0]])), r"must lie in \[0, 1\], got nan"),
        (lambda: World(np.array([[0.5, 0.0], [0.5, 0.1]])), "hopeless candidate .*, question 1 has none"),
        (lambda: World(np.array([[0.0]])), "must have shape"),
        (lambda: World(np.zeros((2, 2)), np.ones((3, 1))), "one row for each of 2 questions"),
        (lambda: World(np.zeros((2, 2)), np.full((2, 1), np.inf)), "finite"),
        (lambda: World(np.zeros((2, 2)), outcomes="tied"), "`outcomes` must be one of independent, by_answer, shared"),
        (lambda: bank(0), "needs 1 question"),
        (lambda: bank(difficulty=(0.0, 1.0)), "positive"),
        (lambda: feature_world(shift=np.nan), "finite"),
    ],
)
def test_a_broken_world_is_refused_in_a_sentence(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()
