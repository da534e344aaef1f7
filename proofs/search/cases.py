"""A claim for all values of the parameters, proved for parts of a domain one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, Protocol, Self, TypeVar

from proofs.kernel.normal_form import Expression, polynomial
from proofs.kernel.subject import Subject
from proofs.kernel.verifier import parts
from proofs.search.counterexamples import Certificate
from proofs.search.roots import rational_roots
from proofs.trees import domain_text

MAX_SPLITS = 4
"""Cuts inside one another that a search may try."""


class Divisible(Protocol):
    """What a prover must offer so that its claim can be cut into cases.

    The prover of this package is `proofs.search.prover.Prover`.
    """

    @property
    def splits_left(self) -> int:
        """Cuts inside one another that may still be tried."""

    @property
    def subject(self) -> Subject:
        """The formula cut into its pieces."""

    @property
    def unordered(self) -> list[Expression]:
        """Differences of points whose order depends on the parameters."""

    @property
    def free(self) -> int:
        """The number of parameters without a fixed value."""

    @property
    def provable(self) -> bool:
        """Whether evidence of properness has been found."""

    def is_free(self, name: str) -> bool:
        """Whether a parameter has no fixed value."""

    def part(self, domains: Mapping[str, str]) -> Self:
        """The same formula on a part of the domains."""

    def case(self) -> Certificate:
        """The evidence as a case of a split certificate."""


_P = TypeVar("_P", bound=Divisible)


@dataclass(frozen=True)
class Split(Generic[_P]):
    """The values of a parameter below, at and above a rational, each part with its own prover.

    Example:
        >>> from proofs.search.prover import Prover
        >>> split(Prover("(q > t)*(c - t)", {"t": "0 <= t <= 1"})).to_json()["at"]
        '0'
    """

    parameter: str
    at: Fraction
    provers: tuple[_P, ...]

    def to_json(self) -> dict[str, object]:
        """As certificates write it."""
        return {
            "parameter": self.parameter,
            "at": str(self.at),
            "cases": [p.case() for p in self.provers],
        }


def split(prover: _P) -> Split[_P] | None:
    """The first cut of a parameter's domain after which every part has evidence of properness.

    Example:
        >>> from proofs.search.prover import Prover
        >>> split(Prover("c - q", {})) is None
        True
    """
    if prover.splits_left <= 0:
        return None
    for name, at in _cuts(prover):
        cases = parts(prover.subject.domains[name], at)
        provers = tuple(prover.part({name: domain_text(name, d)}) for d in cases)
        if len(provers) > 1 and all(p.provable for p in sorted(provers, key=lambda p: p.free)):
            return Split(name, at, provers)
    return None


def _cuts(prover: Divisible) -> Iterator[tuple[str, Fraction]]:
    """Candidate cuts of parameters' domains.

    First come the values at which two breakpoints of the formula meet, then closed ends of domains.
    """
    domains = prover.subject.domains
    free = list(filter(prover.is_free, domains))
    for gap in prover.unordered:
        for name in free:
            coefficients = polynomial(gap, ("param", name)) or []
            roots = (
                [-coefficients[0] / coefficients[1]]
                if len(coefficients) == 2
                else rational_roots(coefficients)
            )
            yield from ((name, x) for x in roots if x in domains[name])
    for name in free if not prover.unordered else ():
        d = domains[name]
        ends = ((d.low, d.low_open), (d.high, d.high_open))
        yield from ((name, end) for end, is_open in ends if end is not None and not is_open)
