"""From the syntax tree of a formula to the same formula in Coq, for arithmetic without calculus."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce

from proofs.kernel.formula import CONFIDENCE, CORRECT, Name, Node, Number, substitute
from proofs.trees import fold

MOST_POWER = 100
_TESTS = {"<": "Rlt_dec", "<=": "Rle_dec", "==": "Req_EM_T", "!=": "Req_EM_T"}


def coq_formula(node: Node, values: Mapping[str, Fraction]) -> str | None:
    """The formula in the real numbers `q` and `c`, or None if it holds anything beyond arithmetic.

    Arithmetic is + - * / ^, min, max, abs, clip, comparisons and choices. A comparison has the
    value 1 or 0, as in the grammar; a divisor must be a number other than 0, and an exponent a
    positive whole number.

    >>> from proofs.kernel.formula import parse
    >>> coq_formula(parse("(q > 1/2)*(c - 1/2)"), {})
    '((if Rlt_dec (1 / 2) q then 1 else 0) * (c - (1 / 2)))'
    >>> coq_formula(parse("c*log(q)"), {}) is None
    True
    """
    try:
        return _text(node, values)
    except _NotArithmetic:
        return None


class _NotArithmetic(Exception):
    pass


def _text(node: Node, values: Mapping[str, Fraction]) -> str:
    if isinstance(node, Number):
        return _number(node.value)
    if isinstance(node, Name):
        return node.id if node.id in (CONFIDENCE, CORRECT) else _number(values[node.id])
    op, args = node.op, node.args
    if op == "^":
        return f"({_text(args[0], values)} ^ {_exponent(args[1], values)})"
    if op == "/" and not _constant(args[1], values):
        raise _NotArithmetic
    return _applied(op, [_text(a, values) for a in args])


def _applied(op: str, args: list[str]) -> str:
    match op:
        case "+" | "-" | "*" | "/":
            return f"({args[0]} {op} {args[1]})"
        case "neg":
            return f"(- {args[0]})"
        case "abs":
            return f"(Rabs {args[0]})"
        case "min" | "max":
            return reduce(lambda a, b: f"(R{op} {a} {b})", args)
        case "clip":
            return f"(Rmin (Rmax {args[0]} {args[1]}) {args[2]})"
        case "<" | "<=" | "==":
            return f"(if {_TESTS[op]} {args[0]} {args[1]} then 1 else 0)"
        case "!=":
            return f"(if {_TESTS[op]} {args[0]} {args[1]} then 0 else 1)"
        case "not":
            return f"(if Req_EM_T {args[0]} 0 then 1 else 0)"
        case "and":
            return f"(if Req_EM_T {args[0]} 0 then 0 else if Req_EM_T {args[1]} 0 then 0 else 1)"
        case "or":
            return f"(if Req_EM_T {args[0]} 0 then if Req_EM_T {args[1]} 0 then 0 else 1 else 1)"
        case "if":
            return f"(if Req_EM_T {args[0]} 0 then {args[2]} else {args[1]})"
    raise _NotArithmetic


def _constant(node: Node, values: Mapping[str, Fraction]) -> Fraction | None:
    """The value of a subformula without q and c, or None."""
    folded = fold(substitute(node, {name: Number(value) for name, value in values.items()}))
    return folded.value if isinstance(folded, Number) else None


def _exponent(node: Node, values: Mapping[str, Fraction]) -> int:
    exponent = _constant(node, values)
    if exponent is None or exponent.denominator != 1 or not 0 < exponent <= MOST_POWER:
        raise _NotArithmetic
    return int(exponent)


def _number(x: Fraction) -> str:
    whole = f"({x.numerator})" if x < 0 else str(x.numerator)
    return whole if x.denominator == 1 else f"({x.numerator} / {x.denominator})"
