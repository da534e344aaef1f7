"""K answers: divergences are what a false report loses, and the three ties of answer and report behave as stated."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scoring_theory.multiclass import BRIER, LOG, RULES, SPHERICAL, MulticlassRule, critical_weight, simplex
from scoring_theory.optimality import check

weights = arrays.arrays(np.float64, st.shared(st.integers(2, 6), key="k"), elements=st.floats(0.01, 1))
rules = st.sampled_from(list(RULES.values()))


@given(rule=rules, p=weights, q=weights)
def test_the_divergence_is_exactly_what_a_false_report_loses(
    rule: MulticlassRule, p: np.ndarray, q: np.ndarray
) -> None:
    p, q = p / p.sum(), q / q.sum()
    lost = rule.expected_score(p, p) - rule.expected_score(p, q)
    assert lost == pytest.approx(rule.divergence(p, q), abs=1e-12)
    assert rule.expected_score(p, p) == pytest.approx(rule.entropy(p), abs=1e-12)
    assert lost >= -1e-15


@given(rule=rules, p=weights, q=weights, lam=st.floats(0, 100))
def test_no_answer_and_report_beat_the_mode_with_the_truth(
    rule: MulticlassRule, p: np.ndarray, q: np.ndarray, lam: float
) -> None:
    """Untied and tied to the mode, at every weight."""
    p, q = p / p.sum(), q / q.sum()
    honest = rule.expected_reward(p, p, int(p.argmax()), weight=lam)
    for answer in range(len(p)):
        assert rule.expected_reward(p, q, answer, weight=lam) <= honest + 1e-9 * (1 + lam)
    assert rule.expected_reward(p, q, int(q.argmax()), weight=lam) <= honest + 1e-9 * (1 + lam)


def test_on_a_lattice_only_the_truth_is_best() -> None:
    """Exhaustive over reports with denominator 10, truth (1/5, 3/10, 1/2), weight 5 (above the binary lam* = 1)."""
    p = np.array([0.2, 0.3, 0.5])
    reports = [np.array(x) / 10 for x in itertools.product(range(11), repeat=3) if sum(x) == 10]
    for rule in (BRIER, SPHERICAL, LOG):
        paid = [(rule.expected_reward(p, q, int(q.argmax()), weight=5.0), tuple(q)) for q in reports]
        assert max(paid)[1] == tuple(p)


def test_top_label_scoring_is_the_binary_case_and_fails_above_its_critical_weight() -> None:
    """Truth (2/5, 2/5, 1/5, 0): naming the hopeless answer with q = 0 beats the honest 2/5 at weight 5."""
    report = check("c - 5*(q - c)^2")
    assert report.global_failure_below is not None
    assert report.global_failure_below.exact == "4/5"
    p = np.array([0.4, 0.4, 0.2, 0.0])
    honest = p.max() - 5 * p.max() * (1 - p.max())
    assert honest < 0
    assert critical_weight("top label", binary_critical_weight=1.0) == 1.0
    assert critical_weight("untied", binary_critical_weight=1.0) == float("inf")


@pytest.mark.parametrize(("answers", "tied"), [(2, False), (3, False), (3, True), (4, False), (4, True)])
def test_with_k_answers_the_top_label_of_brier_is_safe_beyond_its_binary_weight(answers: int, tied: bool) -> None:
    """Exact fractions on a lattice: safe at (K-1)/(K-2), or K/(K-2) when tied, unsafe a little above (ClassTies.v)."""
    steps = 2 * answers * (answers - 1)
    shares = itertools.combinations_with_replacement(range(steps + 1), answers)
    lattice = [[Fraction(x, steps) for x in share] for share in shares if sum(share) == steps]

    def least_advantage(lam: Fraction) -> Fraction:
        def reward(p: Fraction, q: Fraction) -> Fraction:
            return p - lam * (p * (1 - q) ** 2 + (1 - p) * q**2)

        floor = Fraction(int(tied), answers)
        return min(reward(max(ps), max(ps)) - reward(p, max(p, floor)) for ps in lattice for p in ps)

    if answers == 2:
        assert least_advantage(Fraction(1000)) >= 0
        return
    limit = Fraction(answers if tied else answers - 1, answers - 2)
    assert least_advantage(limit) == 0
    assert least_advantage(limit * Fraction(5, 4)) < 0


def test_certain_truth_with_log_is_not_nan() -> None:
    assert LOG.expected_score([1.0, 0.0], [1.0, 0.0]) == 0.0
    assert LOG.expected_score([0.5, 0.5], [1.0, 0.0]) == -np.inf


@pytest.mark.parametrize(
    ("bad", "words"),
    [([0.5, 0.6], "sum to 1"), ([-0.1, 1.1], ">= 0"), ([np.nan, 1.0], "finite"), ([1.0], "at least two")],
)
def test_what_is_no_distribution_is_refused(bad: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        simplex(bad, "q")


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        BRIER.expected_reward([0.5, 0.5], [0.5, 0.5], 0, weight=-1)
    with pytest.raises(ValueError, match="answer"):
        BRIER.expected_reward([0.5, 0.5], [0.5, 0.5], 2, weight=1)
    with pytest.raises(ValueError, match="tie"):
        critical_weight("none", binary_critical_weight=1.0)  # type: ignore[arg-type]
