"""Formulas for payoffs that were seen at some confidences, where one with simple numbers fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

_CLOSE, _CLOSE_IN_SINGLE = 1e-9, 5e-7
"""Largest difference between a payoff and its formula, relative to the largest payoff.

Floating point loses far less on such formulas, and two formulas with simple numbers differ by more.
The second is for payoffs that are all numbers of single precision, as of a float32 tensor.
"""
_SIMPLE = 10_000  # the largest denominator of a coefficient, relative to its power of ten
_DEGREES = range(5)
_NEEDED = 3  # confidences beyond the number of coefficients, without which nothing is fitted
_PIECES = 4
_ROOT = "sqrt(q^2 + (1 - q)^2)"
_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "log(q)": np.log,
    "log(1 - q)": lambda q: np.log(1 - q),
    f"q/{_ROOT}": lambda q: q / np.sqrt(q**2 + (1 - q) ** 2),
    f"(1 - q)/{_ROOT}": lambda q: (1 - q) / np.sqrt(q**2 + (1 - q) ** 2),
    "sqrt(q)": np.sqrt,
    "sqrt(1 - q)": lambda q: np.sqrt(1 - q),
    "sqrt(q*(1 - q))": lambda q: np.sqrt(q * (1 - q)),
    "sqrt((1 - q)/q)": lambda q: np.sqrt((1 - q) / q),
    "sqrt(q/(1 - q))": lambda q: np.sqrt(q / (1 - q)),
    "abs(q - 1/2)": lambda q: np.abs(q - 0.5),
    "exp(q)": np.exp,
}
_UNITS = {"": 1.0, "/log(10)": 1 / np.log(10), "/log(2)": 1 / np.log(2)}
_CLIPPED = {"log(q)": "log({})", "log(1 - q)": "log(1 - {})"}


@dataclass(frozen=True)
class FittedPiece:
    """A shape a + b shape(q), or a polynomial, with simple coefficients.

    Attributes:
        shape: the text of the shape; empty for a polynomial.
        coefficients: of 1, q, q^2, ... and of the shape last, if there is one.
        unit: what the coefficient of the shape is multiplied by: 1, 1/log(10) or 1/log(2).

    Example:
        >>> FittedPiece("", (Fraction(1), Fraction(0), Fraction(-1))).text
        '1 - q^2'
        >>> FittedPiece("log(q)", (Fraction(0), Fraction(1)), "/log(10)").text
        'log(q)/log(10)'
    """

    shape: str
    coefficients: tuple[Fraction, ...]
    unit: str = ""

    @cached_property
    def text(self) -> str:
        """The formula."""
        powers = [power_text(n) for n in range(len(self.coefficients))]
        if self.shape:
            powers[-1] = f"{self.shape}{self.unit}"
        return sum_text(list(zip(self.coefficients, powers, strict=True)))

    def at(self, q: Floats) -> Floats:
        """The values at some confidences."""
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = _columns(self.shape, len(self.coefficients), q)
            last = _UNITS[self.unit]
            weights = [float(each) for each in self.coefficients]
            if self.shape:
                weights[-1] *= last
            parts = [
                weight * column for weight, column in zip(weights, columns, strict=True) if weight
            ]
        return np.sum(parts, axis=0) if parts else np.zeros_like(q)


@dataclass(frozen=True)
class PayoffFit:
    """A formula for one of the two payoffs.

    Attributes:
        text: the formula in q.
        powers: the coefficients of 1, q, q^2, ... where it is a polynomial.

    Example:
        >>> PayoffFit("1 - q", (Fraction(1), Fraction(-1))).text
        '1 - q'
    """

    text: str
    powers: tuple[Fraction, ...] | None = None


def power_text(n: int) -> str:
    """The text of q to the power n; empty for n = 0.

    Example:
        >>> power_text(0), power_text(1), power_text(2)
        ('', 'q', 'q^2')
    """
    return "" if n == 0 else "q" if n == 1 else f"q^{n}"


def sum_text(terms: Sequence[tuple[Fraction, str]]) -> str:
    """The text of a sum of terms with coefficients; a term without a text is a constant.

    Example:
        >>> sum_text([(Fraction(1), ""), (Fraction(-1, 2), "q^2"), (Fraction(0), "q")])
        '1 - 1/2*q^2'
        >>> sum_text([])
        '0'
    """
    written = ""
    for weight, text in terms:
        if weight == 0:
            continue
        size = abs(weight)
        product = text if size == 1 and text else f"{size}*{text}" if text else str(size)
        if not written:
            written = product if weight > 0 else f"-{product}"
        else:
            written += f" {'+' if weight > 0 else '-'} {product}"
    return written or "0"


def fitted(levels: Sequence[Fraction], payoffs: Sequence[float]) -> PayoffFit | None:
    """A formula in q whose values are these payoffs, or None if none with simple numbers is found.

    Tried in this order: polynomials up to degree 4, logarithms, spherical and other usual shapes,
    the same with a clip of the value or of the confidence, and up to four pieces side by side.
    Payoffs that are all of single precision need to agree to single precision only.

    Args:
        levels: the confidences, in increasing order.
        payoffs: the payoff at each; -inf is allowed.

    Example:
        >>> levels = [Fraction(n, 20) for n in range(21)]
        >>> fitted(levels, [float(2 * q - q**2) for q in levels]).text
        '2*q - q^2'
        >>> fitted(levels, [float(min(1, 2 * q - q**2 + Fraction(1, 10))) for q in levels]).text
        'min(1, 1/10 + 2*q - q^2)'
        >>> fitted(levels, [float(q + (q >= 1) / 10) for q in levels]).text
        'q if q < 1 else 11/10'
        >>> fitted(levels, [float(hash(str(q)) % 97) ** 0.37 for q in levels]) is None
        True
    """
    q, paid = np.array([float(x) for x in levels]), np.array(payoffs, dtype=float)
    if np.isnan(paid).any() or np.isposinf(paid).any():
        return None
    size = float(np.abs(paid[np.isfinite(paid)]).max(initial=0.0)) or 1.0
    single = bool((paid.astype(np.float32) == paid).all())
    for relative in (_CLOSE, _CLOSE_IN_SINGLE) if single else (_CLOSE,):
        close = relative * size
        whole = _piece(q, paid, close)
        if whole is not None:
            return PayoffFit(whole.text, None if whole.shape else whole.coefficients)
        text = _clamped(q, paid, close) or _side_by_side(levels, q, paid, close)
        if text is not None:
            return PayoffFit(text)
    return None


def _columns(shape: str, count: int, q: Floats) -> list[Floats]:
    powers = [q**n for n in range(count)]
    if shape:
        powers[-1] = _SHAPES[shape](q)
    return powers


def _agree(found: Floats, paid: Floats, close: float) -> bool:
    finite = np.isfinite(paid)
    if not np.array_equal(np.isneginf(found), np.isneginf(paid)):
        return False
    return bool((np.abs(found[finite] - paid[finite]) <= close).all())


def _piece(q: Floats, paid: Floats, close: float, *, shapes: bool = True) -> FittedPiece | None:
    """One piece through all points, with as few coefficients as possible."""
    finite = np.isfinite(paid)
    for degree in _DEGREES:
        if finite.sum() < degree + 1 + _NEEDED:
            break
        if found := _solved("", degree + 1, q, paid, close):
            return found
    for shape in _SHAPES if shapes else ():
        for count in (2, 3):
            if finite.sum() < count + _NEEDED:
                break
            if found := _solved(shape, count, q, paid, close):
                return found
    return None


def _solved(shape: str, count: int, q: Floats, paid: Floats, close: float) -> FittedPiece | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix = np.stack(_columns(shape, count, q), axis=1)
    finite = np.isfinite(paid) & np.isfinite(matrix).all(axis=1)
    if finite.sum() < count:
        return None
    solution, *_ = np.linalg.lstsq(matrix[finite], paid[finite], rcond=None)
    if not _agree(matrix[finite] @ solution, paid[finite], close):
        return None  # no coefficients fit, simple ones neither
    for unit in _UNITS if shape else ("",):
        scaled = solution.copy()
        if shape:
            scaled[-1] /= _UNITS[unit]
        found = FittedPiece(shape, tuple(_coefficient(float(x), close) for x in scaled), unit)
        if _agree(found.at(q), paid, close):
            return found
    return None


def _coefficient(value: float, close: float) -> Fraction:
    """The simplest fraction near a coefficient, which is a guess: the payoffs have to agree."""
    if abs(value) <= close:
        return Fraction(0)
    tens = Fraction(10) ** max(0, -math.floor(math.log10(abs(value))))
    candidates = [
        (Fraction(value) * tens).limit_denominator(most) / tens for most in (10, 100, 1000, _SIMPLE)
    ]
    near = (each for each in candidates if abs(float(each) - value) <= close / 10)
    return next(near, candidates[-1])


def simple(value: float, within: float = 1e-12) -> Fraction:
    """The simplest fraction that is close to a number; if none is simple, the number as printed.

    Args:
        value: A finite number.
        within: The largest difference.

    Example:
        >>> simple(0.1 + 0.2), simple(1 / 3 + 1e-13), simple(4.9e-5)
        (Fraction(3, 10), Fraction(1, 3), Fraction(49, 1000000))
        >>> simple(float(np.float32(0.1)), within=1e-7)
        Fraction(1, 10)
    """
    candidates = (Fraction(value).limit_denominator(10**digits) for digits in range(1, 10))
    near = (each for each in candidates if abs(float(each) - value) <= within)
    return next(near, Fraction(repr(value)))


def _plateaus(paid: Floats, close: float) -> tuple[int, int]:
    """How many payoffs at the left and at the right end are equal."""
    same_left, same_right = (
        (paid == end) | (np.abs(paid - end) <= close / 1000) for end in (paid[0], paid[-1])
    )
    left = int(np.argmin(same_left)) if not same_left.all() else len(paid)
    right = int(np.argmin(same_right[::-1])) if not same_right.all() else len(paid)
    return left, right


def _clamped(q: Floats, paid: Floats, close: float) -> str | None:
    """One piece whose value, or whose confidence, is clipped at one end or at both."""
    left, right = _plateaus(paid, close)
    for skip_left, skip_right in ((left, right), (left, 0), (0, right)):
        inner = slice(skip_left, len(q) - skip_right)
        if len(q[inner]) < 2 + _NEEDED:
            continue
        found = _piece(q[inner], paid[inner], close)
        if found is None:
            continue
        text = _clip_of_confidence(found, q, paid, close) or _clip_of_value(found, q, paid, close)
        if text is not None:
            return text
    return None


def _clip_of_value(found: FittedPiece, q: Floats, paid: Floats, close: float) -> str | None:
    """The piece between two simple values."""
    if not np.isfinite(paid).all():
        return None
    low, high = (_coefficient(float(end), close) for end in (paid.min(), paid.max()))
    values = found.at(q)
    for text, cut in (
        (f"min({high}, {found.text})", np.minimum(values, float(high))),
        (f"max({low}, {found.text})", np.maximum(values, float(low))),
        (f"clip({found.text}, {low}, {high})", np.clip(values, float(low), float(high))),
    ):
        if _agree(cut, paid, close):
            return text
    return None


def _clip_of_confidence(found: FittedPiece, q: Floats, paid: Floats, close: float) -> str | None:
    """The piece of a clipped confidence, such as log(clip(q, 1/100, 99/100))."""
    if found.shape not in _CLIPPED:
        return None
    inverse = float(found.coefficients[-1]) * _UNITS[found.unit]
    constant = float(found.coefficients[0]) if len(found.coefficients) == 2 else None
    if constant is None:
        return None
    ends = []
    for value in (paid[0], paid[-1]):
        reached = float(np.exp((value - constant) / inverse))
        end = reached if found.shape == "log(q)" else 1 - reached
        ends.append(_coefficient(end, close / abs(inverse)))
    low, high = ends
    if not 0 <= low < high <= 1:
        return None
    clipped = found.at(np.clip(q, float(low), float(high)))
    if not _agree(clipped, paid, close):
        return None
    inside = f"max(q, {low})" if high == 1 else f"min(q, {high})" if low == 0 else None
    inside = inside or f"clip(q, {low}, {high})"
    shape = _CLIPPED[found.shape].format(inside)
    constant_term = (found.coefficients[0], "")
    return sum_text([constant_term, (found.coefficients[-1], f"{shape}{found.unit}")])


def _side_by_side(levels: Sequence[Fraction], q: Floats, paid: Floats, close: float) -> str | None:
    """Up to four pieces, which begin at a level or just after one."""
    pieces: list[tuple[int, str]] = []
    start = 0
    while start < len(q):
        end, text = _longest(q, paid, start, close)
        if text is None:
            return None
        pieces.append((start, text))
        start = end
        if len(pieces) > _PIECES:
            return None
    written = pieces[-1][1]
    for (_, text), (after, _) in reversed(list(pairwise(pieces))):
        other = f"({written})" if " if " in written else written
        written = f"{text} if {_border(levels[after - 1], levels[after])} else {other}"
    return written


def _longest(q: Floats, paid: Floats, start: int, close: float) -> tuple[int, str | None]:
    """The end and the text of the longest piece that begins here; single points at both ends.

    What fits a stretch fits its beginning as well, so that the end is found by bisection.
    """
    shortest, beyond = start + 1 + _NEEDED, len(q) + 1
    best: FittedPiece | None = None
    end = len(q)
    while shortest < beyond:
        found = (
            _piece(q[start:end], paid[start:end], close, shapes=False) if end <= len(q) else None
        )
        if found is not None:
            best, shortest = found, end + 1
        else:
            beyond = end
        end = (shortest + beyond) // 2
    if best is not None:
        return shortest - 1, best.text
    if start in (0, len(q) - 1):
        alone = float(paid[start])
        return start + 1, str(simple(alone, close)) if np.isfinite(alone) else None
    return start, None


def _border(left: Fraction, right: Fraction) -> str:
    """The condition of being on the left of a jump, at the simpler of the two levels."""
    return f"q < {right}" if right.denominator <= left.denominator else f"q <= {left}"


def joined(on_correct: PayoffFit, on_wrong: PayoffFit) -> str:
    """One formula in q and c, from the payoff of a correct answer and that of a wrong one.

    Example:
        >>> zero, one = Fraction(0), Fraction(1)
        >>> minus = PayoffFit("-q^2", (zero, zero, -one))
        >>> joined(PayoffFit("2*q - q^2", (zero, 2 * one, -one)), minus)
        'c - (q - c)^2'
        >>> joined(PayoffFit("log(q)"), PayoffFit("1 + log(1 - q)"))
        'c*log(q) + (1 - c)*(1 + log(1 - q))'
        >>> joined(PayoffFit("0", (zero,)), PayoffFit("-1", (-one,)))
        '-1 + c'
    """
    quadratic = _as_quadratic(on_correct, on_wrong)
    if quadratic is not None:
        return quadratic
    if on_correct.text == on_wrong.text:
        return on_correct.text
    if on_correct.powers is not None and on_wrong.powers is not None:
        f, g = on_correct.powers, on_wrong.powers
        if f[1:] == g[1:]:  # only the constants differ
            alike = [(power, power_text(n)) for n, power in enumerate(g)]
            return sum_text([*alike[:1], (f[0] - g[0], "c"), *alike[1:]])
    parts = [
        which if fit.text == "1" else f"{which}*{_factor(fit.text)}"
        for which, fit in (("c", on_correct), ("(1 - c)", on_wrong))
        if fit.text != "0"
    ]
    return " + ".join(parts)


def _factor(text: str) -> str:
    """The text as one factor, in brackets where it is a sum or a choice."""
    is_sum = any(mark in text for mark in (" + ", " - ", " if ")) or text.startswith("-")
    is_call = text.startswith(("min(", "max(", "clip(", "log(", "sqrt(", "abs("))
    return text if not is_sum or (is_call and _closes_at_end(text)) else f"({text})"


def _closes_at_end(text: str) -> bool:
    """Whether the first bracket is closed by the last character."""
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and character == ")":
            return at == len(text) - 1
    return False


def _as_quadratic(on_correct: PayoffFit, on_wrong: PayoffFit) -> str | None:
    """The form a + b c - k (q - c)^2, where both payoffs are of it."""
    if on_correct.powers is None or on_wrong.powers is None:
        return None
    f, g = ([*powers, *[Fraction(0)] * 3] for powers in (on_correct.powers, on_wrong.powers))
    k = -g[2]
    if k == 0 or f[2:] != g[2:] or any(g[3:]) or g[1] != 0 or f[1] != 2 * k:
        return None
    return sum_text([(g[0], ""), (f[0] + k - g[0], "c"), (-k, "(q - c)^2")])
