"""The laboratory: what is measured agrees with what is exact, and no label is known."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import rlcr
from simulations.cli import main
from simulations.laboratory.majority import basin, expected_vote
from simulations.laboratory.policies import StatedPolicy, softmax
from simulations.laboratory.selection import chance_to_be_kept, kept
from simulations.laboratory.soft_verifier import boundary, reward_of_scores
from simulations.laboratory.systems import SYSTEM_TITLES, find_system
from simulations.laboratory.training import Groups, advantages_of, mean_field, reward_signal, train
from simulations.signals import majority_vote


def uniform(answers: int, levels: int) -> StatedPolicy:
    shape = (1, 1, answers, levels)
    grid = np.linspace(0, 1, levels)
    return StatedPolicy(np.full((1, 1, answers), 1 / answers), np.full(shape, 1 / levels), grid)


@given(st.lists(st.floats(0.05, 1), min_size=3, max_size=3), st.integers(2, 4))
def test_the_expected_vote_is_that_of_all_groups(weights: list[float], size: int) -> None:
    shares = np.array(weights) / sum(weights)
    groups = np.array(list(product(range(3), repeat=size)))
    chance = shares[groups].prod(axis=1)
    paid = majority_vote(groups)[:, 0]
    expected = [(chance * paid)[groups[:, 0] == y].sum() / shares[y] for y in range(3)]
    assert expected_vote(shares, size) == pytest.approx(expected)


@given(st.permutations(range(4)), st.lists(st.floats(0.05, 1), min_size=4, max_size=4))
def test_the_expected_vote_does_not_know_the_labels(
    renamed: list[int], weights: list[float]
) -> None:
    shares = np.array(weights) / sum(weights)
    assert expected_vote(shares[renamed], 4) == pytest.approx(expected_vote(shares, 4)[renamed])


def test_the_basin_is_the_share_of_the_strongest_wrong_answer() -> None:
    """1/8, 1/3 and .474 by hand: x = f (1 - x)."""
    assert [basin(f) for f in (1 / 7, 0.5, 0.9)] == pytest.approx([1 / 8, 1 / 3, 9 / 19])


def test_two_rollouts_of_a_majority_teach_nothing() -> None:
    """With a group mean and G = 2 both rollouts always have equal rewards."""
    groups = np.array(list(product(range(5), repeat=2)))
    assert not advantages_of(majority_vote(groups), "group_mean").any()


@pytest.mark.parametrize("name", SYSTEM_TITLES)
@pytest.mark.parametrize("without", [False, True])
def test_what_is_measured_agrees_with_what_is_exact(name: str, without: bool) -> None:
    outcome = find_system(name).run(scale="short", without=without)
    assert outcome.without == without
    for finding in outcome.findings:
        assert finding.agrees, finding
    effect = abs(outcome.findings[0].exact)
    assert outcome.findings[0].standard_error <= 0.05 * effect


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


@given(st.lists(st.floats(0.01, 1), min_size=11, max_size=11), st.integers(1, 3))
def test_the_chance_to_be_kept_is_that_of_all_groups(weights: list[float], size: int) -> None:
    """Enumeration over the levels and outcomes of the other rollouts, for one own rollout."""
    levels, p = np.array(weights) / sum(weights), 0.7
    paid = rlcr.table(np.arange(11) / 10)
    own = paid[1, 7]
    rivals = [(paid[c, k], (p if c else 1 - p) * levels[k]) for c in (0, 1) for k in range(11)]
    total = 0.0
    for others in product(rivals, repeat=size - 1):
        group = np.array([own, *(r for r, _ in others)])
        total += kept(group)[0] * np.prod([x for _, x in others])
    assert chance_to_be_kept(levels, p, size)[1, 7] == pytest.approx(total)


def test_the_boundary_of_graded_scores_is_where_values_cross() -> None:
    edge = boundary()
    for weight, sign in ((edge - 0.01, 1), (edge + 0.01, -1)):
        sure, even = reward_of_scores(weight, affine=False).max(axis=1)
        assert np.sign(even - sure) == sign
        sure, even = reward_of_scores(weight, affine=True).max(axis=1)
        assert even > sure


def test_what_cannot_be_trained_is_refused() -> None:
    start, truth = uniform(2, 2), np.array([[1.0, 0.0]])
    with pytest.raises(ValueError, match="must be positive"):
        train(start, truth, lambda groups: groups.correct, runs=0)
    with pytest.raises(ValueError, match="no estimator"):
        advantages_of(np.zeros(3), "global_mean")
    with pytest.raises(ValueError, match="unknown system"):
        find_system("minority")
    assert isinstance(Groups(*[np.zeros(1)] * 3, start, start), Groups)


def test_the_command_lists_runs_and_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    listed = capsys.readouterr().out
    for name in ("coupling", "shift", *SYSTEM_TITLES):
        assert f"  {name} " in listed
    assert main(["simulate", "majority", "--short", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["systems"]
    assert shown["findings"][0]["agrees"]
    assert [row["boundary, exact"] for row in shown["table"]] == ["0.125", "0.333", "0.474"]
    assert main(["simulate", "majorty"]) == 2
    assert "did you mean majority?" in capsys.readouterr().err
    assert main(["simulate", "majority", "--steps", "5"]) == 2
