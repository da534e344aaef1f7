"""The Schervish weight (threshold density) of a proper reward: how much each threshold counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from proofs.kernel.claims import weight
from proofs.kernel.normal_form import Expression, expand, is_zero
from proofs.kernel.subject import difference
from proofs.search.as_text import to_text
from proofs.search.prover import Prover
from scoring_theory.optimality.parts import condition, widest_parts

_LONGEST = 160


def variable(free: Iterable[str]) -> str:
    """The name of the threshold in texts: t, or q if t is a free parameter.

    Example:
        >>> variable(["lam"]), variable(["t"])
        ('t', 'q')
    """
    return "q" if "t" in free else "t"


def threshold_density(prover: Prover) -> str | None:
    """The density R1' - R0' of a proper reward on each piece and its point masses, as text.

    Where the places of the pieces depend on parameters, it is given for each of the widest parts of
    their domain that differ; None if that is too long to read.

    Example:
        >>> threshold_density(Prover("c - 2*(q - c)^2"))
        '4'
        >>> threshold_density(Prover("c - (q - c)^2 + (q > t)*(c - t)", {"t": "0 <= t <= 2"}))
        '(2 on (0, t); 2 on (t, 1); mass 1 at q = t) if 0 < t < 1 else 2'
    """
    if prover.proper.decision != "proved":
        return None
    *others, last = ((condition(prover, part), _of_part(part)) for part in widest_parts(prover))
    differing = [(where, text) for where, text in others if text != last[1]]
    told = [f"({text}) if {where} else " if ";" in text else f"{text} if {where} else "
            for where, text in differing]  # fmt: skip
    whole = f"{''.join(told)}{last[1]}"
    return whole if not told or len(whole) <= _LONGEST else None


def _of_part(prover: Prover) -> str:
    """The density where no piece vanishes."""
    subject, parts, name = prover.subject, [], variable(filter(prover.is_free, prover.parameters))
    for index in range(len(subject.pieces)):
        low, high = (to_text(p) for p in subject.points[index : index + 2])
        text = to_text(expand(weight(subject, index)))
        where = f" on ({low}, {high})" if len(subject.pieces) > 1 else ""
        parts.append(re.sub(r"\bq\b", name, text) + where)
    for index, b in enumerate(subject.points[1:-1]):
        sides = [
            difference(subject.near(i, 1, k), subject.near(i, 0, k))
            for i, k in ((index, 1), (index + 1, 0))
        ]
        if isinstance(sides[0], Expression) and isinstance(sides[1], Expression):
            mass = expand(sides[1] - sides[0])
            if not is_zero(mass):
                parts.append(f"mass {to_text(mass)} at {name} = {to_text(b)}")
    return "; ".join(parts)
