"""One piecewise quadratic formula for atoms and uniform stretches of thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise

from proofs.kernel.formula import CONFIDENCE, CORRECT, Apply, Name, Node, Number
from proofs.trees import number
from scoring_theory.reward.algebra import multiplied, plus

UniformStretch = tuple[Fraction, Fraction, Fraction]
"""Mass, low, high: thresholds spread evenly over [low, high]."""


def staircase(atoms: Mapping[Fraction, Fraction], stretches: Iterable[UniformStretch]) -> Node:
    """R(q, c) = c F(q) - M(q) as a choice of quadratics, ascending in q; atoms count for q > t.

        F(q) = A + d q,    M(q) = B + d q^2 / 2    on each piece (low, high]

    Example:
        >>> from proofs.trees import unparse
        >>> half = Fraction(1, 2)
        >>> unparse(staircase({half: Fraction(1)}, [(Fraction(1), Fraction(0), half)]))
        '2*c*q - q^2 if q <= 1/2 else 2*c - 3/4'
    """
    spread = [s for s in stretches if s[0]]
    inner = {x for _, low, high in spread for x in (low, high)} | set(atoms)
    knots = sorted({Fraction(0), Fraction(1)} | {x for x in inner if 0 < x < 1})
    pieces: list[tuple[Fraction, Node]] = []
    total, staked = Fraction(0), Fraction(0)
    for low, high in pairwise(knots):
        mass = atoms.get(low, Fraction(0))
        total, staked = total + mass, staked + mass * low
        density = sum((m / (b - a) for m, a, b in spread if a <= low and high <= b), Fraction(0))
        pieces.append((high, _piece(total - density * low, staked - density * low**2 / 2, density)))
        total, staked = total + density * (high - low), staked + density * (high**2 - low**2) / 2
    return _chain(pieces)


def _piece(total: Fraction, staked: Fraction, density: Fraction) -> Node:
    c, q = Name(CORRECT), Name(CONFIDENCE)
    parts = (
        (total, c),
        (density, Apply("*", (c, q))),
        (-density / 2, Apply("^", (q, number(2)))),
        (-staked, number(1)),
    )
    formula: Node = number(0)
    for factor, part in parts:
        formula = plus(formula, multiplied(factor, part)) if factor else formula
    return formula


def _chain(pieces: list[tuple[Fraction, Node]]) -> Node:
    changes = [piece for piece, after in pairwise(pieces) if piece[1] != after[1]]
    formula = pieces[-1][1]
    for high, piece in reversed(changes):
        formula = Apply("if", (Apply("<=", (Name(CONFIDENCE), Number(high))), piece, formula))
    return formula
