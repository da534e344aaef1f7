r"""A formula of the kernel's grammar as LaTeX, in the order in which it was typed."""

from __future__ import annotations

import re
from fractions import Fraction

from proofs.kernel.formula import COMPARISONS, Apply, Name, Node, Number

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "lambda", "mu", "nu",
    "rho", "sigma", "tau", "phi", "omega",
)  # fmt: skip
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_CONDITION = (*COMPARISONS, "and", "or", "not")
_WORDS = {"<": "<", "<=": r"\le", "==": "=", "!=": r"\ne", "and": r"\land", "or": r"\lor"}
_FUNCTIONS = {"log": r"\log", "exp": r"\exp", "min": r"\min", "max": r"\max"}


def to_tex(node: Node) -> str:
    r"""The formula in LaTeX, without dollar signs.

    A comparison that counts as a number is written as an indicator.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> to_tex(parse("c - lam*(q - c)^2/2", ["lam"]))
        'c - \\frac{\\lambda (q - c)^{2}}{2}'
        >>> to_tex(parse("(q > 1/2)*c"))
        '\\mathbf{1}[\\frac{1}{2} < q] \\, c'
    """
    return _written(node)[0]


def name_in_tex(name: str) -> str:
    r"""A parameter in LaTeX: Greek letters, indices, words.

    Example:
        >>> name_in_tex("lam"), name_in_tex("w_1"), name_in_tex("weight")
        ('\\lambda', 'w_{1}', '\\mathrm{weight}')
    """
    stem, _, index = name.partition("_")
    stem = "lambda" if stem in ("lam", "lambda") else stem
    base = rf"\{stem}" if stem in _GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    below = index.replace("_", r"\_")
    return f"{base}_{{{below}}}" if index else base


def _written(node: Node) -> tuple[str, int]:
    """The LaTeX of a node, and how tightly its outermost operator binds."""
    if isinstance(node, Number):
        return _number(node.value)
    if isinstance(node, Name):
        return name_in_tex(node.id), _ATOM
    if node.op in _CONDITION:
        return rf"\mathbf{{1}}[{_condition(node)}]", _ATOM
    return _operation(node.op, node.args)


def _number(value: Fraction) -> tuple[str, int]:
    sign = "-" if value < 0 else ""
    top, bottom = abs(value.numerator), value.denominator
    text = str(top) if bottom == 1 else rf"\frac{{{top}}}{{{bottom}}}"
    return f"{sign}{text}", _SUM if sign else _ATOM if bottom == 1 else _PRODUCT


def _within(node: Node, least: int) -> str:
    text, level = _written(node)
    return text if level >= least else f"({text})"


def _operation(op: str, args: tuple[Node, ...]) -> tuple[str, int]:
    match op:
        case "+":
            return f"{_within(args[0], _SUM)} + {_within(args[1], _SUM)}", _SUM
        case "-":
            return f"{_within(args[0], _SUM)} - {_within(args[1], _PRODUCT)}", _SUM
        case "neg":
            return f"-{_within(args[0], _PRODUCT)}", _SUM
        case "*":
            negative = isinstance(args[0], Number) and args[0].value < 0
            left = to_tex(args[0]) if negative else _within(args[0], _PRODUCT)
            return _product(left, _within(args[1], _PRODUCT)), _SUM if negative else _PRODUCT
        case "/":
            return _fraction(args[0], to_tex(args[1]))
        case "^":
            return f"{_within(args[0], _ATOM)}^{{{to_tex(args[1])}}}", _POWER
        case "sqrt":
            return rf"\sqrt{{{to_tex(args[0])}}}", _ATOM
        case "abs":
            return rf"\lvert {to_tex(args[0])} \rvert", _ATOM
        case "if":
            test, yes, no = args
            rows = rf"{to_tex(yes)} & \text{{if }} {_condition(test)} \\ {to_tex(no)}"
            return rf"\begin{{cases}} {rows} & \text{{otherwise}} \end{{cases}}", _ATOM
    name = _FUNCTIONS.get(op) or rf"\operatorname{{{op.replace('_', '-')}}}"
    return f"{name}({', '.join(map(to_tex, args))})", _ATOM


def _fraction(top: Node, bottom: str) -> tuple[str, int]:
    """A fraction, with the sign of its numerator before it."""
    above = to_tex(top)
    is_sum = isinstance(top, Apply) and top.op in ("+", "-")
    if above.startswith("-") and not is_sum:
        return rf"-\frac{{{above[1:]}}}{{{bottom}}}", _SUM
    return rf"\frac{{{above}}}{{{bottom}}}", _PRODUCT


def _product(left: str, right: str) -> str:
    """Two factors side by side, with a dot between numbers."""
    if re.match(r"\d|\\frac\{\d", right) and re.search(r"\d\}?$", left):
        return rf"{left} \cdot {right}"
    gap = r" \, " if right[:1].isalpha() and left[-1:] == "]" else " "
    return f"{left}{gap}{right}"


def _condition(node: Node) -> str:
    """A condition as a statement, not as a number."""
    if not isinstance(node, Apply) or node.op not in _CONDITION:
        return rf"{to_tex(node)} \ne 0"
    if node.op == "not":
        return rf"\lnot ({_condition(node.args[0])})"
    read = _condition if node.op in ("and", "or") else to_tex
    return f" {_WORDS[node.op]} ".join(map(read, node.args))
