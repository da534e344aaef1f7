"""The one grammar of the project: a typed formula becomes a syntax tree, and nothing is ever evaluated as Python.

    sum      a + b   a - b          product  a * b   a / b        power   a ^ b  or  a ** b   (binds tighter than -a)
    call     log(x) exp(x) sqrt(x) abs(x) min(x, y, ...) max(x, y, ...) clip(x, low, high)
             beta_cdf(x, a, b) beta_function(a, b)
    compare  < <= == != >= >   also chained; worth 1 where true and 0 where false, so (q > 1/2) * c is a formula
    choice   x if condition else y      with  and  or  not
    names    q, c, and the parameters that the caller declares; numbers are exact decimals, never floats

`beta_cdf(x, a, b)` is the distribution function of Beta(a, b), the regularised incomplete beta function;
`beta_function(a, b)` is B(a, b), the integral of t^(a-1) (1-t)^(b-1) over [0, 1].
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

MAX_CHARACTERS = 10_000
MAX_NODES = 4_000
MAX_NESTING = 60
MAX_HEIGHT = 150
MAX_DIGITS = 400
MAX_BITS = 8_192
MAX_DOMAIN = 1_200

CONFIDENCE, CORRECT = "q", "c"
ARITY: Mapping[str, tuple[int, int]] = {
    "log": (1, 1), "exp": (1, 1), "sqrt": (1, 1), "abs": (1, 1), "min": (2, 16), "max": (2, 16), "clip": (3, 3),
    "beta_cdf": (3, 3), "beta_function": (2, 2),
}  # fmt: skip
COMPARISONS = ("<", "<=", "==", "!=")
_WORDS = {"if", "else", "and", "or", "not", *ARITY}


class FormulaError(ValueError):
    """The text is not a formula of the grammar; the message is a sentence that names the offending place."""


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable (`q`, `c`) or a parameter."""

    id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or function applied to arguments; `op` is one of the grammar's words."""

    op: str
    args: tuple[Node, ...]


Node = Number | Name | Apply

_UNSIGNED = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_UNSIGNED})|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/^()<>,]))"
)


def number(value: Fraction | int) -> Number:
    """The constant node of a rational."""
    return Number(Fraction(value))


def small(value: Fraction) -> bool:
    """Numerator and denominator within `MAX_BITS`, so that no formula is a bomb of digits."""
    return _bits(value) <= MAX_BITS


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _decimal(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or "0")) > MAX_DIGITS:
        raise FormulaError(f"a number may have at most {MAX_DIGITS} digits, got {text[:40]}...")
    return Fraction(text)


def rational(text: str) -> Fraction:
    """An exact number as domains and certificates write it: `-0.25`, `1e-9`, `-3/4`.

    Raises:
        FormulaError: the text is none, has more than `MAX_DIGITS` digits, or divides by zero.

    Example:
        >>> rational("-3/4") + rational("0.25")
        Fraction(-1, 2)
    """
    match = re.fullmatch(rf"(?P<sign>[+-]?)(?P<top>{_UNSIGNED})(?:/(?P<bottom>[0-9]+))?", text)
    if match is None:
        raise FormulaError(f"expected a number like 0.25 or -3/4, got {text[:40]!r}")
    bottom = _decimal(match["bottom"] or "1")
    if not bottom:
        raise FormulaError(f"division by zero in {text!r}")
    return (-1 if match["sign"] == "-" else 1) * _decimal(match["top"]) / bottom


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise FormulaError(f"cannot read {text[start]!r} at character {start + 1} of {text!r}")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind), match.start(kind)))
        position = match.end()
    return found


class _Parser:
    """Precedence climbing: `binary(level)` reads operators that bind at least as tightly as `level`."""

    LEVELS: Mapping[str, int] = {"or": 1, "and": 2, **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
                                 "+": 5, "-": 5, "*": 6, "/": 6}  # fmt: skip

    def __init__(self, text: str, names: Collection[str]) -> None:
        if len(text) > MAX_CHARACTERS:
            raise FormulaError(f"a formula may have at most {MAX_CHARACTERS} characters, got {len(text)}")
        self.text, self.names, self.tokens = text, names, _tokens(text)
        self.index = self.nesting = self.count = 0

    def fail(self, wanted: str) -> FormulaError:
        if self.index >= len(self.tokens):
            return FormulaError(f"expected {wanted} at the end of {self.text!r}")
        _, token, at = self.tokens[self.index]
        return FormulaError(f"expected {wanted}, got {token!r} at character {at + 1} of {self.text!r}")

    def peek(self) -> str:
        return self.tokens[self.index][1] if self.index < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if token and token in wanted:
            self.index += 1
            return token
        return ""

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.fail(repr(token))

    def apply(self, op: str, *args: Node) -> Node:
        self.counted(1)
        if op == "/" and all(isinstance(a, Number) for a in args):
            return fold(Apply(op, args))
        return Apply(op, args)

    def counted(self, operations: int) -> None:
        self.count += operations
        if self.count > MAX_NODES:
            raise FormulaError(f"a formula may have at most {MAX_NODES} operations")

    def deeper(self) -> None:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FormulaError(f"a formula may nest at most {MAX_NESTING} brackets and powers")

    def whole(self) -> Node:
        node = self.choice()
        if self.index < len(self.tokens):
            raise self.fail("an operator")
        if (found := height(node)) > MAX_HEIGHT:
            raise FormulaError(f"the syntax tree of a formula may be {MAX_HEIGHT} high, got {found}")
        return node

    def choice(self) -> Node:
        self.deeper()
        node = self.binary(1)
        if self.take("if"):
            condition = self.binary(1)
            self.expect("else")
            node = self.apply("if", condition, node, self.choice())
        self.nesting -= 1
        return node

    def binary(self, least: int) -> Node:
        node = self.prefix(least)
        chain: Node | None = None  # the right end of a chained comparison
        while (level := self.LEVELS.get(self.peek(), 0)) >= least:
            op = self.take(*self.LEVELS)
            right = self.binary(level + 1)
            if level != 4:
                node, chain = self.apply(op, node, right), None
                continue
            left = node if chain is None else chain
            if chain is not None:  # a < b < c holds b twice
                self.counted(sum(1 for _ in walk(chain)))
            pair = (right, left) if op[0] == ">" else (left, right)
            one = self.apply({">": "<", ">=": "<="}.get(op, op), *pair)
            node, chain = one if chain is None else self.apply("and", node, one), right
        return node

    def prefix(self, least: int) -> Node:
        sign, flips = "not" if least <= 3 else "", 0
        while sign and self.take(sign):
            flips += 1
        if flips:
            node = self.binary(4)
            return self.apply("not", node) if flips % 2 else node
        while word := self.take("-", "+"):
            flips += word == "-"
        node = self.power()
        if flips % 2 == 0:
            return node
        return Number(-node.value) if isinstance(node, Number) else self.apply("neg", node)

    def power(self) -> Node:
        base = self.atom()
        if self.take("**", "^"):
            self.deeper()
            base = self.apply("^", base, self.prefix(7))
            self.nesting -= 1
        return base

    def atom(self) -> Node:
        if self.index >= len(self.tokens):
            raise self.fail("a number, a name or '('")
        kind, token, _ = self.tokens[self.index]
        if kind == "number":
            self.index += 1
            return Number(_decimal(token))
        if self.take("("):
            node = self.choice()
            self.expect(")")
            return node
        if kind == "name" and token in ARITY:
            return self.call()
        if kind == "name" and token in self.names:
            self.index += 1
            return Name(token)
        if kind == "name" and token not in _WORDS:
            raise FormulaError(
                f"unknown name {token!r} in {self.text!r}; known: {', '.join([*self.names, *ARITY])}"
                " (a parameter needs a value or a domain)"
            )
        raise self.fail("a number, a name or '('")

    def call(self) -> Node:
        name = self.take(*ARITY)
        self.expect("(")
        args = [self.choice()]
        while self.take(","):
            args.append(self.choice())
        self.expect(")")
        low, high = ARITY[name]
        if not low <= len(args) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise FormulaError(f"{name} takes {wanted} arguments, got {len(args)}")
        return self.apply(name, *args)


def parse(text: str, parameters: Collection[str] = (), *, variables: Collection[str] = (CONFIDENCE, CORRECT)) -> Node:
    """The syntax tree of a formula in the variables (`q` and `c` unless told) and the declared parameters.

    Raises:
        FormulaError: the text is outside the grammar or over its limits; nothing of it is ever executed.

    Example:
        >>> unparse(parse("c - lam*(q-c)**2", ["lam"]))
        'c - lam*(q - c)^2'
    """
    for name in parameters:
        if name in _WORDS or name in variables or not re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]{0,39}", name):
            raise FormulaError(f"{name!r} cannot be the name of a parameter")
    return _Parser(text, (*variables, *parameters)).whole()


_LEVEL = {"if": 0, "or": 1, "and": 2, "not": 3, "<": 4, "<=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6,
          "neg": 7, "^": 8}  # fmt: skip


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
    return f"{left}{gap}{op}{gap}{at(args[1], level if op in ('or', 'and') else level + 1)}", level


def unparse(node: Node) -> str:
    """Text that parses back to the same function (fractions are written as divisions)."""
    return _written(node)[0]


def height(node: Node) -> int:
    """Operators on the longest way from the root to a leaf."""
    tall, layer = 0, [node]
    while layer := [a for n in layer if isinstance(n, Apply) for a in n.args]:
        tall += 1
    return tall


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, outermost first."""
    yield node
    if isinstance(node, Apply):
        for child in node.args:
            yield from walk(child)


def names(node: Node) -> frozenset[str]:
    """Every name that occurs."""
    return frozenset(n.id for n in walk(node) if isinstance(n, Name))


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with names replaced by trees."""
    if isinstance(node, Name):
        return values.get(node.id, node)
    if isinstance(node, Apply):
        return Apply(node.op, tuple(substitute(a, values) for a in node.args))
    return node


def _constant(op: str, values: list[Fraction]) -> Fraction | None:
    """The value of an operator on rationals, where it is a rational that is cheap to name."""
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
        case "^" if b.denominator == 1 and abs(b) <= 64 and (a or b > 0) and _bits(a) * abs(b) <= MAX_BITS:
            return a ** int(b)
    return None


def fold(node: Node) -> Node:
    """Constants folded; 0*x is 0 and 1*x is x, so that a factor `c` or `1 - c` *selects* a branch.

    This is part of the language: in `c*log(q)` a wrong answer (c = 0) earns 0 even at q = 0.
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
    if (op == "*" and (first == 0 or last == 0)) or (op == "/" and first == 0) or (op == "and" and 0 in (first, last)):
        return number(0)
    if (op == "*" and first == 1) or (op == "+" and first == 0):
        return args[1]
    if (op in ("*", "/", "^") and last == 1) or (op in ("+", "-") and last == 0):
        return args[0]
    return Apply("neg", args[1:]) if op == "-" and first == 0 else Apply(op, args)


def branch(node: Node, correct: int) -> Node:
    """The payoff R(q, correct): `c` replaced by 0 or 1, and folded."""
    return fold(substitute(node, {CORRECT: number(correct)}))


@dataclass(frozen=True, slots=True)
class Domain:
    """The values a parameter may take: an interval with rational or infinite (None) ends."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = True
    high_open: bool = True

    def __contains__(self, value: Fraction) -> bool:
        above = self.low is None or (self.low < value if self.low_open else self.low <= value)
        return above and (self.high is None or (value < self.high if self.high_open else value <= self.high))

    def text(self, name: str) -> str:
        """`0 < lam <= 1`; parses back with `parse_domain`."""
        if self.low is not None and self.low == self.high:
            return f"{name} = {self.low}"
        left = "" if self.low is None else f"{self.low} {'<' if self.low_open else '<='} "
        right = "" if self.high is None else f" {'<' if self.high_open else '<='} {self.high}"
        return f"{left}{name}{right}"


def point(value: Fraction) -> Domain:
    """The domain of a parameter whose value is fixed."""
    return Domain(value, value, low_open=False, high_open=False)


def parse_domain(text: str) -> tuple[str, Domain]:
    """A parameter and its domain: `lam = 0.5`, `0 < lam <= 1`, `alpha > 1`, `lam in (0, 1]`, or `lam` alone (any real).

    Example:
        >>> parse_domain("0 < lam <= 1")[1].text("lam")
        '0 < lam <= 1'
    """
    if len(text) > MAX_DOMAIN:
        raise FormulaError(f"a domain may have at most {MAX_DOMAIN} characters, got {len(text)}")
    exact = rf"[+-]?{_UNSIGNED}(?:/[0-9]+)?"
    name = r"(?P<name>[A-Za-z_][A-Za-z_0-9]*)"

    def value(found: str | None) -> Fraction | None:
        return None if found is None else rational(found)

    if match := re.fullmatch(rf"\s*{name}\s*={{1,2}}\s*(?P<v>{exact})\s*", text):
        return match["name"], point(rational(match["v"]))
    low_part, high_part = rf"(?:(?P<a>{exact})\s*(?P<ao><=?)\s*)?", rf"(?:\s*(?P<bo><=?)\s*(?P<b>{exact}))?"
    if match := re.fullmatch(rf"\s*{low_part}{name}{high_part}\s*", text):
        domain = Domain(value(match["a"]), value(match["b"]), match["ao"] != "<=", match["bo"] != "<=")
    elif match := re.fullmatch(rf"\s*{name}\s*(?P<ao>>=?)\s*(?P<a>{exact})\s*", text):
        domain = Domain(low=value(match["a"]), low_open=match["ao"] == ">")
    elif match := re.fullmatch(
        rf"\s*{name}\s+in\s*(?P<ao>[(\[])\s*(?P<a>-inf|-oo|{exact})\s*,\s*(?P<b>inf|oo|{exact})\s*(?P<bo>[)\]])\s*",
        text,
    ):
        ends = [None if match[k].endswith(("inf", "oo")) else value(match[k]) for k in "ab"]
        domain = Domain(ends[0], ends[1], match["ao"] == "(" or ends[0] is None, match["bo"] == ")" or ends[1] is None)
    else:
        raise FormulaError(f"expected a parameter like 'lam=0.5', '0 < lam <= 1' or 'lam in (0, 1]', got {text!r}")
    if domain.low is not None and domain.high is not None and domain.low >= domain.high:
        raise FormulaError(f"the domain {text!r} is empty or a single point; write 'name=value' for a point")
    return match["name"], domain
