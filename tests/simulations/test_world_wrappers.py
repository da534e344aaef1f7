"""Wrappers: probabilities stay probabilities, rates compose as stated, nothing happens where
nothing should.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.worlds import (
    World,
    annotator_disagreement,
    bank,
    competence_shift,
    covariate_shift,
    draw_outcomes,
    drifted,
    feature_world,
    noisy_reward_model,
    noisy_verifier,
    with_abstention,
    with_meanings,
)

unit = st.floats(0, 1)
HOME, AWAY = bank(12, 5, seed=1), bank(12, 5, seed=1, shift=2.0)
SEEN = feature_world(200, 4, dimensions=3)


@given(
    shift=st.floats(-4, 4),
    share=unit,
    time=unit,
    fp=unit,
    fn=unit,
    spread=st.floats(0, 4),
    payoff=unit,
)
def test_all_wrappers_together_leave_probabilities(
    shift, share, time, fp, fn, spread, payoff
) -> None:
    world = drifted(HOME, AWAY, time=time)
    world = with_meanings(annotator_disagreement(competence_shift(world, shift), share), 2)
    world = with_abstention(
        noisy_reward_model(noisy_verifier(world, false_positive=fp, false_negative=fn), spread),
        payoff,
    )
    for table in (
        world.success_probability,
        world.paid_probability,
        world.as_paid().success_probability,
    ):
        assert table.shape == (12, 11)
        assert ((table >= 0) & (table <= 1)).all()
    assert (world.success_probability.min(axis=1) == 0).all()
    assert (world.paid_probability[:, world.abstain] == payoff).all()


def test_what_changes_nothing_is_the_world_itself() -> None:
    for same in (
        competence_shift(HOME, 0.0),
        annotator_disagreement(HOME, 0.0),
        drifted(HOME, AWAY, time=0.0),
        with_meanings(HOME, 1),
        noisy_verifier(HOME),
        noisy_reward_model(HOME, 0.0),
        HOME.as_paid(),
    ):
        assert same is HOME
    assert covariate_shift(SEEN, 0.0) is SEEN
    assert HOME.paid_probability is HOME.success_probability
    assert noisy_verifier(HOME, false_positive=0.1) != HOME


@given(fp=unit, fn=unit, fp2=unit, fn2=unit)
def test_a_noisy_verifier_pays_what_it_says_and_two_compose_as_channels(fp, fn, fp2, fn2) -> None:
    p = HOME.success_probability
    once = noisy_verifier(HOME, false_positive=fp, false_negative=fn)
    assert once.paid_probability == pytest.approx((1 - fn) * p + fp * (1 - p), abs=1e-14)
    assert np.array_equal(once.success_probability, p)
    twice = noisy_verifier(once, false_positive=fp2, false_negative=fn2)
    # P(paid | wrong) and P(refused | right) of the two in a row.
    wrong, right = fp * (1 - fn2) + (1 - fp) * fp2, fn * (1 - fp2) + (1 - fn) * fn2
    assert twice.paid_probability == pytest.approx((1 - right) * p + wrong * (1 - p), abs=1e-12)
    assert once.as_paid().success_probability == pytest.approx(once.paid_probability)


@given(a=st.floats(-3, 3), b=st.floats(-3, 3))
def test_competence_shifts_add_up_and_a_bank_makes_the_same(a, b) -> None:
    twice = competence_shift(competence_shift(HOME, a), b)
    assert twice.success_probability == pytest.approx(
        competence_shift(HOME, a + b).success_probability, abs=1e-12
    )
    assert competence_shift(HOME, a).success_probability == pytest.approx(
        bank(12, 5, seed=1, shift=a).success_probability
    )


@given(share=unit)
def test_disagreeing_annotators_spread_the_truth_and_keep_answers_that_are_never_correct(
    share,
) -> None:
    mixed = annotator_disagreement(HOME, share).success_probability
    assert mixed.sum(axis=1) == pytest.approx(
        (1 - share) * HOME.success_probability.sum(axis=1) + share
    )
    never = HOME.success_probability == 0
    assert (mixed[never] == 0).all()
    whole = annotator_disagreement(HOME, 1.0).success_probability
    assert whole == pytest.approx(np.where(never, 0.0, 0.25))


def test_a_world_without_hope_has_no_annotator_to_disagree() -> None:
    assert not annotator_disagreement(World(np.zeros((2, 3))), 0.5).success_probability.any()


@given(time=unit)
def test_drift_is_a_straight_way(time) -> None:
    now = drifted(HOME, AWAY, time=time).success_probability
    assert now == pytest.approx(
        HOME.success_probability * (1 - time) + AWAY.success_probability * time
    )
    assert drifted(HOME, AWAY, time=1.0) == AWAY


def test_a_covariate_shift_asks_other_questions_that_are_as_hard_as_before() -> None:
    world = feature_world(4000, 4, dimensions=3)
    moved = covariate_shift(world, 0.8)
    # A normal density tilted by exp(b x) is the same normal moved by b; a finite bank stays a
    # little short of it.
    assert moved.features[:, 1].mean() == pytest.approx(0.8, abs=0.05)
    assert moved.features[:, 1].std() == pytest.approx(1.0, abs=0.05)
    assert moved.features[:, 2].mean() == pytest.approx(world.features[:, 2].mean(), abs=0.06)
    truths = {
        tuple(x): tuple(p)
        for x, p in zip(world.features.tolist(), world.success_probability.tolist(), strict=True)
    }
    for x, p in zip(moved.features.tolist(), moved.success_probability.tolist(), strict=True):
        assert truths[tuple(x)] == tuple(p)
    assert moved.best_accuracy < world.best_accuracy - 0.1


def test_a_covariate_shift_takes_the_verifier_along() -> None:
    moved = covariate_shift(noisy_verifier(SEEN, false_positive=0.25), 1.0)
    assert moved.paid_probability == pytest.approx(0.25 + 0.75 * moved.success_probability)


def test_a_learned_judge_has_one_opinion_and_the_winners_curse() -> None:
    world = bank(4000, 6, seed=3)
    judged = noisy_reward_model(world, 1.0, seed=5)
    assert np.array_equal(
        judged.paid_probability, noisy_reward_model(world, 1.0, seed=5).paid_probability
    )
    assert (judged.paid_probability[world.success_probability == 0] == 0).all()
    best = world.success_probability.argmax(axis=1)[:, None]
    tables = (world.success_probability, judged.paid_probability)
    p, q = (np.take_along_axis(table, best, axis=1) for table in tables)
    noise = np.log(q / (1 - q)) - np.log(p / (1 - p))
    assert (noise.mean(), noise.std()) == pytest.approx((0, 1), abs=0.06)
    chosen = judged.paid_probability.argmax(axis=1)[:, None]
    believed, true = (
        np.take_along_axis(t, chosen, 1).mean()
        for t in (judged.paid_probability, world.success_probability)
    )
    assert believed > true + 0.05
    assert true < world.best_accuracy - 0.02


def test_wordings_share_a_meaning_and_an_abstention_has_its_own() -> None:
    worded = with_abstention(with_meanings(noisy_verifier(HOME, false_negative=0.1), 3), 0.4)
    assert worded.meanings == (0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5)
    assert np.array_equal(worded.success_probability[:, :15:3], HOME.success_probability)
    assert worded.paid_probability[:, 1:15:3] == pytest.approx(0.9 * HOME.success_probability)
    assert with_meanings(with_meanings(HOME, 2), 2).meanings == tuple(np.repeat(range(5), 4))


def test_a_verifier_and_an_abstention_commute() -> None:
    one = with_abstention(noisy_verifier(HOME, false_positive=0.3), 0.5)
    assert one == noisy_verifier(with_abstention(HOME, 0.5), false_positive=0.3)
    assert one != with_abstention(HOME, 0.5)


def test_the_recipe_names_every_wrapper_in_order() -> None:
    world = noisy_verifier(competence_shift(HOME, 0.5), false_positive=0.2)
    assert world.describe()["recipe"]["wrappers"] == [
        {"competence_shift": 0.5},
        {"noisy_verifier": [0.2, 0.0]},
    ]
    assert "wrappers" not in HOME.recipe
    assert (world.as_paid().describe()["view"], world.describe().get("view")) == ("paid", None)
    told = with_abstention(with_meanings(HOME, 2), 0.5).describe()
    assert (told["abstain"], told["meaning"]) == (10, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: competence_shift(HOME, np.inf), "`by` must be a finite number, got inf"),
        (
            lambda: competence_shift(noisy_verifier(HOME, false_positive=0.1), 1.0),
            "`competence_shift` changes the success probabilities",
        ),
        (lambda: annotator_disagreement(HOME, 1.5), r"`share` must lie in \[0, 1\], got 1.5"),
        (
            lambda: annotator_disagreement(with_abstention(HOME, 0.5), 0.5),
            "apply it before the verifier",
        ),
        (lambda: drifted(HOME, bank(11, 5), time=0.5), "the same questions"),
        (
            lambda: drifted(HOME, noisy_verifier(HOME, false_positive=0.1), time=0.5),
            "cannot drift towards one whose verifier errs",
        ),
        (
            lambda: drifted(
                SEEN, feature_world(200, 4, dimensions=3, shift=1, visible=True), time=0.5
            ),
            "features",
        ),
        (
            lambda: drifted(HOME, World(AWAY.success_probability, np.ones((12, 1))), time=0.5),
            "answers and features",
        ),
        (lambda: drifted(HOME, AWAY, time=-0.1), "`time` must lie"),
        (lambda: drifted(HOME, bank(12, 5, seed=2), time=0.5), "the same answer that is never"),
        (lambda: covariate_shift(HOME, 1.0), "needs a world with features"),
        (lambda: covariate_shift(SEEN, 1.0, feature=4), "`feature` must be from 0 to 3, got 4"),
        (
            lambda: noisy_verifier(HOME, false_positive=-0.1),
            r"`false_positive` must lie in \[0, 1\], got -0.1",
        ),
        (lambda: noisy_verifier(HOME, false_negative=np.nan), "`false_negative` must lie"),
        (
            lambda: noisy_reward_model(HOME, -1.0),
            "`spread` must be a finite number and not negative",
        ),
        (lambda: with_abstention(with_abstention(HOME, 0.5), 0.5), "an abstention already"),
        (lambda: with_meanings(with_abstention(HOME, 0.5), 2), "before `with_abstention`"),
        (lambda: with_meanings(HOME, 0), "`copies` must be at least 1, got 0"),
        (lambda: with_meanings(bank(4, outcomes="by_answer"), 2), "correct or wrong together"),
    ],
)
def test_wrappers_refuse_in_a_sentence(make, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("outcomes", ["independent", "by_answer", "shared"])
def test_each_rollout_has_its_answers_probability_and_groups_hang_together_as_told(
    outcomes,
) -> None:
    n = 40_000
    truth = World(np.array([[0.7, 0.4, 0.0]]), outcomes=outcomes, paid=np.array([[0.2, 0.9, 0.5]]))
    answers = np.tile([0, 0, 1, 2], (n, 1))
    for paid, p in ((False, [0.7, 0.7, 0.4, 0.0]), (True, [0.2, 0.2, 0.9, 0.5])):
        c = draw_outcomes(
            truth, np.zeros(n, dtype=int), answers, np.random.default_rng(1), paid=paid
        )
        assert c.mean(axis=0) == pytest.approx(p, abs=4 * 0.5 / np.sqrt(n))
        both, across = (c[:, 0] * c[:, 1]).mean(), (c[:, 0] * c[:, 2]).mean()
        same = p[0] if outcomes != "independent" else p[0] ** 2
        tied = min(p[0], p[2]) if outcomes == "shared" else p[0] * p[2]
        assert (both, across) == pytest.approx((same, tied), abs=4 * 0.5 / np.sqrt(n))


def test_wordings_of_one_meaning_are_right_together_in_a_shared_world() -> None:
    one = World(np.tile([0.7, 0.3, 0.0], (6, 1)), outcomes="shared")
    worded = with_meanings(one, 2)
    c = draw_outcomes(
        worded,
        np.repeat(np.arange(6), 500),
        np.tile([0, 1, 2, 3], (3000, 1)),
        np.random.default_rng(0),
    )
    assert np.array_equal(c[:, 0], c[:, 1])
    assert np.array_equal(c[:, 2], c[:, 3])
    assert 0 < c[:, 2].sum() < c[:, 0].sum()


@pytest.mark.parametrize(
    ("questions", "answers", "sentence"),
    [
        ([0], [0, 1], "must have shape"),
        ([12], [[0]], "`questions` must be whole numbers from 0 to 11"),
        ([0], [[-1]], "`answers` must be whole numbers from 0 to 4"),
        ([0], [[0.5]], "`answers` must be whole numbers"),
    ],
)
def test_there_are_no_verdicts_on_what_does_not_exist(questions, answers, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        draw_outcomes(HOME, questions, answers, np.random.default_rng(0))
