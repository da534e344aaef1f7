"""A formula as a numpy function: float64 in, float64 out, right at the ends of [0, 1], and never a silent NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np

from proofs.kernel.formula import CONFIDENCE, Apply, FormulaError, Name, Node, Number, substitute
from proofs.trees import unparse, walk
from scoring_theory.expression.pieces import limit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_TRUTHS = {"<", "<=", "==", "!=", "and", "or", "not"}
_ULPS = 4 * float(np.finfo(np.float64).eps)


def _beta_cdf(x: Floats, a: Floats, b: Floats) -> Floats:
    from scipy.special import betainc

    return cast("Floats", np.asarray(betainc(a, b, x), dtype=np.float64))


def _beta_function(a: Floats, b: Floats) -> Floats:
    from scipy.special import beta

    return cast("Floats", np.asarray(beta(a, b), dtype=np.float64))


def _compare(test: Callable[[Floats, Floats], NDArray[np.bool_]]) -> Callable[..., Floats]:
    def compared(a: Floats, b: Floats) -> Floats:
        return np.where(np.isnan(a) | np.isnan(b), np.nan, test(a, b).astype(np.float64))

    return compared


_OPERATIONS: Mapping[str, Callable[..., Floats]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "neg": np.negative,
    "log": np.log, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs, "beta_cdf": _beta_cdf,
    "beta_function": _beta_function,
    "min": lambda *xs: np.minimum.reduce(np.broadcast_arrays(*xs)),
    "max": lambda *xs: np.maximum.reduce(np.broadcast_arrays(*xs)),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "<": _compare(np.less), "<=": _compare(np.less_equal), "==": _compare(np.equal), "!=": _compare(np.not_equal),
    "and": _compare(lambda a, b: (a != 0) & (b != 0)), "or": _compare(lambda a, b: (a != 0) | (b != 0)),
    "not": lambda a: np.where(np.isnan(a), np.nan, (a == 0).astype(np.float64)),
    "if": lambda test, yes, no: np.where(np.isnan(test), np.nan, np.where(test != 0, yes, no)),
}  # fmt: skip


def evaluate(node: Node, values: Mapping[str, ArrayLike]) -> Floats:
    """The formula at numbers, broadcast against each other.

    A confidence within four units in the last place of a constant of the formula is taken to be that constant, so
    that the grid point 0.30000000000000004 meets the threshold 3/10. A comparison that is 0 switches its factor off.
    Where arithmetic gives no number at q = 0 or q = 1 (0 * log 0, 0/0, inf - inf), the one-sided limit is the value.

    Args:
        node: the formula.
        values: a number or array for every name in it.

    Returns:
        float64, of the broadcast shape; -inf or inf where the formula says so, never NaN.

    Raises:
        FormulaError: a name has no value, or the formula has no value at some q.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> evaluate(parse("q*log(q)"), {"q": [0.0, 1.0]})
        array([0., 0.])
    """
    given = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    if CONFIDENCE in given:
        given[CONFIDENCE] = _on_constants(node, given[CONFIDENCE])
    shape = np.broadcast_shapes(*(value.shape for value in given.values()))
    with np.errstate(all="ignore"):
        raw = _run(node, given)
    result = np.array(np.broadcast_to(raw, shape), dtype=np.float64)
    if not np.all(np.isfinite(result)):
        _mend(node, given, result)
    result += 0.0  # a payoff of -0.0 would print as a loss
    return result


def _on_constants(node: Node, q: Floats) -> Floats:
    for constant in {n.value for n in walk(node) if isinstance(n, Number) and 0 < n.value < 1}:
        for value in (float(constant), float(1 - constant)):
            q = np.where(np.abs(q - value) <= _ULPS * value, value, q)
    return q


def _run(node: Node, values: Mapping[str, Floats]) -> Floats:
    if isinstance(node, Number):
        return np.asarray(_float(node.value))
    if isinstance(node, Name):
        if node.id not in values:
            raise FormulaError(f"`{node.id}` has no value")
        return values[node.id]
    args = [_run(a, values) for a in node.args]
    result = _OPERATIONS[node.op](*args)
    if node.op == "*":
        for child, value in zip(node.args, args, strict=True):
            if isinstance(child, Apply) and child.op in _TRUTHS:
                result = np.where(value == 0, 0.0, result)
    return result


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise FormulaError(f"the constant {str(value)[:20]}... is too large for a float") from error


def _mend(node: Node, values: Mapping[str, Floats], result: Floats) -> None:
    """Put limits where float arithmetic cannot know (infinities and NaN at q = 0 and 1); other NaN is an error."""
    q = np.broadcast_to(values.get(CONFIDENCE, np.asarray(np.nan)), result.shape)
    unsure = np.isnan(result) if _divides_nothing(node) else ~np.isfinite(result)
    for end in (0, 1):
        at = unsure & (q == end)
        if at.any():
            result[at] = _limit(node, values, end)
    if np.isnan(result).any():
        where = f" at q = {q[np.isnan(result)][0]:.17g}" if CONFIDENCE in values else ""
        raise FormulaError(f"`{unparse(node)}` has no real value{where}")


def _divides_nothing(node: Node) -> bool:
    """Whether an infinite result can only come from log(0), whose sign is beyond doubt."""
    return not any(isinstance(n, Apply) and n.op in ("/", "^") for n in walk(node))


def _limit(node: Node, values: Mapping[str, Floats], end: int) -> float:
    others = {name: value for name, value in values.items() if name != CONFIDENCE}
    if any(value.ndim for value in others.values()):
        raise FormulaError(f"`{unparse(node)}` at q = {end} needs a limit, and so one number per parameter, not arrays")
    bound = {name: Number(Fraction(repr(float(value)))) for name, value in others.items()}
    return limit(substitute(node, bound), end)
