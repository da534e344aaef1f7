"""Parameter values to try in a search; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from proofs.kernel.formula import Domain

_NEXT = Fraction(1, 1 << 34)
_STEPS = (Fraction(1), Fraction(1, 4), Fraction(4), Fraction(1, 64), Fraction(64), _NEXT)
"""Distances from the end of a half-bounded domain."""


def candidates(domain: Domain) -> list[Fraction]:
    """A few simple rationals of a domain, the most informative first.

    Example:
        >>> [str(x) for x in candidates(Domain(Fraction(0), Fraction(1)))[:3]]
        ['1/2', '1/8', '7/8']
    """
    if domain.low is not None and domain.low == domain.high:
        return [domain.low]
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        small = [Fraction(1, 1 << k) for k in (3, 6, 10, 20, 34)]
        shares = [Fraction(1, 2), *(share for s in small for share in (s, 1 - s))]
        tried = [low, high, *(low + s * (high - low) for s in shares)]
    elif low is not None:
        tried = [low, *(low + step for step in _STEPS)]
    elif high is not None:
        tried = [high, *(high - step for step in _STEPS if step != Fraction(1, 64))]
    else:
        tried = [Fraction(s) for s in (1, -1, 0, 4, -4)]
    return [x for x in tried if x in domain]


def sample_values(domains: Mapping[str, Domain], most: int = 24) -> list[dict[str, Fraction]]:
    """Up to `most` assignments of values to all parameters.

    Example:
        >>> sample_values({"lam": Domain(Fraction(0), Fraction(1))}, most=1)
        [{'lam': Fraction(1, 2)}]
    """
    names = list(domains)
    grids = [candidates(domains[n]) for n in names]
    assignments: list[dict[str, Fraction]] = []
    for combination in product(*grids):
        assignments.append(dict(zip(names, combination, strict=True)))
        if len(assignments) >= 4096:
            break
    step = max(1, len(assignments) // most)
    return assignments[::step][:most] or [{}]
