"""What the catalogue says of a reward: its formula, parameters and source, and claims that the tests hold it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import Literal

from proofs.kernel.formula import parse
from scoring_theory.catalogue.shown import Shown
from scoring_theory.reward import Reward

Properness = Literal["strict", "weak", "no"]
Role = Literal["score", "reward"]
Kind = Literal["score", "reward", "published", "improper"]


@dataclass(frozen=True, repr=False)
class Entry(Shown):
    """A named reward or family R(q, c), larger is better; call it with values for its parameters to get a `Reward`.

    Attributes:
        key: its name, in the catalogue, in formulas and on the command line.
        title: its name in prose, in legends and in tables.
        formula: R as text in `q`, `c` and the parameters.
        source: who proposed it, and where; the paper and equation, or the public file.
        role: "score" if a correct answer known to be correct earns no more than a wrong one known
            to be wrong, V(1) <= V(0), so that it needs correctness beside it; "reward" otherwise.
        proper: "strict", "weak" (the honest report is a best one, not the only one), or "no".
        critical_weight: lam* as a formula in the parameters: c + lam S is jointly optimal iff lam
            <= lam*, where S is the entry itself if it is a score, and R - c if it is a reward.
            "inf" where every weight is safe, "0" where none is; None for improper entries.
        bounded: whether every payoff is finite.
        published: whether it is a reward as a paper or a trainer defines it, with its constants.
        notes: what to know before using it; for an improper entry, what is wrong with it.
        missing: what the source pays when no confidence can be read.
        domains: the domain of each parameter, as text.
        constants: the value of each parameter where a call names none; in a published reward, the
            source's.

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
    domains: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Fraction | int] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """Where the catalogue lists it: published, else improper, else by its role."""
        return "published" if self.published else "improper" if self.proper == "no" else self.role

    @property
    def family(self) -> Reward:
        """The reward with its parameters free over their domains."""
        return Reward.parse(
            self.formula, name=self.title, source=self.source, parameters=dict(self.domains)
        )

    @property
    def reward(self) -> Reward:
        """The reward with its own constants."""
        return self()

    def largest_weight(self, **values: float | Fraction | str) -> float | None:
        """lam* at the given parameters, its own constants for the rest; None for an improper entry.

        Raises:
            ValueError: an unknown parameter, or a value outside its domain.

        Example:
            >>> from scoring_theory.catalogue import CATALOGUE
            >>> CATALOGUE["power"].largest_weight(alpha=2), CATALOGUE["threshold_bet"].largest_weight(t=0)
            (0.5, inf)
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
        """The reward at the given parameters, its own constants for the rest.

        Raises:
            ValueError: an unknown parameter, or a value outside its domain.
        """
        return self.family.bind(**{**self.constants, **values})
