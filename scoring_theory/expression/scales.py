"""A confidence on another scale: formulas that divide q by 10 or 100."""

from __future__ import annotations

from fractions import Fraction

from proofs.kernel.formula import CONFIDENCE, Apply, Name, Node, Number
from proofs.trees import unparse, walk

_SCALES = (5, 10, 20, 100, 1000)


def scale_hint(formula: Node) -> str | None:
    """What to write instead of a formula in which q occurs only as q/10 or q/100; otherwise None.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> print(scale_hint(parse("q/10")))
        q/10: q is in [0, 1] here, so write q; for confidences 0 to 10 add --grid 0..10
        >>> scale_hint(parse("c - (q - c)^2"))
    """
    for scale in _SCALES:
        divided = {
            Apply("/", (Name(CONFIDENCE), Number(Fraction(scale)))),
            Apply("*", (Name(CONFIDENCE), Number(Fraction(1, scale)))),
            Apply("*", (Number(Fraction(1, scale)), Name(CONFIDENCE))),
        }
        bare = sum(node == Name(CONFIDENCE) for node in walk(formula))
        if bare and bare == sum(node in divided for node in walk(formula)):
            plain = unparse(_replaced(formula, divided))
            return (
                f"q/{scale}: q is in [0, 1] here, so write {plain}; for confidences 0 to {scale}"
                f" add --grid 0..{scale}"
            )
    return None


def _replaced(node: Node, divided: set[Apply]) -> Node:
    if not isinstance(node, Apply):
        return node
    if node in divided:
        return Name(CONFIDENCE)
    return Apply(node.op, tuple(_replaced(a, divided) for a in node.args))
