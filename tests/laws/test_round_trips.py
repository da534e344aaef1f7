"""Formula -> Reward -> text -> Reward, symbolic equals numeric, and equality up to a positive
affine map.
"""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import Node, parse
from proofs.trees import branch, unparse
from scoring_theory.catalogue import CATALOGUE, Entry
from scoring_theory.expression import evaluate, from_sympy, piece_ends, resolve, to_sympy
from scoring_theory.reward import Reward
from tests.support.examples import examples
from tests.support.strategies import formulas, rules

POINTS = [Fraction(n, 23) for n in range(24)]
EVERY = [
    *((key, entry()) for key, entry in CATALOGUE.items()),
]


@given(tree=formulas(), c=st.sampled_from([0, 1]))
def test_text_keeps_the_function(tree: Node, c: int) -> None:
    again = parse(unparse(tree))
    q = [float(x) for x in POINTS]
    np.testing.assert_allclose(
        evaluate(branch(again, c), {"q": q}),
        evaluate(branch(tree, c), {"q": q}),
        rtol=1e-12,
        atol=1e-12,
    )


@examples(60)
@given(tree=formulas(), c=st.sampled_from([0, 1]))
def test_sympy_and_numpy_agree(tree: Node, c: int) -> None:
    side = branch(tree, c)
    q = sympy.Symbol("q", nonnegative=True)
    expression = to_sympy(side)
    for point in (Fraction(0), Fraction(1, 7), Fraction(1, 2), Fraction(1)):
        exact = expression.subs(q, sympy.Rational(point.numerator, point.denominator))
        assert float(evaluate(side, {"q": float(point)})) == pytest.approx(
            float(exact), rel=1e-9, abs=1e-9
        )


@examples(60)
@given(tree=formulas(names=("q",)))
def test_from_sympy_undoes_to_sympy(tree: Node) -> None:
    again = from_sympy(to_sympy(tree))
    q = [0.05, 0.37, 0.61, 0.93]
    np.testing.assert_allclose(
        evaluate(again, {"q": q}), evaluate(tree, {"q": q}), rtol=1e-9, atol=1e-9
    )


@examples(60)
@given(tree=formulas(names=("q",)), at=st.fractions(0, 1, max_denominator=101))
def test_a_resolved_piece_has_the_value_of_the_whole(tree: Node, at: Fraction) -> None:
    whole, piece = evaluate(tree, {"q": float(at)}), evaluate(resolve(tree, at), {"q": float(at)})
    near_a_cut = any(abs(float(cut) - float(at)) < 1e-9 for cut in _cuts(tree))
    assert near_a_cut or math.isclose(float(whole), float(piece), rel_tol=1e-9, abs_tol=1e-9)


def _cuts(tree: Node) -> tuple[object, ...]:
    try:
        return piece_ends(tree)
    except ValueError:
        return ()


@pytest.mark.parametrize(("name", "reward"), EVERY, ids=[name for name, _ in EVERY])
def test_rewards_survive_text_pickle_and_sympy(name: str, reward: Reward) -> None:
    again = Reward.parse(reward.text, parameters=reward.parameters)
    copied = pickle.loads(pickle.dumps(reward))
    assert again.parameters == reward.parameters == copied.parameters
    assert again.text == copied.text == reward.text
    levels = np.array([0.0, 0.003, 0.2, 0.5, 0.77, 1.0])
    np.testing.assert_allclose(again.table(levels), reward.table(levels), rtol=1e-14)
    np.testing.assert_array_equal(copied.table(levels), reward.table(levels))
    rebuilt = Reward.from_payoffs(*(from_sympy(side) for side in reward.sympy()))
    np.testing.assert_allclose(rebuilt.table(levels), reward.table(levels), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "reward"), EVERY, ids=[name for name, _ in EVERY])
def test_symbolic_equals_numeric_inside(name: str, reward: Reward) -> None:
    q = sympy.Symbol("q", nonnegative=True)
    for c, side in zip((1, 0), reward.sympy(), strict=True):
        for point in (Fraction(1, 7), Fraction(2, 5), Fraction(13, 17)):
            exact = sympy.N(side.subs(q, sympy.Rational(point.numerator, point.denominator)), 30)
            assert float(reward.payoff(float(point), c)) == pytest.approx(
                float(exact), rel=1e-12, abs=1e-14
            )


@examples(25)
@given(
    found=rules(proper=("strict", "weak", "no")),
    alpha=st.fractions(Fraction(1, 5), 5, max_denominator=5),
    beta=st.fractions(-3, 3, max_denominator=5),
)
def test_equality_is_up_to_a_positive_affine_map(
    found: tuple[Entry, Reward], alpha: Fraction, beta: Fraction
) -> None:
    _, reward = found
    moved = alpha * reward + beta
    assert moved == reward
    assert hash(moved) == hash(reward)
    assert -reward != reward


@pytest.mark.slow
def test_no_two_rules_of_the_catalogue_are_one_reward() -> None:
    """Except those that pay for correctness alone and differ in what abstaining earns; PPO-C, if R
    is 1 or 0, is the signed confidence.
    """
    paid_for_correctness = ("binary", "confidence_target", "nemo_gym_abstention", "truthrl")
    known = {
        *(frozenset(pair) for pair in combinations(paid_for_correctness, 2)),
        frozenset(("ppo_c_difference", "signed_confidence")),
    }
    members = {key: rule() for key, rule in CATALOGUE.items()}
    same = {
        frozenset((a, b)) for a in members for b in members if a < b and members[a] == members[b]
    }
    assert same == known
