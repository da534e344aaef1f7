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


def by_parts(
    prover: Prover,
    describe: Callable[[Prover], Quantity | None],
    parts: Sequence[Prover] | None = None,
) -> Quantity | None:
    """The description of the main part, with a choice (`if`) for every part where it differs.

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
    main = main_part(prover)
    description = describe(main)
    choices = []
    for part in prover.parts if parts is None else parts:
        other = describe(part)
        if other is None or description is None:
            return None
        if not _same(part, description.exact, other.exact):
            choices.append(f"{other.exact} if {_condition(prover, part)} else ")
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


def _condition(whole: Prover, part: Prover) -> str:
    """The part as a condition of the grammar."""
    conditions = []
    for name, text in part.parameters.items():
        if text == whole.parameters[name]:
            continue
        d: Domain = parse_domain(text)[1]
        conditions.append(
            f"{name} == {d.low}" if d.low == d.high and d.low is not None else domain_text(name, d)
        )
    return " and ".join(conditions)
