"""The Schervish density of a proper reward: how much each decision threshold counts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from proofs.kernel.normal_form import Expression, expand, is_zero
from proofs.kernel.verifier import difference, weight
from proofs.search.as_text import to_text
from proofs.search.prover import Prover


def variable(free: Iterable[str]) -> str:
    """The name of the threshold in texts: t, or q beside a free parameter t."""
    return "q" if "t" in free else "t"


def threshold_density(prover: Prover) -> str | None:
    """The density R1' - R0' of a proper reward on each piece, and its masses at jumps, as text in the `variable`."""
    if prover.proper.decision != "proved":
        return None
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
