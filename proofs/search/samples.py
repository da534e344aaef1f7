"""Numbers to try: parameter values inside their domains, and payoffs in floats. They search; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from proofs.kernel.formula import Domain


def candidates(domain: Domain) -> list[Fraction]:
    """A few simple rationals of a domain, the most telling first."""
    if domain.low is not None and domain.low == domain.high:
        return [domain.low]
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        near = [Fraction(1, 1 << k) for k in (3, 6, 10, 20)]
        shares = [Fraction(1, 2), *(share for s in near for share in (s, 1 - s))]
        tried = [low, high, *(low + s * (high - low) for s in shares)]
    elif low is not None:
        tried = [
            low,
            *(
                low + s
                for s in (Fraction(1), Fraction(1, 4), Fraction(4), Fraction(1, 64), Fraction(64))
            ),
        ]
    elif high is not None:
        tried = [
            high,
            *(high - s for s in (Fraction(1), Fraction(1, 4), Fraction(4), Fraction(64))),
        ]
    else:
        tried = [Fraction(s) for s in (1, -1, 0, 4, -4)]
    return [x for x in tried if x in domain]


def sample_values(domains: Mapping[str, Domain], most: int = 24) -> list[dict[str, Fraction]]:
    """Up to `most` assignments of all parameters."""
    names = list(domains)
    grids = [candidates(domains[n]) for n in names]
    found: list[dict[str, Fraction]] = []
    for combination in product(*grids):
        found.append(dict(zip(names, combination, strict=True)))
        if len(found) >= 4096:
            break
    step = max(1, len(found) // most)
    return found[::step][:most] or [{}]
