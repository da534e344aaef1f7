"""One answer for all values of the parameters from the proofs for parts of their domains."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from proofs.kernel.formula import Domain, FormulaError, parse_domain
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected, is_zero
from proofs.quantity import Quantity
from proofs.search.prover import Prover
from proofs.trees import domain_text


def main_part(prover: Prover) -> Prover:
    """The part with the most free parameters, which covers all but a few of their values.

    Example:
        >>> main_part(Prover("(q > t)*(c - t)", {"t": "0 <= t <= 1"})).parameters
        {'t': '0 < t < 1'}
    """
    return max(prover.parts, key=lambda part: part.free)


def widest_parts(prover: Prover) -> list[Prover]:
    """The parts with the most free parameters.

    Example:
        >>> split = Prover("(q > t)*(c - t)", {"t": "0 <= t <= 2"})
        >>> [part.parameters["t"] for part in widest_parts(split)]
        ['0 < t < 1', '1 < t <= 2']
    """
    most = main_part(prover).free
    return [part for part in prover.parts if part.free == most]


def by_parts(
    prover: Prover,
    describe: Callable[[Prover], Quantity | None],
    parts: Sequence[Prover] | None = None,
) -> Quantity | None:
    """The most usual description of a widest part, with a choice (`if`) for each that differs.

    Args:
        prover: the prover of the whole.
        describe: the description of one part.
        parts: the parts to compare; by default all.

    Returns:
        None if the reward is not proved proper, or a part has no description.

    Example:
        >>> by_parts(Prover("c"), lambda part: Quantity("1", 1.0)).exact
        '1'
    """
    if prover.proper.decision != "proved":
        return None
    widest = [found for part in widest_parts(prover) if (found := describe(part)) is not None]
    exact = [one.exact for one in widest]
    description = max(widest, key=lambda one: exact.count(one.exact), default=None)
    choices = []
    for part in prover.parts if parts is None else parts:
        other = describe(part)
        if other is None or description is None:
            return None
        if not _same(part, description.exact, other.exact):
            choices.append(f"{other.exact} if {condition(prover, part)} else ")
    if description is None or not choices:
        return description
    return Quantity(f"{''.join(choices)}{description.exact}", float("nan"))


def _same(part: Prover, one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return is_zero(part.subject.point(one) - part.subject.point(other))
    except (Rejected, Undetermined, FormulaError):
        return False


def condition(whole: Prover, part: Prover) -> str:
    """The part as a condition of the grammar.

    Example:
        >>> split = Prover("(q > t)*(c - t)", {"t": "0 <= t <= 1"})
        >>> [condition(split, part) for part in split.parts]
        ['t == 0', '0 < t < 1', 't == 1']
    """
    conditions = []
    for name, text in part.parameters.items():
        if text == whole.parameters[name]:
            continue
        d: Domain = parse_domain(text)[1]
        conditions.append(
            f"{name} == {d.low}" if d.low == d.high and d.low is not None else domain_text(name, d)
        )
    return " and ".join(conditions)
