"""The grammar of formulas: text becomes a syntax tree, and nothing is ever evaluated as Python.

    sum      a + b   a - b
    product  a * b   a / b
    power    a ^ b   a ** b                  both bind tighter than the sign of -a
    call     log(x) exp(x) sqrt(x) abs(x) min(x, y, ...) max(x, y, ...) clip(x, low, high)
             beta_cdf(x, a, b) beta_function(a, b)
    compare  < <= == != >= >                 also chained; the value is 1 if true and 0 if false,
                                             so (q > 1/2) * c is a formula
    choice   x if condition else y           with  and  or  not
    names    q, c, and the parameters that the caller declares
    numbers  exact decimals, never floats

`beta_cdf(x, a, b)` is the distribution function of Beta(a, b), the regularised incomplete beta
function; `beta_function(a, b)` is B(a, b), the integral of t^(a-1) (1-t)^(b-1) over [0, 1].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

MAX_CHARACTERS = 10_000
MAX_NODES = 4_000
MAX_NESTING = 60
MAX_HEIGHT = 150
MAX_DIGITS = 400
MAX_DOMAIN = 1_200
MAX_FOLDED = 4 * MAX_DIGITS
"""Bits up to which the parser divides numbers; longer ones are divided where work is counted."""

CONFIDENCE, CORRECT = "q", "c"
ARITY: Mapping[str, tuple[int, int]] = {
    "log": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "abs": (1, 1),
    "min": (2, 16),
    "max": (2, 16),
    "clip": (3, 3),
    "beta_cdf": (3, 3),
    "beta_function": (2, 2),
}
COMPARISONS = ("<", "<=", "==", "!=")
LEVELS: Mapping[str, int] = {
    "or": 1,
    "and": 2,
    **dict.fromkeys((*COMPARISONS, ">", ">="), 4),
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}
_MEANT = {
    **dict.fromkeys(("y", "o", "x", "outcome", "correct", "label"), CORRECT),
    **dict.fromkeys(("p", "f", "confidence", "forecast", "prob", "y_prob"), CONFIDENCE),
}
RESERVED = {"if", "else", "and", "or", "not", *ARITY}


class FormulaError(ValueError):
    """The text is not a formula of the grammar; the message names the rule and the place.

    Example:
        >>> parse("q +")
        Traceback (most recent call last):
        proofs.kernel.formula.FormulaError: expected a number, a name or '(' at the end of 'q +'
    """


class UnknownName(FormulaError):
    """A name in the formula is neither a word of the grammar nor declared.

    Example:
        >>> parse("x")
        Traceback (most recent call last):
        proofs.kernel.formula.UnknownName: ...
    """


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational constant.

    Example:
        >>> parse("0.25")
        Number(value=Fraction(1, 4))
    """

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable (`q`, `c`) or a parameter.

    Example:
        >>> parse("q")
        Name(id='q')
    """

    id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or function applied to arguments; `op` is one of the grammar's words.

    Example:
        >>> parse("-q")
        Apply(op='neg', args=(Name(id='q'),))
    """

    op: str
    args: tuple[Node, ...]


Node = Number | Name | Apply

_UNSIGNED = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NAME = "[A-Za-z_][A-Za-z_0-9]*"
_TOKEN = re.compile(rf"\s*({_UNSIGNED}|{_NAME}|\*\*|[<>=!]=|\S)")


def _decimal(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or "0")) > MAX_DIGITS:
        raise FormulaError(f"a number may have at most {MAX_DIGITS} digits, got {text[:40]}...")
    return Fraction(text)


def _bits(x: Fraction) -> int:
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def rational(text: str) -> Fraction:
    """The exact number that a text stands for: `-0.25`, `1e-9` or `-3/4`.

    Raises:
        FormulaError: the text is not a number, has more than `MAX_DIGITS` digits, or divides by
            zero.

    Example:
        >>> rational("-3/4") + rational("0.25")
        Fraction(-1, 2)
    """
    match = re.fullmatch(rf"([+-]?)({_UNSIGNED})(?:/([0-9]+))?", text)
    if match is None:
        raise FormulaError(f"expected a number like 0.25 or -3/4, got {text[:40]!r}")
    bottom = _decimal(match[3] or "1")
    if not bottom:
        raise FormulaError(f"division by zero in {text!r}")
    return (-1 if match[1] == "-" else 1) * _decimal(match[2]) / bottom


class _Parser:
    """Precedence climbing: `binary(level)` reads operators of this level and of higher ones."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        if len(text) > MAX_CHARACTERS:
            raise FormulaError(
                f"a formula may have at most {MAX_CHARACTERS} characters, got {len(text)}"
            )
        if not text.strip():
            raise FormulaError("the formula is empty")
        self.text, self.names = text, names
        self.tokens = [(match[1], match.start(1)) for match in _TOKEN.finditer(text.rstrip())]
        self.index = self.nesting = self.count = 0

    def fail(self, wanted: str) -> FormulaError:
        if self.index >= len(self.tokens):
            return FormulaError(f"expected {wanted} at the end of {self.text!r}")
        token, at = self.tokens[self.index]
        return FormulaError(
            f"expected {wanted}, got {token!r} at character {at + 1} of {self.text!r}"
        )

    def unknown(self, name: str) -> UnknownName:
        meant = f" (did you mean {_MEANT[name]}?)" if _MEANT.get(name) in self.names else ""
        spoken = f"{CONFIDENCE} is the stated confidence, {CORRECT} the outcome (1 or 0); "
        known = ", ".join([*self.names, *ARITY])
        return UnknownName(
            f"unknown name {name!r} in {self.text!r}{meant}:"
            f" {spoken if CORRECT in self.names else ''}known: {known} (a parameter needs a value"
            " or a domain)"
        )

    def peek(self) -> str:
        return self.tokens[self.index][0] if self.index < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        self.index += token in wanted
        return token if token in wanted else ""

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.fail(repr(token))

    def counted(self, operations: int) -> None:
        self.count += operations
        if self.count > MAX_NODES:
            raise FormulaError(f"a formula may have at most {MAX_NODES} operations")

    def apply(self, op: str, *args: Node) -> Node:
        self.counted(1)
        match op, args:
            case "/", (Number(a), Number(b)) if b and max(_bits(a), _bits(b)) <= MAX_FOLDED:
                return Number(a / b)
            case "neg", (Number(a),):
                return Number(-a)
        return Apply(op, args)

    def nested(self, read: Callable[..., Node], *level: int) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FormulaError(f"a formula may nest at most {MAX_NESTING} brackets and powers")
        node = read(*level)
        self.nesting -= 1
        return node

    def whole(self) -> Node:
        node = self.choice()
        if self.index < len(self.tokens):
            raise self.fail("an operator")
        height, layer = 0, [node]
        while layer := [a for n in layer if isinstance(n, Apply) for a in n.args]:
            height += 1
        if height > MAX_HEIGHT:
            raise FormulaError(
                f"the syntax tree of a formula may be {MAX_HEIGHT} high, got {height}"
            )
        return node

    def choice(self) -> Node:
        node = self.binary(1)
        if not self.take("if"):
            return node
        condition = self.binary(1)
        self.expect("else")
        return self.apply("if", condition, node, self.nested(self.choice))

    def binary(self, least: int) -> Node:
        node = self.prefix(least)
        middle: Node | None = (
            None  # the right end of a comparison, which a chain compares once more
        )
        size = 0
        while (level := LEVELS.get(self.peek(), 0)) >= least:
            op, before = self.take(*LEVELS), self.count
            right = self.binary(level + 1)
            if level != LEVELS["<"]:
                node, middle = self.apply(op, node, right), None
                continue
            self.counted(size)
            left = node if middle is None else middle
            pair = (right, left) if op[0] == ">" else (left, right)
            one = self.apply(op.replace(">", "<"), *pair)
            node, middle, size = (
                one if middle is None else self.apply("and", node, one),
                right,
                self.count - before,
            )
        return node

    def prefix(self, least: int) -> Node:
        flips = 0
        while least < LEVELS["<"] and self.take("not"):
            flips += 1
        if flips:
            node = self.binary(LEVELS["<"])
            return self.apply("not", node) if flips % 2 else node
        while sign := self.take("-", "+"):
            flips += sign == "-"
        node = self.power()
        return self.apply("neg", node) if flips % 2 else node

    def power(self) -> Node:
        base = self.atom()
        return self.apply("^", base, self.nested(self.prefix, 7)) if self.take("**", "^") else base

    def atom(self) -> Node:
        token = self.peek()
        if self.take("("):
            node = self.nested(self.choice)
            self.expect(")")
            return node
        if self.take(*ARITY):
            return self.call(token)
        if self.take(*self.names):
            return Name(token)
        if re.fullmatch(_UNSIGNED, token):
            self.index += 1
            return Number(_decimal(token))
        if re.fullmatch(_NAME, token) and token not in RESERVED:
            raise self.unknown(token)
        raise self.fail("a number, a name or '('")

    def call(self, name: str) -> Node:
        self.expect("(")
        args = [self.nested(self.choice)]
        while self.take(","):
            args.append(self.nested(self.choice))
        self.expect(")")
        low, high = ARITY[name]
        if not low <= len(args) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise FormulaError(f"{name} takes {wanted} arguments, got {len(args)}")
        return self.apply(name, *args)


def parse(
    text: str,
    parameters: Collection[str] = (),
    *,
    variables: Collection[str] = (CONFIDENCE, CORRECT),
) -> Node:
    """The syntax tree of a formula in the variables and the declared parameters.

    Args:
        text: a formula of the grammar.
        parameters: the names that the formula may use beside the variables.
        variables: the variables, `q` and `c` by default.

    Raises:
        FormulaError: the text is outside the grammar or over its limits; nothing of it is ever
            executed.

    Example:
        >>> parse("2*lam", ["lam"])
        Apply(op='*', args=(Number(value=Fraction(2, 1)), Name(id='lam')))
    """
    for name in parameters:
        if name in RESERVED or name in variables or len(name) > 40 or not re.fullmatch(_NAME, name):
            raise FormulaError(f"{name!r} cannot be the name of a parameter")
    return _Parser(text, (*variables, *parameters)).whole()


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with names replaced by trees.

    Example:
        >>> substitute(parse("q"), {"q": Number(Fraction(1, 2))})
        Number(value=Fraction(1, 2))
    """
    if isinstance(node, Name):
        return values.get(node.id, node)
    if isinstance(node, Apply):
        return Apply(node.op, tuple(substitute(a, values) for a in node.args))
    return node


@dataclass(frozen=True, slots=True)
class Domain:
    """The values a parameter may take: an interval with rational or infinite (None) ends.

    Example:
        >>> unit = Domain(Fraction(0), Fraction(1))
        >>> Fraction(0) in unit, Fraction(1, 2) in unit
        (False, True)
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = True
    high_open: bool = True

    def __contains__(self, value: Fraction) -> bool:
        above = self.low is None or (self.low < value if self.low_open else self.low <= value)
        return above and (
            self.high is None or (value < self.high if self.high_open else value <= self.high)
        )


Domains = Mapping[str, Domain]
"""The domains of the parameters by name."""
_EXACT = rf"[+-]?{_UNSIGNED}(?:/[0-9]+)?"
_DOMAINS = (
    rf"(?P<name>{_NAME})\s*={{1,2}}\s*(?P<point>{_EXACT})",
    rf"(?:(?P<low>{_EXACT})\s*(?P<above><=?))?\s*(?P<name>{_NAME})"
    rf"\s*(?:(?P<below><=?)\s*(?P<high>{_EXACT}))?",
    rf"(?P<name>{_NAME})\s*(?P<above>>=?)\s*(?P<low>{_EXACT})",
    rf"(?P<name>{_NAME})\s+in\s*(?P<above>[(\[])\s*(?:-inf|-oo|(?P<low>{_EXACT}))\s*,"
    rf"\s*(?:inf|oo|(?P<high>{_EXACT}))\s*(?P<below>[)\]])",
)


def parse_domain(text: str) -> tuple[str, Domain]:
    """A parameter and its domain.

    The text is `lam = 0.5`, `0 < lam <= 1`, `alpha > 1`, `lam in (0, 1]`, or `lam` alone for any
    real number.

    Raises:
        FormulaError: the text does not have one of these forms, or the domain is empty.

    Example:
        >>> name, domain = parse_domain("0 < lam <= 1")
        >>> name, Fraction(0) in domain, Fraction(1) in domain
        ('lam', False, True)
    """
    if len(text) > MAX_DOMAIN:
        raise FormulaError(f"a domain may have at most {MAX_DOMAIN} characters, got {len(text)}")
    match = next(
        (m for pattern in _DOMAINS if (m := re.fullmatch(rf"\s*{pattern}\s*", text))), None
    )
    if match is None:
        raise FormulaError(
            f"expected a parameter like 'lam=0.5', '0 < lam <= 1' or 'lam in (0, 1]', got {text!r}"
        )
    found = {key: value for key, value in match.groupdict().items() if value is not None}
    if "point" in found:
        return found["name"], Domain(
            rational(found["point"]), rational(found["point"]), False, False
        )
    low, high = (rational(found[key]) if key in found else None for key in ("low", "high"))
    if low is not None and high is not None and low >= high:
        raise FormulaError(
            f"the domain {text!r} is empty or a single point; write 'name=value' for a point"
        )
    low_open = low is None or found["above"] not in ("<=", ">=", "[")
    return found["name"], Domain(
        low, high, low_open, high is None or found["below"] not in ("<=", "]")
    )
