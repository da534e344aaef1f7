"""What honesty costs in training time: the slope of V, exactly and along the mean field."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring_theory.catalogue import CATALOGUE, binary, rlcr
from scoring_theory.designing import design
from scoring_theory.reward import Reward
from simulations.figures import frontier_figure
from simulations.laboratory.learning_speed import (
    LEARNING_SPEED,
    relative_speed,
    slow_below,
    steps_to,
)
from simulations.laboratory.speed_frontier import SeveralRewards, frontier, mixture
from simulations.policies import StatedPolicy
from simulations.signals.training import Trained, mean_field
from tests.support.strategies import threshold_distributions

SAFE = [
    key
    for key, entry in CATALOGUE.items()
    if entry.proper != "no" and entry.role == "reward" and entry.bounded
]


def truthful(reward: Reward, shares: np.ndarray, truth: np.ndarray, rate: float, steps: int
             ) -> Trained:  # fmt: skip
    """The mean field of answers whose confidence is truthful from the start."""
    start = StatedPolicy(shares[None, None], np.ones((1, 1, shares.size, 1)), np.array([1.0]))
    earned = reward.value(truth)[None, None, :, None]
    return mean_field(
        start, lambda _: earned, learning_rate=rate, steps=steps, checkpoints=steps + 1
    )


def shares_of(trained: Trained) -> np.ndarray:
    return np.array([policy.answer[0, 0] for policy in trained.policies])


@given(
    st.sampled_from(SAFE),
    st.lists(st.floats(0.1, 1), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.floats(0, 0.8),
    st.floats(0.1, 0.2),
)
@settings(max_examples=15, deadline=None)
def test_steps_are_inversely_proportional_to_the_gain(
    key: str, weights: list[float], right: list[bool], worse: float, gap: float
) -> None:
    """At a rate divided by V(a) - V(b), every reward takes the path of the binary reward."""
    reward, shares = CATALOGUE[key](), np.array(weights) / sum(weights)
    better = worse + gap
    gain = float(np.diff(reward.value([worse, better]))[0])
    assume(gain > 1e-3)
    truth = np.where(right, better, worse)
    own = truthful(reward, shares, truth, 0.5 * gap / gain, 30)
    plain = truthful(binary, shares, truth, 0.5, 30)
    assert shares_of(own) == pytest.approx(shares_of(plain), abs=1e-6)
    assert relative_speed(reward, better, worse) == pytest.approx(gain / gap)


@pytest.mark.parametrize(("answers", "start"), [(2, 0.5), (4, 0.25), (4, 0.1)])
@pytest.mark.parametrize("text", ["c", "c - (q - c)^2", "2*c - (q - c)^2"])
def test_the_closed_form_is_the_limit_of_the_mean_field(
    answers: int, start: float, text: str
) -> None:
    """Euler's method at two rates: what is missed is small, and halves with the rate."""
    reward, p = Reward.parse(text), 0.4
    others = np.full(answers - 1, (1 - start) / (answers - 1))
    truth = np.array([p, *np.zeros(answers - 1)])
    gain = float(np.diff(reward.value([0.0, p]))[0])
    missed = []
    for rate in (0.2, 0.1):
        due = steps_to(0.7, from_share=start, answers=answers, gain=gain, rate=rate)
        share = shares_of(truthful(reward, np.array([start, *others]), truth, rate, int(due) + 2))
        reached = np.interp(due, np.arange(len(share)), share[:, 0])
        missed.append(abs(reached - 0.7))
    assert missed[0] < 0.01
    assert missed[1] < 0.6 * missed[0]


@given(st.floats(0, 2), st.floats(0.05, 5), st.floats(0.01, 0.99))
@settings(max_examples=30, deadline=None)
def test_where_a_reward_is_slower_than_the_binary_one(m: float, k: float, p: float) -> None:
    edge, reward = slow_below(m, k), mixture(m, k)
    assume(abs(p - edge) > 1e-3)
    slope = float(reward.value_slope(p))
    assert slope == pytest.approx(m + k * p)
    assert (slope < 1) == (p < edge)
    assert relative_speed(reward, p) == pytest.approx(m + k * p / 2)


def test_the_numbers_of_the_lesson() -> None:
    assert mixture(1, 2) == Reward.parse("2*c - (q - c)^2")
    assert mixture(0, 2) == rlcr
    assert slow_below(0, 2) == 0.5
    for p in (0.1, 0.3, 0.9):
        assert relative_speed(rlcr, p) == pytest.approx(p)  # p^2 / p
        assert rlcr.value_slope(p) == pytest.approx(2 * p)
        assert mixture(1, 2).value_slope(p) == pytest.approx(1 + 2 * p)
    with pytest.raises(ValueError, match=r"`better` must be above `worse`, got 0.2 and 0.2"):
        relative_speed(rlcr, 0.2, 0.2)


@given(threshold_distributions(), st.floats(0.01, 0.99))
@settings(max_examples=15, deadline=None)
def test_at_the_same_range_the_binary_reward_is_fastest(distribution, p: float) -> None:
    """V'(p) / r is the share of thresholds below p: at most 1, and m / r near p = 0."""
    assume(distribution.total > 0)
    reward, r = distribution.to_reward(), float(distribution.total)
    assume(reward.payoff(1.0, 1) - reward.payoff(1.0, 0) == pytest.approx(r))
    speed = distribution.cdf(p) / r
    assert -1e-9 <= speed <= 1 + 1e-9
    assert speed >= float(distribution.margin) / r - 1e-9
    assert relative_speed(reward, p, same_range=True) <= float(speed) + 1e-9  # F never falls


def test_the_learning_speed_of_a_design_is_its_slope_over_its_range() -> None:
    made = design(thresholds=[0.3, 0.6], margin=0.2, curvature=0.3, total_range=2)
    p = np.array([0.1, 0.25, 0.45, 0.8])
    slopes = (made.reward.value(p + 1e-6) - made.reward.value(p - 1e-6)) / 2e-6
    assert made.learning_speed(p) == pytest.approx(slopes / 2, abs=1e-6)
    assert made.learning_speed(0) == pytest.approx(0.1)
    assert made.learning_speed(1) == pytest.approx(1)
    assert "1/10 times that of the binary reward" in made.learning_speed_in_words()
    assert "learning speed" in made._repr_html_()


def test_spread_confidence_costs_nothing() -> None:
    """The first step of the mean field: U(p, q) averaged over an even grid has the slope m + k/2.

    The grid 0, .1, ..., 1 is symmetric around 1/2, so that the mean of D(q) = m + k q is exact.
    """
    side = SeveralRewards.of([binary, rlcr, mixture(0, 1)], [0.3, 0.1], quickness=1.0)
    first = side.mean_field(rate=0.1, steps=1).end
    moved = side.accuracy(first)[0] - 0.1 / 2  # from (.3 + .1) / 2 / 4
    assert moved[1] == pytest.approx(moved[0], rel=1e-9)
    assert moved[2] == pytest.approx(moved[0] / 2, rel=2e-3)  # softmax is not linear


def test_what_is_seen_does_not_depend_on_the_numbers_of_the_answers() -> None:
    side = SeveralRewards.of([rlcr], [0.7, 0.3])
    plain = side.accuracy(side.mean_field(rate=0.1, steps=50).end)
    moved = SeveralRewards(
        side.start, np.roll(side.truth, 1, axis=1), side.tables, 1, side.quickness, separate=False
    )
    assert moved.accuracy(moved.mean_field(rate=0.1, steps=50).end) == pytest.approx(plain)


def test_without_the_mechanism_all_rewards_teach_answers_alike() -> None:
    side = SeveralRewards.of([binary, rlcr, mixture(1, 2)], [0.6, 0.2], separate=True)
    end = side.mean_field(rate=0.1, steps=200).end
    accuracy = side.accuracy(end)[0]
    assert accuracy == pytest.approx(np.full(3, accuracy[0]))
    assert side.calibration_error(end)[0, 1] < 0.6 * side.calibration_error(end)[0, 0]


def test_the_frontier_is_the_mean_field_and_its_points_lie_on_it() -> None:
    made = frontier([0.0, 0.5, 1.0, 2.0], [0.0, 2.0], steps=200, rate=0.15,
                    simulated=[(1.0, 2.0), (0.0, 2.0)], runs=24)  # fmt: skip
    assert (np.diff(made.accuracy, axis=1) > 0).all()  # more margin, same density: faster
    assert made.accuracy[0, 2] == pytest.approx(made.binary)  # m = 1, k = 0 is the binary reward
    assert np.isnan(made.scaled[0, 0])
    assert np.nanmax(made.scaled) <= made.binary + 1e-9
    for m, k, mean, error in made.simulated:
        column = list(made.margins).index(m)
        exact = made.accuracy[list(made.densities).index(k), column]
        assert abs(mean - exact) <= 3 * error + 0.02 * 0.15  # the stated bias of the step
    drawn = frontier_figure(made)
    sizes = {text.get_fontsize() for axes in drawn.figure.axes for text in axes.texts}
    sizes |= {
        label.get_fontsize() for axes in drawn.figure.axes for label in axes.get_xticklabels()
    }
    assert min(sizes) >= 7
    panels = list(drawn.data["panel"])
    assert panels.count("Same learning rate") == panels.count("Same range") == 8


@pytest.mark.slow
def test_the_table_shows_both_comparisons() -> None:
    rows = {(row[0], row[1]): row for row in LEARNING_SPEED.run(scale="short").rows}

    def accuracy(setting: str, name: str) -> float:
        return float(rows[setting, name][4])

    same = "same rate, confidence x 20"
    design_name = "2c - (q - c)^2"
    assert accuracy(same, "RLCR") < accuracy(same, "binary") - 0.03
    assert accuracy(same, "binary") < accuracy(same, design_name)
    assert float(rows[same, design_name][5]) < 0.05 < float(rows[same, "binary"][5])
    scaled = "same range, confidence x 20"
    assert accuracy(scaled, "RLCR") < accuracy(scaled, design_name) < accuracy(scaled, "binary")
    alike = "same rate, confidence x 1"
    assert accuracy(alike, "RLCR") == pytest.approx(accuracy(alike, "binary"), abs=0.005)
