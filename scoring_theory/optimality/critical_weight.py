"""The critical weight lam*: how much of a scoring rule may be added to correctness."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from proofs.kernel.functions import power
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import ONE, Expression, Rejected, atom, const, depends_on, expand, term
from proofs.kernel.signs import is_nonnegative
from proofs.quantity import Quantity
from proofs.search.as_text import quantity, to_text
from proofs.search.prover import Prover
from proofs.search.tidy import tidy
from scoring_theory.optimality.parts import by_parts, main_part

INFINITE = Quantity("inf", float("inf"))


def critical_weight(prover: Prover) -> tuple[Quantity | None, str | None]:
    """lam* = 1 / (S(0, 0) - S(0+, 1)), the largest weight at which c + lam S is jointly optimal; and lam's name.

    A formula that is c + lam S with a free parameter lam names S, and lam* is a formula in the other parameters. For
    any other one (name None) S = R - c: the margin of c + lam S is 1 + lam (m - 1), so lam* = 1 / (1 - m).

    Source: `docs/theory.md`, Theorem 8.
    """
    if prover.proper.decision != "proved":
        return None, None
    name = weight_parameter(main_part(prover))
    weighed = [part for part in prover.parts if name is None or part.is_free(name)]
    return by_parts(prover, lambda part: _critical_weight(part, name), weighed), name


def _critical_weight(part: Prover, name: str | None) -> Quantity | None:
    margin, region = part.margin, part.subject.constants
    if not isinstance(margin, Expression):
        return None if margin is None else Quantity("0", 0.0) if margin is NEGATIVE_INFINITY else INFINITE
    if is_nonnegative(margin - ONE, region):
        return INFINITE
    loss = tidy(ONE - margin if name is None else (ONE - margin) * atom(("param", name), Fraction(-1)))
    try:
        found = quantity(power(loss, const(-1), region))
    except Rejected:
        return None
    return found if len(loss.terms) == 1 else replace(found, exact=_inverse_text(to_text(loss)))


def _inverse_text(text: str) -> str:
    return f"1/{text}" if re.fullmatch(r"log\([^()]*\)", text) else f"1/({text})"


def weight_parameter(part: Prover) -> str | None:
    """The free parameter lam of a formula c + lam S in which S is free of it."""
    names = sorted(filter(part.is_free, part.subject.domains), key=lambda name: name not in ("lam", "weight"))
    for name in names:
        scores = (piece.smooth(part.subject.payoffs[c]) - const(c) for piece in part.subject.pieces for c in (0, 1))
        if all(_weighs(name, score) for score in scores):
            return name
    return None


def _weighs(name: str, score: Expression) -> bool:
    """Whether every term holds the parameter once, as a factor."""
    weight = ("param", name)
    score = expand(score)
    once = all(dict(m).get(weight) == 1 for m in score.terms)
    return once and all(name not in depends_on(term(m - {(weight, Fraction(1))})) for m in score.terms)
