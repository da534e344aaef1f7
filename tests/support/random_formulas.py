"""Random formulas of the whole grammar, and stated confidences at which evaluators are compared.

Two thirds are rewards as people write them (`tests.support.random_rewards`), one third are trees in
which every word of the grammar occurs, with quotients and logarithms that have no value at an end
of [0, 1] but a limit.
"""

from __future__ import annotations

import random
from fractions import Fraction

from tests.support import random_rewards

Random = random.Random

STATED = (
    "0",
    "1",
    "0.05",
    "0.07",
    "0.1",
    "0.25",
    "0.29",
    "0.3",
    "0.5",
    "0.6",
    "0.7",
    "0.9",
    "0.99",
)
"""Confidences that people state, thresholds among them; 0 and 1 come often in `confidence`."""
_LEAVES = (
    "q",
    "q",
    "q",
    "1 - q",
    "c",
    "1/2",
    "2",
    "q^2",
    "c*q",
    "(1 - c)",
    "log(q)",
    "log(1 - q)",
    "sqrt(q)",
    "exp(-q)",
    "q*log(q)",
    "1/q",
    "1/(1 - q)",
    "abs(q - 1/3)",
    "(1 - q)^(1/2)",
    "q^(3/2)",
    "0.3",
    "1e-3",
    "beta_cdf(q, 2, 3)",
    "beta_cdf(q, 1/2, 3/2)",
)
_BINARY = (
    "{0} + {1}",
    "{0} - {1}",
    "{0}*{1}",
    "{0}/(1 + {1}^2)",
    "min({0}, {1})",
    "max({0}, {1}, 1/7)",
    "{0} if q < 3/10 else {1}",
    "({0} > {1})*q",
    "({0} <= q)*{1}",
    "{0}*(0.1 <= q < 0.7) + {1}",
    "{0} if not q > 7/10 else {1}",
    "{0} if q == 1/2 or c == 1 else {1}",
    "({0})*(q != 1 and q > 0) + {1}",
    "clip({0}, -2, 3) + {1}",
)
_UNARY = (
    "exp(-abs({0}))",
    "sqrt(abs({0}))",
    "log(1 + abs({0}))",
    "abs({0})",
    "-({0})",
    "({0})^2",
    "({0})^3",
    "clip({0}, 1/10, 9/10)",
    "({0})/q",
    "q*({0})",
    "(1 - q)*({0})",
    "beta_cdf(clip({0}, 0, 1), 3, 2)",
    "beta_function(2, 1/2)*({0})",
    "(exp({0}) - 1)/(1 + exp({0}))",
)


def _tree(rng: Random) -> str:
    text = rng.choice(_LEAVES)
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.5:
            text = rng.choice(_UNARY).format(f"({text})")
        else:
            pair = [f"({text})", f"({rng.choice(_LEAVES)})"]
            rng.shuffle(pair)
            text = rng.choice(_BINARY).format(*pair)
    return text


def formula(rng: Random) -> str:
    """A formula in q and c."""
    while rng.random() < 2 / 3:
        _, text, parameters = random_rewards.case(rng)
        if not parameters:
            return text
    return _tree(rng)


def confidence(rng: Random) -> float:
    """A stated confidence: an end, a decimal with few digits, or any number."""
    kind = rng.random()
    if kind < 0.4:
        return float(rng.choice((0, 1)))
    return float(Fraction(rng.choice(STATED))) if kind < 0.8 else rng.random()
