"""The `Reward`: a formula in q and c, its parameters, its algebra, and its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import (
    CONFIDENCE,
    Apply,
    Domain,
    FormulaError,
    Name,
    Node,
    Number,
    parse,
    substitute,
)
from proofs.trees import branch, domain_text, names, unparse, walk
from scoring_theory.display import Code, Maths, line, shortened, table
from scoring_theory.expression.pasted import parse_pasted
from scoring_theory.reward.algebra import (
    exact,
    joined_payoffs,
    multiplied,
    negative,
    plus,
    split_payoffs,
)
from scoring_theory.reward.parameters import Parameter, as_domain, fixed, merged, within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from sympy import Expr

    from scoring_theory.expression.numeric import Floats


@dataclass(frozen=True, eq=False, init=False)
class Reward:
    r"""The reward of an answer with stated confidence q: R(q, 1) if correct, R(q, 0) if wrong.

    Larger is better. A reward is its formula as typed, in `q`, `c` and parameters, each with a
    domain; a parameter with a value has a domain of one point.

    `a == b` is true if `b` is a positive affine map of `a`: R_b = alpha R_a + beta with alpha > 0
    for every q and c. Such rewards are equivalent for a learner: every preference between answers
    and confidences is the same (alpha only scales the step size, and a baseline removes beta).
    `True` is proved by exact arithmetic; `False` means that they differ, or that no such proof was
    found. Equal rewards have the same hash; `text` distinguishes formulas.

    `Reward("c - lam*(q - c)^2", {"lam": 1})` is `Reward.parse` of that text.

    Attributes:
        formula: the syntax tree of R(q, c).
        domains: the domain of each parameter.
        name: its name in tables and legends.
        source: its reference in the literature.

    Example:
        >>> from scoring_theory import brier, correctness
        >>> rlcr = correctness + brier
        >>> rlcr.text, rlcr.payoff(0.5, correct=1).item()
        ('c - (q - c)^2', 0.75)
        >>> rlcr == Reward.parse("1 + c - (q - c)^2")
        True
    """

    formula: Node
    domains: Mapping[str, Domain]
    name: str
    source: str

    def __init__(
        self,
        formula: Node | str,
        domains: Mapping[str, Parameter] | None = None,
        name: str = "",
        source: str = "",
    ) -> None:
        """Hold the domains immutable, and refuse a formula with undeclared names."""
        given = {key: as_domain(key, value) for key, value in (domains or {}).items()}
        if isinstance(formula, str):
            formula = _parsed(formula, given)
        used = names(formula) - {"q", "c"}
        if missing := used - set(given):
            raise FormulaError(
                f"`{sorted(missing)[0]}` in {unparse(formula)!r} needs a value or a domain"
            )
        kept = {key: domain for key, domain in given.items() if key in used}
        values = {"formula": formula, "domains": MappingProxyType(kept)}
        for attribute, value in {**values, "name": name, "source": source}.items():
            object.__setattr__(self, attribute, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the read-only view, so that rewards travel to worker processes."""
        return Reward, (self.formula, dict(self.domains), self.name, self.source)

    # ---------------------------------------------------------------- ways to build one

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        name: str = "",
        source: str = "",
        parameters: Mapping[str, Parameter] | None = None,
        **more_parameters: Parameter,
    ) -> Reward:
        """A reward from a typed formula in `q`, `c` and declared parameters.

        Args:
            text: a formula of `proofs.kernel.formula`, such as `"c - lam*(q-c)**2"`, or as papers
                and programs write it (docs/checking.md).
            name: its name in tables and legends.
            source: its reference in the literature.
            parameters: a number, a `Domain`, or a text such as `"1/2"` or `"0 < lam <= 1"`, by
                name.
            more_parameters: the same, as keywords.

        Raises:
            FormulaError: the text is not a formula, a name in it is not declared, or a declared one
                does not occur.

        Example:
            >>> Reward.parse("c - lam*(q-c)**2", lam="0 < lam <= 1").parameters
            {'lam': '0 < lam <= 1'}
        """
        return cls(text, {**(parameters or {}), **more_parameters}, name, source)

    @classmethod
    def from_payoffs(
        cls,
        on_correct: str | Node | Expr | float,
        on_wrong: str | Node | Expr | float,
        *,
        name: str = "",
        source: str = "",
        parameters: Mapping[str, Parameter] | None = None,
        **more_parameters: Parameter,
    ) -> Reward:
        """A reward from its two payoffs f(q) = R(q, 1) and g(q) = R(q, 0).

        Args:
            on_correct: f as a text, tree, SymPy expression or number.
            on_wrong: g, likewise.
            name: its name in tables and legends.
            source: its reference in the literature.
            parameters: a number, a `Domain`, or a text, by name.
            more_parameters: the same, as keywords.

        Example:
            >>> Reward.from_payoffs("q", "q + log(1 - q)").text
            'c*q + (1 - c)*(q + log(1 - q))'
        """
        declared = {
            key: as_domain(key, value)
            for key, value in {**(parameters or {}), **more_parameters}.items()
        }
        formula = joined_payoffs(
            *(as_node(payoff, declared, CONFIDENCE) for payoff in (on_correct, on_wrong))
        )
        return cls(formula, declared, name, source)

    @classmethod
    def from_value(
        cls, value: str | Node | Expr, *, name: str = "", **parameters: Parameter
    ) -> Reward:
        """The proper reward with a given convex expected score V(p) (Savage).

            f = V + (1 - p) V'        g = V - p V'

        See `scoring_theory.reward.from_value`.

        Example:
            >>> Reward.from_value("p^2") == Reward.parse("c - (q - c)^2")
            True
        """
        from scoring_theory.reward.from_value import from_value

        declared = {key: as_domain(key, given) for key, given in parameters.items()}
        return cls.from_payoffs(
            *from_value(as_node(value, declared, "p"), declared), name=name, parameters=declared
        )

    @classmethod
    def from_density(
        cls,
        density: str | Node | Expr,
        *,
        atoms: Mapping[float | Fraction | str, float | Fraction] | None = None,
        name: str = "",
        **parameters: Parameter,
    ) -> Reward:
        """The proper reward of a threshold density w(t) >= 0, with atoms (Schervish).

            f' = (1 - t) w        g' = -t w

        See `scoring_theory.reward.from_density`.

        Example:
            >>> Reward.from_density("1/(t*(1 - t))") == Reward.parse("log(1 - abs(q - c))")
            True
        """
        from scoring_theory.reward.from_density import from_density

        declared = {key: as_domain(key, given) for key, given in parameters.items()}
        return cls(
            from_density(as_node(density, declared, "t"), declared, atoms=atoms or {}),
            declared,
            name,
        )

    def bind(self, **values: Parameter) -> Reward:
        """The same reward with values (or narrower domains) for parameters.

        Raises:
            ValueError: an unknown parameter, or a value outside its domain.

        Example:
            >>> Reward.parse("c - lam*(q - c)^2", lam="0 < lam <= 1").bind(lam=0.5).parameters
            {'lam': 'lam = 1/2'}
        """
        domains = dict(self.domains)
        for name, value in values.items():
            if name not in domains:
                known = ", ".join(domains) or "none"
                raise ValueError(
                    f"`{name}` is not a parameter of {self.text!r}; its parameters: {known}"
                )
            domains[name] = within(name, as_domain(name, value), domains[name])
        return Reward(self.formula, domains, self.name, self.source)

    def called(self, name: str, *, source: str = "") -> Reward:
        """The same reward under another name.

        Example:
            >>> Reward.parse("c").called("binary").name
            'binary'
        """
        return Reward(self.formula, self.domains, name, source or self.source)

    # ---------------------------------------------------------------- formula and texts

    @property
    def text(self) -> str:
        """The formula; `Reward.parse(r.text, parameters=r.parameters)` restores the reward."""
        return unparse(self.formula)

    @property
    def parameters(self) -> dict[str, str]:
        """The domain of each parameter by its name, as text such as "0 < lam <= 1"."""
        return {name: domain_text(name, domain) for name, domain in self.domains.items()}

    @property
    def free_parameters(self) -> tuple[str, ...]:
        """The parameters without a value."""
        return tuple(name for name, domain in self.domains.items() if fixed(domain) is None)

    @property
    def bound(self) -> Node:
        """The formula with its fixed parameters replaced by their values."""
        values = {
            name: Number(value)
            for name, d in self.domains.items()
            if (value := fixed(d)) is not None
        }
        return substitute(self.formula, dict(values))

    @cached_property
    def on_correct(self) -> Node:
        """f(q) = R(q, 1), with fixed parameters replaced by their values.

        Example:
            >>> unparse(Reward.parse("c*q").on_correct)
            'q'
        """
        return branch(self.bound, 1)

    @cached_property
    def on_wrong(self) -> Node:
        """g(q) = R(q, 0), with fixed parameters replaced by their values."""
        return branch(self.bound, 0)

    def sympy(self) -> tuple[Expr, Expr]:
        """The two payoffs as SymPy expressions in `q` and the free parameters.

        Example:
            >>> Reward.parse("c - (q - c)^2").sympy()[1]
            -q**2
        """
        from scoring_theory.expression import to_sympy

        return to_sympy(self.on_correct), to_sympy(self.on_wrong)

    def latex(self) -> str:
        r"""The two payoffs in LaTeX.

        Example:
            >>> Reward.parse("c - (q - c)^2").latex()
            'R(q, 1) = 1 - \\left(q - 1\\right)^{2}, \\qquad R(q, 0) = - q^{2}'
        """
        first, second = self._latex()
        return rf"R(q, 1) = {first}, \qquad R(q, 0) = {second}"

    def _latex(self) -> list[str]:
        from sympy import latex

        return [latex(payoff) for payoff in self.sympy()]

    def __repr__(self) -> str:
        name = [f"name={shortened(self.name, 40)!r}"] if self.name else []
        return line("Reward", repr(shortened(self.text, 80)), *self.parameters.values(), *name)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def _repr_html_(self) -> str:
        right, wrong = map(Maths, self._latex())
        rows: list[tuple[str, str]] = [
            ("R(q, c)", Code(self.text)),
            ("R(q, 1)", right),
            ("R(q, 0)", wrong),
        ]
        rows += [("with", Code(domain)) for domain in self.parameters.values()]
        return table(
            [*rows, *([("source", self.source)] if self.source else [])], caption=self.name
        )

    def __str__(self) -> str:
        domains = ", ".join(self.parameters.values())
        named = f"{self.name}: {self.text}" if self.name else self.text
        return f"{named} with {domains}" if domains else named

    # ---------------------------------------------------------------- algebra

    def __add__(self, other: Reward | float | Fraction) -> Reward:
        if isinstance(other, Reward):
            left, right, domains = merged(
                (self.formula, self.domains), (other.formula, other.domains)
            )
            return Reward(plus(left, right), domains)
        return Reward(plus(self.formula, Number(exact(other, name="a constant"))), self.domains)

    __radd__ = __add__

    def __neg__(self) -> Reward:
        return Reward(negative(self.formula), self.domains)

    def __sub__(self, other: Reward | float | Fraction) -> Reward:
        return self + (-other)

    def __rsub__(self, other: float) -> Reward:
        return (-self) + other

    def __mul__(self, weight: object) -> Reward:
        if isinstance(weight, Reward):
            raise TypeError(
                "rewards are added and weighted by numbers; the product of two rewards is not a"
                " reward"
            )
        return Reward(multiplied(exact(weight), self.formula), self.domains)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float | Fraction) -> Reward:
        return self * (1 / exact(divisor, name="a divisor"))

    def weighted(self, name: str, domain: Parameter) -> Reward:
        """The reward times a parameter: `correctness + brier.weighted("lam", "0 < lam <= 1")`.

        Example:
            >>> Reward.parse("-(q - c)^2").weighted("lam", "lam > 0").text
            '-(lam*(q - c)^2)'
        """
        weight = Name(name), {name: as_domain(name, domain)}
        left, right, domains = merged(weight, (self.formula, self.domains))
        factor, rest = split_payoffs(right)
        return Reward(multiplied(factor, Apply("*", (left, rest))), domains)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reward):
            return NotImplemented
        from scoring_theory.reward.equality import same_to_a_learner

        free = {name: self.domains[name] for name in self.free_parameters}
        if free != {name: other.domains[name] for name in other.free_parameters}:
            return False
        return same_to_a_learner(
            (self.on_correct, self.on_wrong), (other.on_correct, other.on_wrong), free
        )

    def __hash__(self) -> int:
        """One hash per set of free parameters.

        Equality is semantic, and equal rewards must have equal hashes.
        """
        return hash(("Reward", frozenset(self.free_parameters)))

    # ---------------------------------------------------------------- values

    def _sides(self) -> tuple[Node, Node]:
        """Both payoffs of a reward whose parameters all have values."""
        for name in self.free_parameters:
            raise ValueError(
                f"`{name}` needs a value ({domain_text(name, self.domains[name])}): use"
                f" bind({name}=...)"
            )
        return self.on_correct, self.on_wrong

    def payoff(self, confidence: ArrayLike, correct: ArrayLike) -> Floats:
        """The reward R(q, c), elementwise.

        Args:
            confidence: q, any shape, in [0, 1].
            correct: c, 0 or 1 (or booleans), broadcast against `confidence`.

        Returns:
            float64 of the broadcast shape; -inf if that is the value, never NaN.

        Raises:
            ValueError: a value is outside its domain, or a parameter has no value.
            TypeError: a masked array, or an entry that is not a number.

        Example:
            >>> Reward.parse("c - (q - c)^2").payoff([0.0, 0.5, 1.0], correct=[[0], [1]])
            array([[ 0.  , -0.25, -1.  ],
                   [ 0.  ,  0.75,  1.  ]])
        """
        from scoring_theory.reward.values import payoff

        return payoff(self._sides(), confidence, correct)

    __call__ = payoff

    def table(self, levels: ArrayLike) -> Floats:
        """Payoffs on a grid of L confidences: shape (2, L), row 0 wrong, row 1 correct.

        Example:
            >>> Reward.parse("c - (q - c)^2").table([0, 0.5, 1])
            array([[ 0.  , -0.25, -1.  ],
                   [ 0.  ,  0.75,  1.  ]])
        """
        from scoring_theory.reward.values import payoff_table

        return payoff_table(self._sides(), levels)

    def expected_reward(self, success_probability: ArrayLike, confidence: ArrayLike) -> Floats:
        """The expected reward U(p, q) = p f(q) + (1 - p) g(q), with 0 * -inf = 0.

        Args:
            success_probability: p, any shape, in [0, 1].
            confidence: q, in [0, 1], broadcast against `success_probability`.

        Returns:
            float64 of the broadcast shape.

        Example:
            >>> Reward.parse("log(1 - abs(q - c))").expected_reward(1.0, [0.5, 1.0]).round(4) + 0.0
            array([-0.6931,  0.    ])
        """
        from scoring_theory.reward.values import expected_reward

        return expected_reward(self._sides(), success_probability, confidence)

    def value(self, success_probability: ArrayLike) -> Floats:
        """The optimal expected reward V(p) = sup over q of U(p, q), for any reward, proper or not.

        Example:
            >>> Reward.parse("-abs(q - c)").value([0.25, 0.5, 0.75])
            array([-0.25, -0.5 , -0.25])
        """
        from scoring_theory.reward.values import best_report_and_value

        return best_report_and_value(self._sides(), success_probability)[0]

    def best_report(self, success_probability: ArrayLike) -> Floats:
        """A report q that attains V(p), or nearly attains a supremum that is not attained.

        It is the truthful report q = p if no report is better, otherwise accurate to about 1e-8.

        Example:
            >>> Reward.parse("-abs(q - c)").best_report([0.25, 0.75])
            array([0., 1.])
        """
        from scoring_theory.reward.values import best_report_and_value

        return best_report_and_value(self._sides(), success_probability)[1]

    def value_slope(self, success_probability: ArrayLike) -> Floats:
        """The slope of the optimal expected reward, V'(p) = f(q) - g(q) at the best report q.

        A proper reward has q = p. The slope says how fast training replaces an answer by a slightly
        better one, as a multiple of the speed under the binary reward, whose slope is 1.

        Source:
            The envelope theorem; `docs/theory.md`, Theorems 1 and 55.

        Args:
            success_probability: p, any shape, in [0, 1].

        Returns:
            float64 of the same shape; a slope between those on either side where V has a kink.

        Example:
            >>> Reward.parse("c - (q - c)^2").value_slope([0.1, 0.5, 0.9]).round(4)
            array([0.2, 1. , 1.8])
        """
        best = self.best_report(success_probability)
        return self.payoff(best, 1) - self.payoff(best, 0)


def as_node(
    value: str | Node | Expr | float, declared: Mapping[str, Domain], variable: str
) -> Node:
    """The syntax tree of a formula given as text, tree, number or SymPy expression.

    Args:
        value: the formula.
        declared: the domains of its parameters.
        variable: the one variable of a text, such as `q`.

    Example:
        >>> unparse(as_node("2*t", {}, "t"))
        '2*t'
    """
    if isinstance(value, (Number, Name, Apply)):
        return value
    if isinstance(value, str):
        return parse(value, list(declared), variables=(variable,))
    if isinstance(value, (int, float, Fraction)):
        return Number(exact(value, name="a payoff"))
    from scoring_theory.expression import from_sympy

    return from_sympy(value)


__all__ = ["Reward", "as_node"]


def _parsed(text: str, declared: Mapping[str, Domain]) -> Node:
    """The syntax tree of a formula in which all declared parameters occur.

    Raises:
        FormulaError: the text is not a formula, divides by zero, or lacks a declared parameter.
    """
    formula = parse_pasted(text, list(declared))
    if any(
        isinstance(n, Apply) and n.op == "/" and n.args[1] == Number(Fraction(0))
        for n in walk(formula)
    ):
        raise FormulaError(f"division by zero in {text!r}")
    if unused := set(declared) - names(formula):
        raise FormulaError(f"the parameter `{sorted(unused)[0]}` does not occur in {text!r}")
    return formula
