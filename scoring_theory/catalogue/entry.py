"""An entry of the catalogue: formula, parameters and source, and claims that tests verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import Literal

from proofs.kernel.formula import parse
from scoring_theory.display import Code, line, shortened, table
from scoring_theory.reward import Reward

Properness = Literal["strict", "weak", "no"]
Role = Literal["score", "reward"]
Kind = Literal["score", "reward", "published", "improper"]
KIND_TITLES: Mapping[Kind, str] = {
    "score": "Scores S(q, c)",
    "reward": "Rewards R(q, c)",
    "published": "Published rewards R(q, c)",
    "improper": "Improper rules (counterexamples)",
}
"""The sections of the catalogue, in order, with their titles."""


@dataclass(frozen=True, repr=False)
class Entry:
    """A named reward or family R(q, c), positively oriented; call it to get a `Reward`.

    Attributes:
        key: the name in the catalogue, in formulas and on the command line.
        title: the name in prose, in legends and in tables.
        formula: R as text in `q`, `c` and the parameters.
        source: the paper and equation, or the public file, that proposed it.
        role: "score" if V(1) <= V(0), so that certainty of being correct earns no more than
            certainty of being wrong and a reward for correctness must be added; "reward" otherwise.
        proper: "strict" (strictly proper), "weak" (only weakly proper), or "no" (improper).
        critical_weight: lam*, the largest safe weight, as a formula in the parameters: c + lam S is
            jointly optimal if and only if lam <= lam*, where S is R for a score and R - c for a
            reward. "inf" where every weight is safe, "0" where none is; None for improper entries.
        bounded: whether every payoff is finite.
        published: whether a paper or a trainer defines it as a reward, with these constants.
        notes: remarks for users; for an improper entry, its defect.
        missing: the reward in the source when no confidence can be parsed.
        abstain: the payoff in the source of giving no answer, a number as text; "" if there is no
            such action.
        domains: the domain of each parameter, as text.
        constants: the default of each parameter; for a published reward, the value in the source.

    Example:
        >>> from scoring_theory.catalogue import power
        >>> power(alpha=3).parameters, power.critical_weight, power.kind
        ({'alpha': 'alpha = 3'}, '1/alpha', 'score')
    """

    key: str
    title: str
    formula: str
    source: str
    role: Role
    proper: Properness
    critical_weight: str | None
    bounded: bool
    published: bool = False
    notes: str = ""
    missing: str = ""
    abstain: str = ""
    domains: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Fraction | int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return line(type(self).__name__, f"{self.key}: {shortened(self.formula, 70)!r}")

    def _repr_html_(self) -> str:
        rows: list[tuple[str, str]] = [("R(q, c)", Code(self.formula))]
        rows += [("with", Code(domain)) for domain in self.domains.values()]
        rows += [
            (label, text)
            for label, text in (("source", self.source), ("notes", self.notes))
            if text
        ]
        return table(rows, caption=self.title)

    def _repr_latex_(self) -> str:
        return self.reward._repr_latex_()

    @property
    def kind(self) -> Kind:
        """The section of the catalogue: published, else improper, else the role."""
        return "published" if self.published else "improper" if self.proper == "no" else self.role

    @property
    def family(self) -> Reward:
        """The reward with free parameters, each with its domain."""
        return Reward.parse(
            self.formula, name=self.title, source=self.source, parameters=dict(self.domains)
        )

    @property
    def reward(self) -> Reward:
        """The reward with its default constants."""
        return self()

    def largest_weight(self, **values: float | Fraction | str) -> float | None:
        """lam* at the given parameters, with the default constants for the rest.

        Args:
            values: parameters by name.

        Returns:
            The largest safe weight; None for an improper entry.

        Raises:
            ValueError: an unknown parameter, or a value outside its domain.

        Example:
            >>> from scoring_theory.catalogue import CATALOGUE
            >>> CATALOGUE["power"].largest_weight(alpha=2)
            0.5
            >>> CATALOGUE["threshold_bet"].largest_weight(t=0)
            inf
        """
        from scoring_theory.expression import evaluate

        domains = self(**values).domains
        if self.critical_weight is None:
            return None
        formula = parse(self.critical_weight, variables=(*domains, "inf"))
        return float(
            evaluate(
                formula, {"inf": inf, **{name: float(d.low or 0) for name, d in domains.items()}}
            )
        )

    def __call__(self, **values: float | Fraction | str) -> Reward:
        """The reward at the given parameters, with the default constants for the rest.

        Args:
            values: parameters by name: numbers, or domains as text.

        Raises:
            ValueError: a parameter is unknown, or its value is outside its domain.

        Example:
            >>> from scoring_theory.catalogue import CATALOGUE
            >>> CATALOGUE["brier_k"](k=1).text
            'c - k*(q - c)^2'
        """
        return self.family.bind(**{**self.constants, **values})
