"""Kernel syntax trees <-> SymPy expressions. SymPy receives only our trees, never text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy

from proofs.kernel.formula import CONFIDENCE, Apply, FormulaError, Name, Node, Number

if TYPE_CHECKING:
    from sympy import Basic, Expr, Symbol

_RELATIONS = {"<": sympy.Lt, "<=": sympy.Le, "==": sympy.Eq, "!=": sympy.Ne}
_LOGIC = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}
_FUNCTIONS: Mapping[str, Callable[..., Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
    "log": sympy.log,
    "exp": sympy.exp,
    "sqrt": sympy.sqrt,
    "abs": sympy.Abs,
    "min": sympy.Min,
    "max": sympy.Max,
    "clip": lambda x, low, high: sympy.Min(sympy.Max(x, low), high),
    "beta_cdf": lambda x, a, b: sympy.betainc_regularized(a, b, 0, x),
    "beta_function": lambda a, b: sympy.beta(a, b, evaluate=False),
}


def symbol(name: str) -> Symbol:
    """The SymPy symbol of a name: real, and nonnegative for the confidence `q`.

    Example:
        >>> symbol("q").is_nonnegative, symbol("lam").is_real
        (True, True)
    """
    return (
        sympy.Symbol(name, nonnegative=True)
        if name == CONFIDENCE
        else sympy.Symbol(name, real=True)
    )


def to_sympy(node: Node, *, symbols: Mapping[str, Expr] | None = None) -> Expr:
    """The SymPy expression of a formula; comparisons become `Piecewise` with values 1 and 0.

    Args:
        node: a tree of `proofs.kernel.formula.parse`.
        symbols: the expressions that replace names; by default `symbol(name)`.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> to_sympy(parse("c - (q - c)^2"))
        c - (-c + q)**2
    """
    if isinstance(node, Number):
        return sympy.Rational(node.value.numerator, node.value.denominator)
    if isinstance(node, Name):
        return symbols[node.id] if symbols and node.id in symbols else symbol(node.id)
    if node.op == "if":
        condition, yes, no = node.args
        return sympy.Piecewise(
            (to_sympy(yes, symbols=symbols), _condition(condition, symbols)),
            (to_sympy(no, symbols=symbols), True),
        )
    if node.op in _RELATIONS or node.op in _LOGIC:
        return sympy.Piecewise(
            (sympy.Integer(1), _condition(node, symbols)), (sympy.Integer(0), True)
        )
    return _FUNCTIONS[node.op](*(to_sympy(a, symbols=symbols) for a in node.args))


def _condition(node: Node, symbols: Mapping[str, Expr] | None) -> Basic:
    if isinstance(node, Apply) and node.op in _RELATIONS:
        return _RELATIONS[node.op](*(to_sympy(a, symbols=symbols) for a in node.args))
    if isinstance(node, Apply) and node.op in _LOGIC:
        return _LOGIC[node.op](*(_condition(a, symbols) for a in node.args))
    return sympy.Ne(to_sympy(node, symbols=symbols), 0)


def from_sympy(expression: Expr) -> Node:
    """The formula of a SymPy expression.

    Numbers must be rational, `E` or decimals; the functions are log, exp, Abs, Min, Max, Piecewise,
    beta and betainc_regularized.

    Raises:
        FormulaError: the grammar cannot express a part of the expression.

    Example:
        >>> from proofs.trees import unparse
        >>> q = symbol("q")
        >>> unparse(from_sympy(2 * q - sympy.sqrt(q) / 3))
        '2*q - sqrt(q)/3'
    """
    whole = sympy.sympify(expression, strict=True)
    if whole.is_Add:
        return _sum(whole)
    if whole.is_Mul:
        return _product(whole)
    if whole.is_Pow:
        return _power(whole)
    if whole.is_Piecewise:
        return _choice(whole.args)
    for kind, build in _READERS.items():
        if isinstance(whole, kind):
            return build(whole)
    raise FormulaError(f"the grammar has no word for {whole!s} ({type(whole).__name__})")


def _number(value: Expr) -> Node:
    return (
        Number(Fraction(str(value)))
        if value.is_Float
        else Number(Fraction(int(value.p), int(value.q)))
    )


def _sum(whole: Expr) -> Node:
    terms = sorted(whole.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign())
    total = from_sympy(terms[0])
    for term in terms[1:]:
        minus = term.could_extract_minus_sign()
        total = (
            Apply("-", (total, from_sympy(-term)))
            if minus
            else Apply("+", (total, from_sympy(term)))
        )
    return total


def _product(whole: Expr) -> Node:
    if whole.could_extract_minus_sign():
        flipped = _flipped(whole)
        return from_sympy(flipped) if flipped is not None else Apply("neg", (from_sympy(-whole),))
    top, bottom = sympy.fraction(whole)
    factors = [from_sympy(factor) for factor in sympy.Mul.make_args(top)]
    product = factors[0]
    for factor in factors[1:]:
        product = Apply("*", (product, factor))
    return product if bottom == 1 else Apply("/", (product, from_sympy(bottom)))


def _flipped(whole: Expr) -> Expr | None:
    """A negative product with its sign moved into a factor, or None if no factor can take it.

    So -1/(t - 1) becomes 1/(1 - t), and -2/(1 - e) becomes 2/(e - 1).
    """
    for factor in whole.args:
        base, exponent = factor.as_base_exp()
        negative = base.is_negative if base.is_number else base.as_coeff_Add()[0].is_negative
        if base.is_Add and exponent.is_Integer and exponent % 2 and negative:
            others = [other for other in whole.args if other != factor]
            return sympy.Mul(-1, *others, (-base) ** exponent)
    return None


def _power(whole: Expr) -> Node:
    base, exponent = whole.as_base_exp()
    if base == sympy.E:
        return Apply("exp", (from_sympy(exponent),))
    if exponent == sympy.Rational(1, 2):
        return Apply("sqrt", (from_sympy(base),))
    if exponent.could_extract_minus_sign():
        return Apply("/", (Number(Fraction(1)), from_sympy(base**-exponent)))
    return Apply("^", (from_sympy(base), from_sympy(exponent)))


def _choice(pieces: tuple[tuple[Expr, Basic], ...]) -> Node:
    value, condition = pieces[0]
    if condition == sympy.true:
        return from_sympy(value)
    if len(pieces) == 1:
        raise FormulaError(
            f"a Piecewise must have a value everywhere, got none outside {condition!s}"
        )
    return Apply("if", (_test(condition), from_sympy(value), _choice(pieces[1:])))


def _test(condition: Basic) -> Node:
    if condition in (sympy.true, sympy.false):
        return Number(Fraction(bool(condition)))
    for op, kind in _LOGIC.items():
        if isinstance(condition, kind):
            node = _test(condition.args[0])
            for other in condition.args[1:]:
                node = Apply(op, (node, _test(other)))
            return Apply("not", (node,)) if op == "not" else node
    if isinstance(condition, sympy.ITE):
        return Apply("if", tuple(_test(part) for part in condition.args))
    if isinstance(condition, (sympy.Gt, sympy.Ge)):
        condition = condition.reversed
    for op, kind in _RELATIONS.items():
        if isinstance(condition, kind):
            return Apply(op, (from_sympy(condition.lhs), from_sympy(condition.rhs)))
    raise FormulaError(f"the grammar has no word for the condition {condition!s}")


def _beta(whole: Expr) -> Node:
    a, b, low, x = whole.args
    if low != 0:
        raise FormulaError(f"beta_cdf starts at 0, got {whole!s}")
    return Apply("beta_cdf", (from_sympy(x), from_sympy(a), from_sympy(b)))


def _beta_constant(whole: Expr) -> Node:
    value = sympy.gammasimp(whole.rewrite(sympy.gamma)) if whole.is_number else whole
    if value.is_Rational:
        return _number(value)
    first, second = (whole.args * 2)[:2]  # SymPy writes B(a, a) with one argument
    return Apply("beta_function", (from_sympy(first), from_sympy(second)))


def _call(op: str) -> Callable[[Expr], Node]:
    return lambda whole: Apply(op, tuple(from_sympy(a) for a in whole.args))


_READERS: Mapping[type, Callable[[Expr], Node]] = {
    sympy.Rational: _number,
    sympy.Float: _number,
    sympy.Symbol: lambda whole: Name(whole.name),
    type(sympy.E): lambda whole: Apply("exp", (Number(Fraction(1)),)),
    sympy.exp: _call("exp"),
    sympy.log: _call("log"),
    sympy.Abs: _call("abs"),
    sympy.Min: _call("min"),
    sympy.Max: _call("max"),
    sympy.betainc_regularized: _beta,
    sympy.beta: _beta_constant,
}
