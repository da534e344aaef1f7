"""Operations on syntax trees outside the kernel: writing, walking and folding. None is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from proofs.kernel.formula import (
    ARITY,
    COMPARISONS,
    CORRECT,
    Apply,
    Domain,
    Name,
    Node,
    Number,
    substitute,
)

MAX_BITS = 8_192


def number(value: Fraction | int) -> Number:
    """The constant node of a rational.

    Example:
        >>> number(3)
        Number(value=Fraction(3, 1))
    """
    return Number(Fraction(value))


def small(value: Fraction) -> bool:
    """Whether numerator and denominator have at most `MAX_BITS` bits, which bounds the work.

    Example:
        >>> small(Fraction(1, 3)), small(Fraction(2) ** 10_000)
        (True, False)
    """
    return _bits(value) <= MAX_BITS


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


_LEVEL = {
    "if": 0,
    "or": 1,
    "and": 2,
    "not": 3,
    "<": 4,
    "<=": 4,
    "==": 4,
    "!=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "neg": 7,
    "^": 8,
}


def _rational_text(value: Fraction) -> tuple[str, int]:
    level = 6 if value.denominator != 1 else 9
    return str(value), 7 if value < 0 and level == 9 else min(level, 5) if value < 0 else level


def _written(node: Node) -> tuple[str, int]:
    """Text of a node and the level of its outermost operator."""
    if isinstance(node, Number):
        return _rational_text(node.value)
    if isinstance(node, Name):
        return node.id, 9
    op, args = node.op, node.args
    if op in ARITY:
        return f"{op}({', '.join(unparse(a) for a in args)})", 9
    level = _LEVEL[op]

    def at(child: Node, least: int) -> str:
        text, own = _written(child)
        return text if own >= least else f"({text})"

    if op == "if":
        return f"{at(args[1], 1)} if {at(args[0], 1)} else {at(args[2], 0)}", level
    if op == "neg":
        return f"-{at(args[0], 8)}", level
    if op == "not":
        return f"not {at(args[0], 4)}", level
    if op == "^":
        return f"{at(args[0], 9)}^{at(args[1], 8)}", level
    gap = "" if op in "*/" else " "
    left = at(args[0], level + 1 if op in COMPARISONS else level)
    right = at(args[1], level if op in ("or", "and") else level + 1)
    if gap == "" and right.startswith("-"):
        right = f"({right})"  # 3*-q is in the grammar, but hard to read
    return f"{left}{gap}{op}{gap}{right}", level


def unparse(node: Node) -> str:
    """Text that parses back to the same function (fractions are written as divisions).

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(parse("c-(q-c)**2")), unparse(parse("c - 3*-(q - c)^2"))
        ('c - (q - c)^2', 'c - 3*(-(q - c)^2)')
    """
    return _written(node)[0]


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it, outermost first.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> [unparse(node) for node in walk(parse("q + c"))]
        ['q + c', 'q', 'c']
    """
    yield node
    if isinstance(node, Apply):
        for child in node.args:
            yield from walk(child)


def names(node: Node) -> frozenset[str]:
    """Every name that occurs in the tree.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> sorted(names(parse("c - lam*q", ["lam"])))
        ['c', 'lam', 'q']
    """
    return frozenset(n.id for n in walk(node) if isinstance(n, Name))


def _constant(op: str, values: list[Fraction]) -> Fraction | None:
    """The value of an operator on rationals, if it is a rational with a short name."""
    a, b = values[0], values[-1]
    match op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/" if b:
            return a / b
        case "neg":
            return -a
        case "abs":
            return abs(a)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "<" | "<=" | "==" | "!=":
            return Fraction({"<": a < b, "<=": a <= b, "==": a == b, "!=": a != b}[op])
        case "and":
            return Fraction(bool(a) and bool(b))
        case "or":
            return Fraction(bool(a) or bool(b))
        case "not":
            return Fraction(not a)
        case "^" if (
            b.denominator == 1 and abs(b) <= 64 and (a or b > 0) and _bits(a) * abs(b) <= MAX_BITS
        ):
            return a ** int(b)
    return None


def fold(node: Node) -> Node:
    """The tree with constants folded, 0*x replaced by 0 and 1*x by x.

    So a factor `c` or `1 - c` *selects* a branch. This is part of the language: in `c*log(q)` a
    wrong answer (c = 0) has the payoff 0 even at q = 0.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(fold(parse("0*log(q) + (1 + 2)*q")))
        '3*q'
    """
    if not isinstance(node, Apply):
        return node
    op, args = node.op, tuple(fold(a) for a in node.args)
    if op == "if" and isinstance(args[0], Number):
        return args[1] if args[0].value else args[2]
    if all(isinstance(a, Number) for a in args):
        value = _constant(op, [a.value for a in args if isinstance(a, Number)])
        if value is not None and small(value):
            return Number(value)
    first, last = (a.value if isinstance(a, Number) else None for a in (args[0], args[-1]))
    if (
        (op == "*" and (first == 0 or last == 0))
        or (op == "/" and first == 0)
        or (op == "and" and 0 in (first, last))
    ):
        return number(0)
    if (op == "*" and first == 1) or (op == "+" and first == 0):
        return args[1]
    if (op in ("*", "/", "^") and last == 1) or (op in ("+", "-") and last == 0):
        return args[0]
    return Apply("neg", args[1:]) if op == "-" and first == 0 else Apply(op, args)


def branch(node: Node, correct: int) -> Node:
    """The payoff R(q, correct): `c` replaced by 0 or 1, and folded.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(branch(parse("c*q"), 1))
        'q'
    """
    return fold(substitute(node, {CORRECT: number(correct)}))


def domain_text(name: str, domain: Domain) -> str:
    """The text of a domain, such as `0 < lam <= 1`, which `parse_domain` reads back.

    Example:
        >>> domain_text("lam", Domain(Fraction(0), Fraction(1), high_open=False))
        '0 < lam <= 1'
    """
    if domain.low is not None and domain.low == domain.high:
        return f"{name} = {domain.low}"
    left = "" if domain.low is None else f"{domain.low} {'<' if domain.low_open else '<='} "
    right = "" if domain.high is None else f" {'<' if domain.high_open else '<='} {domain.high}"
    return f"{left}{name}{right}"


def point(value: Fraction) -> Domain:
    """The domain of a parameter with a fixed value.

    Example:
        >>> domain_text("lam", point(Fraction(1, 2)))
        'lam = 1/2'
    """
    return Domain(value, value, low_open=False, high_open=False)
