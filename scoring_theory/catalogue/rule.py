"""What the catalogue says of a rule: its formula, its parameters, its source, and claims that the tests hold it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from scoring_theory.catalogue.shown import Shown
from scoring_theory.reward import Reward

Properness = Literal["strict", "weak", "no"]


@dataclass(frozen=True, repr=False)
class Rule(Shown):
    """A scoring rule or family S(q, c), larger is better; call it with values for its parameters to get a `Reward`.

    Attributes:
        key: its name in the catalogue and in `scoring_theory.catalogue`.
        title: its name in prose.
        formula: S as text in `q`, `c` and the parameters.
        source: who proposed it, and where.
        proper: "strict", "weak" (honesty is a best report, not the only one), or "no".
        critical_weight: lam* as a formula in the parameters: c + lam S is jointly optimal iff lam <= lam*. "inf" where
            every weight is safe, "0" where none is; None for improper rules.
        bounded: whether every payoff is finite.
        notes: what to know before using it; for a foil, what is wrong with it.
        domains: the domain of each parameter, as text.
        defaults: the value used where a call is silent.

    Example:
        >>> from scoring_theory.catalogue import power
        >>> power(alpha=3).parameters, power.critical_weight
        ({'alpha': 'alpha = 3'}, '1/alpha')
    """

    key: str
    title: str
    formula: str
    source: str
    proper: Properness
    critical_weight: str | None
    bounded: bool
    notes: str = ""
    domains: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Fraction | int] = field(default_factory=dict)

    @property
    def family(self) -> Reward:
        """The rule with its parameters free over their domains."""
        return Reward.parse(self.formula, name=self.title, source=self.source, parameters=dict(self.domains))

    @property
    def reward(self) -> Reward:
        """The rule at its defaults."""
        return self()

    def __call__(self, **values: float | Fraction | str) -> Reward:
        """The rule at the given parameters, defaults for the rest.

        Raises:
            ValueError: an unknown parameter, or a value outside its domain.
        """
        return self.family.bind(**{**self.defaults, **values})
