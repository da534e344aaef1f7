"""A claim for all values of the parameters, proved for parts of a domain one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.formula_text import domain_text
from proofs.kernel.check import parts
from proofs.kernel.normal_form import polynomial
from scoring_theory.prover.roots import rational_roots

if TYPE_CHECKING:
    from scoring_theory.prover.engine import Prover

MAX_SPLITS = 4
"""Cuts inside one another that a search may try."""


@dataclass(frozen=True)
class Split:
    """The values of a parameter below, at and above a rational, each part with its own prover."""

    parameter: str
    at: Fraction
    provers: tuple[Prover, ...]

    def to_json(self) -> dict[str, object]:
        """As certificates write it."""
        return {"parameter": self.parameter, "at": str(self.at), "cases": [p.case() for p in self.provers]}


def split(prover: Prover) -> Split | None:
    """The first cut of a parameter's domain after which every part has evidence of properness."""
    if prover.splits_left <= 0:
        return None
    for name, at in _cuts(prover):
        cases = parts(prover.subject.domains[name], at)
        provers = tuple(prover.part({name: domain_text(name, d)}) for d in cases)
        if len(provers) > 1 and all(p.provable for p in sorted(provers, key=lambda p: p.free)):
            return Split(name, at, provers)
    return None


def _cuts(prover: Prover) -> Iterator[tuple[str, Fraction]]:
    """Where points at which the formula changes its branch meet; then closed ends of the domains."""
    domains = prover.subject.domains
    free = list(filter(prover.is_free, domains))
    for gap in prover.unordered:
        for name in free:
            coefficients = polynomial(gap, ("param", name)) or []
            roots = [-coefficients[0] / coefficients[1]] if len(coefficients) == 2 else rational_roots(coefficients)
            yield from ((name, x) for x in roots if x in domains[name])
    for name in free if not prover.unordered else ():
        d = domains[name]
        ends = ((d.low, d.low_open), (d.high, d.high_open))
        yield from ((name, end) for end, is_open in ends if end is not None and not is_open)
