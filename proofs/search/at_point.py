"""The kernel's value of a formula at one confidence, as a float."""

from __future__ import annotations

from fractions import Fraction

from proofs.floats import nearest
from proofs.kernel.formula import CONFIDENCE, Node, Number, substitute
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import ONE, ZERO, Expression, Rejected, const, limited
from proofs.kernel.signs import Region
from proofs.kernel.subject import NEAR
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import MAX_WORK
from proofs.search.as_text import midpoint
from proofs.trees import fold


def as_float(value: Limit) -> float:
    """The float of an exact constant.

    Example:
        >>> as_float(const(Fraction(1, 4)))
        0.25
    """
    return midpoint(value) if isinstance(value, Expression) else float(value.value)


def value_at(node: Node, q: Fraction) -> float:
    """The value of a formula in q alone at q in [0, 1].

    At q = 0 and q = 1 it is the one-sided limit of the branch that is taken there.

    Raises:
        Rejected: the formula has no value there, or none that the kernel can find.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> value_at(parse("q*(1/q)"), Fraction(0))
        1.0
        >>> value_at(parse("log(exp(1000*q))"), Fraction(9, 10))
        900.0
    """
    if 0 < q < 1:
        folded = fold(substitute(node, {CONFIDENCE: Number(q)}))
        if isinstance(folded, Number):
            return nearest(folded.value)
    region = Region({}, const(1 - NEAR), ONE) if q == 1 else Region({}, ZERO, const(NEAR))
    try:
        with limited(MAX_WORK):
            return as_float(Translator(region, const(q)).value(node))
    except Undetermined as error:
        raise Rejected(f"the value at q = {q} is not determined: {error}") from error
