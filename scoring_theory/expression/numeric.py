"""A formula as a NumPy function of float64 arrays, with the kernel's conventions, never NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from proofs.floats import ROUNDING, exactly, is_rational, largest, nearest, stated
from proofs.kernel.formula import (
    COMPARISONS,
    CONFIDENCE,
    Apply,
    FormulaError,
    Name,
    Node,
    Number,
    substitute,
)
from proofs.kernel.normal_form import Rejected
from proofs.search.at_point import value_at
from proofs.trees import names, unparse, walk
from scoring_theory.expression.pieces import one_sided_limit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

_CONDITIONS = (*COMPARISONS, "and", "or", "not")
_EPS = float(np.finfo(np.float64).eps)
_MOST_EXACT = 20_000
"""The largest number of distinct confidences at which the kernel is asked, about 1 ms each."""


def _beta_cdf(x: Floats, a: Floats, b: Floats) -> Floats:
    from scipy.special import betainc

    return cast("Floats", np.asarray(betainc(a, b, x), dtype=np.float64))


def _beta_function(a: Floats, b: Floats) -> Floats:
    from scipy.special import beta

    return cast("Floats", np.asarray(beta(a, b), dtype=np.float64))


def _compare(test: Callable[[Floats, Floats], Truths]) -> Callable[..., Floats]:
    def compared(a: Floats, b: Floats) -> Floats:
        return np.where(np.isnan(a) | np.isnan(b), np.nan, test(a, b).astype(np.float64))

    return compared


_TESTS: Mapping[str, Callable[[Floats, Floats], Truths]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_OPERATIONS: Mapping[str, Callable[..., Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "neg": np.negative,
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "beta_cdf": _beta_cdf,
    "beta_function": _beta_function,
    "min": lambda *xs: np.minimum.reduce(np.broadcast_arrays(*xs)),
    "max": lambda *xs: np.maximum.reduce(np.broadcast_arrays(*xs)),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    **{name: _compare(test) for name, test in _TESTS.items()},
    "and": _compare(lambda a, b: (a != 0) & (b != 0)),
    "or": _compare(lambda a, b: (a != 0) | (b != 0)),
    "not": lambda a: np.where(np.isnan(a), np.nan, (a == 0).astype(np.float64)),
    "if": lambda test, yes, no: np.where(np.isnan(test), np.nan, np.where(test != 0, yes, no)),
}


def evaluate(node: Node, values: Mapping[str, ArrayLike]) -> Floats:
    """The formula at numbers, broadcast against each other.

    A comparison of rational expressions is decided exactly, for the numbers that the floats stand
    for (`proofs.floats.stated`), so that the grid point 0.30000000000000004 equals the threshold
    3/10. A product with a comparison that is 0 is 0. If float arithmetic gives no number (0 * log
    0, 0/0, inf - inf, a division by 0, an overflow), the kernel gives the value; at q = 0 and q = 1
    it is the one-sided limit.

    Args:
        node: the formula.
        values: a number or array for every name in it.

    Returns:
        float64, of the broadcast shape; -inf or inf if that is the value, never NaN.

    Raises:
        FormulaError: a name has no value, or the formula has no value at some q.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> evaluate(parse("q*log(q)"), {"q": [0.0, 1.0]})
        array([0., 0.])
        >>> evaluate(parse("100*q > 7"), {"q": [0.07, 0.08]})
        array([0., 1.])
    """
    given = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    shape = np.broadcast_shapes(*(value.shape for value in given.values()))
    run = _Run(node, given)
    with np.errstate(all="ignore"):
        raw = run.of(node)
    result = np.array(np.broadcast_to(raw, shape), dtype=np.float64)
    unsure = np.isnan(result)
    unsure |= run.poles
    if unsure.any():
        _mend(node, given, result, unsure)
    result += 0.0  # a payoff of -0.0 would print as a loss
    return result


class _Run:
    """One evaluation.

    Attributes:
        values: arrays by name.
        poles: True where a division by 0 occurred, after which not even the sign of an infinity is
            known.
    """

    def __init__(self, node: Node, values: Mapping[str, Floats]) -> None:
        self.values = values
        self.poles: Truths = np.zeros((), dtype=np.bool_)
        self._plain = values.keys() <= {CONFIDENCE} and _is_plain(node)

    def of(self, node: Node) -> Floats:
        if isinstance(node, Number):
            return np.asarray(_float(node.value))
        if isinstance(node, Name):
            if node.id not in self.values:
                raise FormulaError(f"`{node.id}` has no value")
            return self.values[node.id]
        if node.op == "if":
            return self._chosen(*node.args)
        args = [self.of(a) for a in node.args]
        if self._plain and node.op in _TESTS:
            return self._decided(node, args, _TESTS[node.op](*args).astype(np.float64))
        result = _OPERATIONS[node.op](*args)
        if self._plain:
            return result
        if node.op in COMPARISONS and is_rational(node):
            return self._decided(node, args, result)
        result = self._guarded(node.op, args, result)
        if node.op == "*":
            for child, value in zip(node.args, args, strict=True):
                if isinstance(child, Apply) and child.op in _CONDITIONS:
                    result = np.where(value == 0, 0.0, result)
        return result

    def _chosen(self, condition: Node, true: Node, false: Node) -> Floats:
        """A choice; a division by 0 counts only in the branch that is taken."""
        holds, outside = self.of(condition) != 0, self.poles
        branches = []
        for branch in (true, false):
            self.poles = np.zeros((), dtype=np.bool_)
            branches.append((self.of(branch), self.poles))
        (yes, yes_poles), (no, no_poles) = branches
        self.poles = outside | np.where(holds, yes_poles, no_poles)
        return np.where(holds, yes, no)

    def _guarded(self, op: str, args: list[Floats], result: Floats) -> Floats:
        """The result with NaN for an overflow: an infinity from finite numbers, except for log(0).

        Divisions by 0 are recorded in `poles`.
        """
        if op in ("/", "^"):
            pole = (args[1] == 0) if op == "/" else (args[0] == 0) & (args[1] < 0)
            self.poles = self.poles | pole
        if op == "log" or not np.isinf(result).any():
            return result
        finite = np.logical_and.reduce(np.broadcast_arrays(*(np.isfinite(a) for a in args)))
        return np.where(finite & np.isinf(result), np.nan, result)

    def _decided(self, node: Apply, args: list[Floats], result: Floats) -> Floats:
        """A comparison: by floats if the sides are far apart, else exactly, point by point."""
        gap = np.asarray(args[0] - args[1])
        close = ~(np.abs(gap, out=gap) > self._slack(node))
        if not close.any():
            return result
        used = sorted(names(node))
        if not used:
            return np.asarray(float(exactly(node)(Fraction(0))))
        columns = np.broadcast_arrays(close, result, *(self.values[name] for name in used))
        close, result = columns[0], columns[1].copy()
        rows = [column[close] for column in columns[2:]]
        if len(rows) == 1:  # many times faster than a search along an axis
            points, places = np.unique(rows[0], return_inverse=True)
            points = points[None]
        else:
            points, places = np.unique(np.stack(rows), axis=1, return_inverse=True)
        exact = np.array([_exactly(node, used, point) for point in points.T.tolist()])
        result[close] = exact[places.reshape(-1)]
        return result

    def _slack(self, node: Apply) -> Floats:
        if self._plain:
            return np.asarray(ROUNDING * sum(largest(side) for side in node.args))
        return 4 * (self._error(node.args[0])[1] + self._error(node.args[1])[1])

    def _error(self, node: Node) -> tuple[Floats, Floats]:
        """A rational expression in floats and a bound of its rounding error; inf if none is known.

        The float of a name is within four units in the last place of the number it stands for.
        """
        if not isinstance(node, Apply) or node.op in _CONDITIONS:
            value = self.of(node)
            return value, 8 * _EPS * np.abs(value)
        operands, errors = zip(*(self._error(a) for a in node.args), strict=True)
        value, sizes = _OPERATIONS[node.op](*operands), [np.abs(a) for a in operands]
        match node.op:
            case "+" | "-":
                error = errors[0] + errors[1]
            case "*":
                error = sizes[0] * errors[1] + sizes[1] * errors[0] + errors[0] * errors[1]
            case "/":
                left = sizes[1] - errors[1]
                error = np.where(left > 0, (errors[0] + np.abs(value) * errors[1]) / left, np.inf)
            case "^":
                nearer, farther = sizes[0] - errors[0], sizes[0] + errors[0]
                exponent = operands[1]
                error = np.abs(farther**exponent) - np.abs(np.maximum(nearer, 0.0) ** exponent)
                error = np.where((exponent < 0) & (nearer <= 0), np.inf, np.abs(error))
            case _:
                error = np.maximum.reduce(np.broadcast_arrays(*errors))
        return value, error + _EPS * np.abs(value)


@lru_cache(maxsize=256)
def _is_plain(node: Node) -> bool:
    """Whether it is a polynomial in q with steps, all of whose parts are finite and rational."""
    return is_rational(node) and all(largest(part) < np.inf for part in walk(node))


def _float(value: Fraction) -> float:
    rounded = nearest(value)
    return rounded if abs(rounded) < np.inf else np.nan


def _exactly(node: Node, used: list[str], point: list[float]) -> float:
    values = {name: stated(value) for name, value in zip(used, point, strict=True)}
    fixed = {name: Number(value) for name, value in values.items() if name != CONFIDENCE}
    return float(exactly(substitute(node, fixed))(values.get(CONFIDENCE, Fraction(0))))


def _mend(node: Node, values: Mapping[str, Floats], result: Floats, unsure: Truths) -> None:
    """Replace values that float arithmetic cannot give by the kernel's."""
    if CONFIDENCE not in values:
        raise FormulaError(f"`{unparse(node)}` has no real value")
    used = sorted(names(node) | {CONFIDENCE})
    columns = [np.broadcast_to(values[name], result.shape)[unsure] for name in used]
    points, places = np.unique(np.stack(columns), axis=1, return_inverse=True)
    if points.shape[1] > _MOST_EXACT:
        raise FormulaError(
            f"floats cannot hold `{unparse(node)}` at {points.shape[1]} confidences, such as"
            f" {columns[0][0]:.17g}; write it in a form that does not overflow"
        )
    exact = [_exact_value(node, dict(zip(used, point, strict=True))) for point in points.T.tolist()]
    result[unsure] = np.array(exact)[places.reshape(-1)]


def _exact_value(node: Node, values: Mapping[str, float]) -> float:
    bound = substitute(
        node, {name: Number(stated(v)) for name, v in values.items() if name != CONFIDENCE}
    )
    q = values[CONFIDENCE]
    if q in (0, 1):
        return one_sided_limit(bound, int(q))
    try:
        value = value_at(bound, stated(q))
    except Rejected as reason:
        raise FormulaError(
            f"`{unparse(node)}` has no real value at q = {q:.17g}: {reason}"
        ) from reason
    if abs(value) == np.inf:
        raise FormulaError(
            f"the value of `{unparse(node)}` at q = {q:.17g} is too large for a float"
        )
    return value
