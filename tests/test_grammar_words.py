"""A word of the grammar is declared once, in `proofs/kernel/formula.py`; who else must know it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
import pytest

from proofs import floats
from proofs.floats import in_floats
from proofs.kernel.formula import ARITY, COMPARISONS, Node, parse
from proofs.search.at_point import value_at
from scoring_theory.adapters.payoff import Payoff, as_python
from scoring_theory.expression import evaluate, from_sympy, to_sympy
from scoring_theory.expression.symbolic import symbol
from scoring_theory.reward import Reward

EXAMPLES = {
    "log": "log(q + 1)",
    "exp": "exp(q)",
    "sqrt": "sqrt(q)",
    "abs": "abs(q - 3/4)",
    "min": "min(q, 1 - q, 2/5)",
    "max": "max(q, 1/3)",
    "clip": "clip(q, 1/10, 2/5)",
    "beta_cdf": "beta_cdf(q, 2, 3)",
    "beta_function": "q*beta_function(2, 3)",
    **{op: f"q*(q {op} 2/5) + q" for op in COMPARISONS},
    "and": "q if q > 1/10 and q < 1 else 0",
    "or": "q if q > 9/10 or q > 1/10 else 0",
    "not": "q if not q > 9/10 else 0",
    "if": "q if q > 1/10 else 2*q",
    **{op: f"(q + 1) {op} 3" for op in ("+", "-", "*", "/", "^")},
    "neg": "-q",
}
"""A formula in q for each word, with the value that every evaluator must give at q = 1/4."""
POINT = Fraction(1, 4)


def exported(node: Node) -> float:
    names = {**vars(floats), "Fraction": Fraction, "q": float(POINT), "x": POINT}
    return float(eval(as_python(node), names))  # what an exported file holds


HOMES: Mapping[str, Callable[[Node], float]] = {
    "proofs/floats.py OPERATIONS": lambda node: in_floats(node)(float(POINT)),
    "scoring_theory/expression/numeric.py _OPERATIONS": lambda node: float(
        evaluate(node, {"q": np.array([float(POINT)])})[0]
    ),
    "scoring_theory/expression/symbolic.py _FUNCTIONS": lambda node: float(
        to_sympy(node).subs(symbol("q"), 0.25).evalf()
    ),
    "scoring_theory/expression/symbolic.py from_sympy": lambda node: in_floats(
        from_sympy(to_sympy(node))
    )(float(POINT)),
    "scoring_theory/adapters/payoff.py Payoff": lambda node: Payoff.of(node)(float(POINT)),
    "scoring_theory/adapters/payoff.py as_python": exported,
}


def test_every_word_has_an_example() -> None:
    words = {*ARITY, *COMPARISONS, "and", "or", "not", "if", "+", "-", "*", "/", "^", "neg"}
    assert set(EXAMPLES) == words, "give the new word an example in EXAMPLES"


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("word", EXAMPLES)
def test_every_evaluator_knows_every_word(word: str, home: str) -> None:
    node = parse(EXAMPLES[word])
    try:
        value = HOMES[home](node)
    except (KeyError, NameError, TypeError, ValueError) as error:
        pytest.fail(f"teach {home} the word {word!r}: {type(error).__name__}: {error}")
    assert value == pytest.approx(value_at(node, POINT), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("word", EXAMPLES)
def test_every_word_can_be_shown(word: str) -> None:
    assert Reward.parse(EXAMPLES[word])._repr_latex_()
    assert parse(Reward.parse(EXAMPLES[word]).text)
