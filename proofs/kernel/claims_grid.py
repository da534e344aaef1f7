"""What the kernel checks where finitely many reports are admitted.

`levels` lists them in increasing order, q_0 < ... < q_K. V_grid(p) is the largest U(p, q_k).

    proper on a grid            for q_k <= p <= q_(k+1) one of these two levels is a best report,
                                for p < q_0 the first and for p > q_K the last; a level is a best
                                report for p equal to it
    strictly proper on a grid   moreover, a level is the only best report for p equal to it
    jointly optimal on a grid   proper on the grid, and V_grid never decreases
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs.kernel.claims import CUT_FIELDS, FREE_FIELDS, Claims, check_proper, probability
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import Expression, const, depends_on, is_zero
from proofs.kernel.signs import Region, constant_sign, is_nonnegative, is_positive
from proofs.kernel.subject import Subject, difference, finite, greater, need

MAX_LEVELS = 1001


def levels(c: Mapping[str, Any]) -> list[Fraction]:
    """The admitted reports.

    Raises:
        Rejected: they do not increase in [0, 1], or there are fewer than 2 or more than
            `MAX_LEVELS`.

    Example:
        >>> [str(q) for q in levels({"levels": ["0", "0.5", "1"]})]
        ['0', '1/2', '1']
    """
    need(
        2 <= len(c["levels"]) <= MAX_LEVELS,
        f"a grid has 2 to {MAX_LEVELS} levels, got {len(c['levels'])}",
    )
    values = [probability(text) for text in c["levels"]]
    need(all(a < b for a, b in pairwise(values)), "the levels must increase")
    return values


def _not_less(a: Limit, b: Limit, region: Region, *, strictly: bool) -> bool:
    """Whether a >= b, or a > b, is shown for all parameters; a is finite."""
    if b is NEGATIVE_INFINITY:
        return True
    gap = difference(a, b)
    if not isinstance(gap, Expression):
        return False
    if not depends_on(gap):
        return constant_sign(gap) >= strictly
    return is_positive(gap, region) if strictly else is_nonnegative(gap, region)


def check_neighbours(subject: Subject, grid: Sequence[Fraction], *, strictly: bool = False) -> None:
    """Check U(q, q) >= U(q, r), or >, for all neighbours q and r on the grid.

    U(., q) is a line of slope D(q) = R(q, 1) - R(q, 0). Two conditions for neighbours put the point
    where their lines cross between them, so the points of all pairs are in order: each level is
    best from the crossing below it to the crossing above it.

    Raises:
        Rejected: one of these is not shown.

    Example:
        >>> thirds = [Fraction(n, 3) for n in range(4)]
        >>> check_neighbours(Subject("c - (q - c)^2", {}), thirds, strictly=True)
    """
    for low, high in pairwise(grid):
        for p, q in ((low, high), (high, low)):
            honest = finite(subject.expected(p, p), f"U(p, p) at p = {p}")
            other = subject.expected(p, q)
            need(
                _not_less(honest, other, subject.constants, strictly=strictly),
                f"for p = {p} the report {q} is not shown to earn less",
            )


def check_rising(subject: Subject, grid: Sequence[Fraction]) -> None:
    """Check that V_grid(p) >= V_grid(0) for all p, for a reward that is proper on the grid.

    Then R(q_0, 0) = V_grid(0). A level q with R(q, 0) >= R(q_0, 0) and R(q, 1) >= R(q_0, 0), both
    finite, earns at least V_grid(0) for every p. V_grid is convex, except that it may be smaller
    next to 0 than at 0, which this level rules out; so it never decreases.

    Raises:
        Rejected: no such level is found among those with R(q, 0) = R(q_0, 0).

    Example:
        >>> check_rising(Subject("c - (q - c)^2", {}), [Fraction(0), Fraction(1)])
    """
    nothing = finite(subject.payoff(const(grid[0]), 0), "the payoff of a wrong answer at q_0")
    for q in grid:
        wrong, right = (subject.payoff(const(q), c) for c in (0, 1))
        if q != grid[0] and not (isinstance(wrong, Expression) and is_zero(wrong - nothing)):
            break
        if isinstance(right, Expression) and _not_less(
            right, nothing, subject.constants, strictly=False
        ):
            return
    need(False, "V_grid is not shown to be largest above p = 0 for every p")


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    """By neighbours; or by evidence of properness for every report, which covers the levels."""
    grid, strictly = levels(c), c["claim"].startswith("strictly")
    if "evidence" in c:
        strict = check_proper(subject, c["evidence"])
        need(strict or not strictly, "only weakly proper")
    else:
        check_neighbours(subject, grid, strictly=strictly)


def _jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    _proper(subject, c)
    check_rising(subject, levels(c))


def _misreport(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare U(p, q) with U(p, p) for two levels p and q."""
    grid, p, q = levels(c), probability(c["p"]), probability(c["q"])
    need(p in grid and q in grid, "p and q must be levels")
    bound = subject.bind(c.get("values", {}))
    if c["claim"].startswith("not strictly"):
        tie = is_zero(
            finite(bound.expected(p, q), "U(p, q)") - finite(bound.expected(p, p), "U(p, p)")
        )
        need(p != q and tie, "U(p, q) = U(p, p) is not shown")
    else:
        need(
            greater(bound.expected(p, q), bound.expected(p, p)),
            "the expected reward of the truthful level is not shown to be smaller",
        )


def _worse_earns_more(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare U(p_low, q_low) with U(p_high, q) for every level q."""
    grid = levels(c)
    low, high, q = (probability(c[name]) for name in ("p_low", "p_high", "q_low"))
    need(low <= high and q in grid, "p_low must not exceed p_high, and q_low must be a level")
    bound = subject.bind(c.get("values", {}))
    earned = bound.expected(low, q)
    for level in grid:
        need(
            greater(earned, bound.expected(high, level)),
            f"the better answer is not shown to earn less with the report {level}",
        )


_GRID = {"levels"}
GRID_CLAIMS: Claims = {
    "proper on a grid": (_proper, _GRID, CUT_FIELDS),
    "strictly proper on a grid": (_proper, _GRID, CUT_FIELDS),
    "jointly optimal on a grid": (_jointly_optimal, _GRID, CUT_FIELDS),
    "not proper on a grid": (_misreport, _GRID | {"p", "q"}, FREE_FIELDS),
    "not strictly proper on a grid": (_misreport, _GRID | {"p", "q"}, FREE_FIELDS),
    "not jointly optimal on a grid": (
        _worse_earns_more,
        _GRID | {"p_low", "p_high", "q_low"},
        FREE_FIELDS,
    ),
}
