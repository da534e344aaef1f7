"""One answer for all values of the parameters, where the proof treats parts of their domains one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from proofs.kernel.formula import Domain, FormulaError, parse_domain
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected, is_zero
from proofs.quantity import Quantity
from proofs.search.prover import Prover
from proofs.trees import domain_text


def main_part(prover: Prover) -> Prover:
    """The part with most free parameters, which is all but a few values of them."""
    return max(prover.parts, key=lambda part: part.free)


def by_parts(
    prover: Prover,
    describe: Callable[[Prover], Quantity | None],
    parts: Sequence[Prover] | None = None,
) -> Quantity | None:
    """The description of the main part, with a choice of the grammar for every part where it differs."""
    if prover.proper.decision != "proved":
        return None
    main = main_part(prover)
    found = describe(main)
    choices = []
    for part in prover.parts if parts is None else parts:
        other = describe(part)
        if other is None or found is None:
            return None
        if not _same(part, found.exact, other.exact):
            choices.append(f"{other.exact} if {_condition(prover, part)} else ")
    if found is None or not choices:
        return found
    return Quantity(f"{''.join(choices)}{found.exact}", float("nan"))


def _same(part: Prover, one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return is_zero(part.subject.point(one) - part.subject.point(other))
    except (Rejected, Undetermined, FormulaError):
        return False


def _condition(whole: Prover, part: Prover) -> str:
    """The part in words of the grammar."""
    told = []
    for name, text in part.parameters.items():
        if text == whole.parameters[name]:
            continue
        d: Domain = parse_domain(text)[1]
        told.append(
            f"{name} == {d.low}" if d.low == d.high and d.low is not None else domain_text(name, d)
        )
    return " and ".join(told)
