"""Worlds publish their truth, and refuse to be broken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.worlds import (
    Beta,
    Listed,
    TwoPoint,
    World,
    bank,
    bank_of,
    feature_world,
    read_solve_rates,
)
from tests.support.examples import examples


@examples(40)
@given(
    questions=st.integers(1, 40),
    answers=st.integers(2, 9),
    shift=st.floats(-3, 3),
    difficulty=st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)),
    seed=st.integers(0, 1000),
)
def test_every_bank_has_probabilities_and_an_answer_that_is_never_correct(
    questions, answers, shift, difficulty, seed
) -> None:
    world = bank(questions, answers, shift=shift, difficulty=difficulty, seed=seed)
    truth = world.success_probability
    assert truth.shape == (questions, answers)
    assert ((truth >= 0) & (truth <= 1)).all()
    assert (truth.min(axis=1) == 0).all()
    assert world.best_accuracy == pytest.approx(truth.max(axis=1).mean())


@pytest.mark.parametrize("make", [bank, feature_world, lambda n: bank_of([0.5] * n)])
def test_no_answer_is_better_for_its_number(make) -> None:
    """Over 40 worlds or 400 questions the best answer is each number about equally often."""
    worlds = [make(400)] if make is not feature_world else [make(9, seed=s) for s in range(40)]
    best = np.concatenate([world.success_probability.argmax(axis=1) for world in worlds])
    worst = np.concatenate([world.success_probability.argmin(axis=1) for world in worlds])
    for places in (best, worst):
        counts = np.bincount(places, minlength=worlds[0].answers) / places.size
        assert counts == pytest.approx(np.full(counts.size, 1 / counts.size), abs=0.1)


@pytest.mark.parametrize("make", [bank, feature_world])
def test_a_shift_makes_every_candidate_worse_and_keeps_the_questions(make) -> None:
    home, away = make(50, seed=3), make(50, seed=3, shift=1.0)
    possible = home.success_probability > 0
    assert (away.success_probability < home.success_probability)[possible].all()
    assert (away.success_probability == 0)[~possible].all()


@pytest.mark.parametrize("make", [bank, feature_world])
def test_a_shift_beyond_all_bounds_leaves_nothing_to_solve(make) -> None:
    assert make(50, shift=1e4).best_accuracy == 0  # and no warning: pytest makes an error of one


def test_the_shift_of_a_bank_is_one_of_log_odds() -> None:
    p, q = (
        bank(9, seed=2).success_probability.max(axis=1),
        bank(9, seed=2, shift=1.5).success_probability.max(axis=1),
    )
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


def test_the_average_over_hidden_difficulty_is_that_of_many_draws() -> None:
    """Draws of z differ by seed, but so do the questions; so z is drawn here for one question."""
    alike = {"visible_difficulty": 0.3, "headroom": 1.0, "sharpness": 2.0, "seed": 3}
    known = feature_world(5, averaged=True, **alike)
    drawn = feature_world(5, **alike)
    assert np.array_equal(known.features, drawn.features)
    z = np.random.default_rng(0).normal(size=200_000)
    for x, truth, one in zip(
        known.features, known.success_probability, drawn.success_probability, strict=True
    ):
        difficulty = np.sqrt(0.3) * x[1] + np.sqrt(0.7) * z
        solvable = np.mean(1 / (1 + np.exp(1.5 * difficulty - 2.5)))
        assert truth.sum() == pytest.approx(solvable, abs=0.003)
        assert truth / truth.sum() == pytest.approx(one / one.sum())
    seen = {"visible_difficulty": 1.0, "seed": 3}
    assert feature_world(5, averaged=True, **seen).success_probability == pytest.approx(
        feature_world(5, **seen).success_probability
    )


def test_worlds_are_equal_when_their_truth_is() -> None:
    assert bank(5, seed=1) == bank(5, seed=1)
    assert (
        len({bank(5, seed=1), bank(5, seed=1), bank(5, seed=2), bank(5, seed=1, outcomes="shared")})
        == 3
    )


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
        (
            lambda: World(np.array([[-0.1, 0.0]])),
            r"must lie in \[0, 1\], got -0.1 for answer 0 of question 0",
        ),
        (lambda: World(np.array([[np.nan, 0.0]])), r"must lie in \[0, 1\], got nan"),
        (
            lambda: World(np.array([[0.5, 0.0], [0.5, 0.1]])),
            "an answer that is never correct .*; question 1 has none",
        ),
        (lambda: World(np.array([[0.0]])), "must have shape"),
        (lambda: World(np.zeros((2, 2)), np.ones((3, 1))), "one row for each of 2 questions"),
        (lambda: World(np.zeros((2, 2)), np.full((2, 1), np.inf)), "finite"),
        (
            lambda: World(np.zeros((2, 2)), outcomes="tied"),
            "`outcomes` must be one of independent, by_answer, shared",
        ),
        (lambda: bank(0), "needs at least 1 question"),
        (lambda: bank(difficulty=(0.0, 1.0)), "positive"),
        (lambda: feature_world(shift=np.nan), "finite"),
        (lambda: World(np.zeros((2, 2)), paid=np.zeros((1, 2))), "`paid` must be shaped like"),
        (
            lambda: World(np.zeros((1, 2)), paid=np.array([[0.5, 1.5]])),
            r"`paid` must lie in \[0, 1\], got 1.5 for answer 1",
        ),
        (
            lambda: World(np.zeros((1, 2)), abstain=2),
            "`abstain` must be an answer from 0 to 1, got 2",
        ),
        (
            lambda: World(np.array([[0.5, 0.0]]), abstain=0),
            "an abstention is never correct, but answer 0",
        ),
        (lambda: World(np.zeros((1, 2)), meaning=(0,)), "one number for each of 2 answers"),
        (
            lambda: World(np.array([[0.5, 0.0]]), meaning=(1, 1)),
            "must have the same success probability",
        ),
        (
            lambda: World(np.zeros((1, 2)), meaning=(0, 0), outcomes="by_answer"),
            "correct or wrong together",
        ),
        (lambda: TwoPoint(hard=-0.1), r"`hard` must lie in \[0, 1\], got -0.1"),
        (lambda: Beta(np.nan), "positive"),
        (lambda: Listed(()), "1 or more solve rates"),
        (lambda: bank_of([0.5, 2.0]), r"`rates` must lie in \[0, 1\], got 2.0 at index 1"),
    ],
)
def test_a_broken_world_is_refused_in_a_sentence(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_difficulty_is_drawn_as_told() -> None:
    hard = bank(4000, difficulty=TwoPoint(0.1, 0.7, share=0.25)).success_probability.max(axis=1)
    assert set(hard.tolist()) == {0.1, 0.7}
    assert (hard == 0.7).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 4000))
    listed = bank(3000, difficulty=Listed((0.0, 0.5, 1.0))).success_probability.max(axis=1)
    assert [(listed == p).mean() for p in (0.0, 0.5, 1.0)] == pytest.approx([1 / 3] * 3, abs=0.035)
    assert bank(9, difficulty=(2.0, 3.0)) == bank(9, difficulty=Beta(2.0, 3.0)) != bank(9)
    beta = bank(4000, difficulty=Beta(2.0, 6.0)).success_probability.max(axis=1)
    assert beta.mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 9 / 4000))


def test_a_bank_of_given_rates_keeps_them_in_order() -> None:
    rates = [0.3, 0.0, 1.0, 0.7]
    world = bank_of(rates, 5, outcomes="shared")
    ordered = np.sort(world.success_probability, axis=1)
    assert ordered[:, -1].tolist() == rates
    assert (ordered[:, :-1] <= 0.9 * np.array(rates)[:, None] + 1e-15).all()
    assert world.outcomes == "shared"


def test_solve_rates_are_read_from_a_file(tmp_path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text('question,solve_rate\nfirst,0.25\n"a, b",1\n')
    assert read_solve_rates(path).tolist() == [0.25, 1.0]
    path.write_text("pass@1\n0.5\n")
    assert bank_of(read_solve_rates(path, column="pass@1"), 2).success_probability.tolist() == [
        [0.5, 0.0]
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "solve_rate\n0.5\n1.2\n",
            r"`solve_rate` must be a number in \[0, 1\], got '1.2' in line 3 of rates.csv",
        ),
        ("solve_rate\nmost\n", "got 'most' in line 2"),
        ("solve_rate\nnan\n", "got 'nan' in line 2"),
        ("name,solve_rate\nfirst\n", "got None in line 2"),
        ("rate\n0.5\n", "has no column `solve_rate`; it has rate"),
        ("", "it has no header"),
        ("solve_rate\n", "has a header but no questions"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_value(tmp_path, text, sentence) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_solve_rates(path)
