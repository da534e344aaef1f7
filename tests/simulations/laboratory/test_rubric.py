"""Rubrics: closed forms of what is safe, and of what confidence each combination pays for."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulations.laboratory.rubric import RUBRIC_RULES, Rubric, rubric_reward
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups
from simulations.signals.training import enumerated_mean_field

PLAIN = Rubric(p=0.6, hack=0.2, plain=0.2, lam=1.0, cap=1.0, style_cap=0.25)


def value(p: float, lam: float) -> float:
    return p - lam * p * (1 - p)


@given(st.floats(0.3, 1), st.floats(0, 0.9), st.floats(0, 0.5), st.floats(0, 1))
def test_the_boundaries_are_those_of_the_closed_forms(
    p: float, hack: float, plain: float, lam: float
) -> None:
    assume(hack < p - 0.05)
    rubric = replace(PLAIN, p=p, hack=hack, plain=plain, lam=lam)
    gap = value(p, lam) - value(hack, lam)
    assume(gap > 0.02)
    assert rubric.largest_safe("sum") == pytest.approx(gap / (1 - plain), abs=2e-4)
    slope = hack - p * plain
    for name, least in (("veto of style", gap), ("veto of everything", p - hack)):
        exact = least / slope if slope > 0 and least / slope < 90 else inf
        assume(not slope > 0 or least / slope < 90)
        assert rubric.largest_safe(name) == pytest.approx(exact, rel=1e-2, abs=1e-3)


@given(st.floats(0.01, 0.6))
def test_saturated_style_is_safe_below_the_gap_of_the_answers(style_cap: float) -> None:
    gap = value(0.6, 1.0) - value(0.2, 1.0)
    assume(abs(style_cap * (1 - PLAIN.plain) - gap) > 0.01)
    safe = replace(PLAIN, style_cap=style_cap).largest_safe("saturated style")
    # the exploit gains the most where its style has just reached the cap
    assert (safe == inf) == (style_cap * (1 - PLAIN.plain) < gap)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 3))
def test_confidence_is_honest_where_the_score_stands_outside(
    p: float, style: float, weight: float
) -> None:
    for name in ("sum", "veto of style", "saturated style"):
        assert PLAIN.best_report(name, p, style, weight=weight) == pytest.approx(p, abs=1e-3)
    report = PLAIN.best_report("saturated sum", p, style, weight=weight)
    assert report <= p + 1e-3
    paid = weight * style
    if paid < 1 and p > 0.01:  # below the cap for an error
        exact = min(p, max(0.0, 1 - paid**0.5))
        assert report == pytest.approx(exact, abs=2e-3)
    if p > 0.01:
        assert PLAIN.best_report("veto of everything", p, style, weight=weight) == 1.0


def test_an_unknown_combination_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of sum, veto"):
        rubric_reward("mean", 1.0, 1.0, np.zeros(1), weight=1.0, lam=1.0, cap=1.0, style_cap=1.0)


@pytest.mark.parametrize("name", RUBRIC_RULES)
def test_no_result_depends_on_the_numbers_of_the_answers(name: str) -> None:
    ends = []
    for order in ([0, 1], [1, 0]):
        answers = [PLAIN.answers[y] for y in order]
        grid = np.array([0.2, 0.6])
        table = np.array(
            [
                [
                    rubric_reward(name, c, s, grid, weight=1.0, lam=1.0, cap=1.0, style_cap=0.25)
                    for c in (0.0, 1.0)
                ]
                for _, s in answers
            ]
        )  # (K, 2, L)

        def signal(groups: Groups, table: np.ndarray = table) -> np.ndarray:
            return np.asarray(table[groups.answers, groups.correct.astype(int), groups.levels])

        start = StatedPolicy(np.full((1, 1, 2), 0.5), np.full((1, 1, 2, 2), 0.5), grid)
        truth = np.array([[p for p, _ in answers]])
        end = enumerated_mean_field(
            start, truth, signal, group_size=2, learning_rate=0.5, steps=10
        ).end
        ends.append(end.joint[0, 0][order])
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-12)
