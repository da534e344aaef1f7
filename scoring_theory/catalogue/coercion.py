"""Conversion to `Reward`: functions that take a reward accept formulas and entries as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from scoring_theory.catalogue.words import expand_names, find
from scoring_theory.reward import Reward
from scoring_theory.reward.parameters import Parameter


class HasReward(Protocol):
    """An object with a reward: an entry of the catalogue, a design, a repair."""

    @property
    def reward(self) -> Reward:
        """The reward."""


@runtime_checkable
class Family(Protocol):
    """An entry of the catalogue, whose default parameters can be replaced."""

    def __call__(self, **values: Any) -> Reward:
        """The reward at these parameters."""


RewardLike = str | Reward | HasReward
RewardsLike = RewardLike | Mapping[str, RewardLike] | Iterable[RewardLike]
ComponentsLike = Sequence[tuple[str, float | Fraction, RewardLike]]
"""Name, weight and reward of each component that a trainer adds up or normalises separately."""


def as_reward(given: RewardLike, *, parameters: Mapping[str, Parameter] | None = None) -> Reward:
    """A `Reward` from a formula, a `Reward`, or an object with a reward, such as a catalogue entry.

    Args:
        given: a formula, a `Reward`, or an object whose attribute `reward` is one.
        parameters: values or domains of its parameters, by name.

    Raises:
        TypeError: `given` is none of these.
        FormulaError: the text is not a formula.
        ValueError: a parameter is unknown, or its value is outside its domain.

    Example:
        >>> as_reward("c - lam*(q - c)^2", parameters={"lam": 1})
        Reward('c - lam*(q - c)^2', lam = 1)
        >>> as_reward(5)
        Traceback (most recent call last):
        TypeError: expected a reward: ...
    """
    if isinstance(given, str):
        return _parsed(given, parameters)
    if isinstance(given, Reward):
        return given.bind(**parameters) if parameters else given
    reward = getattr(given, "reward", None)
    if not isinstance(reward, Reward):
        raise TypeError(
            "expected a reward: a formula such as 'c - (q - c)^2', a Reward or an entry of the"
            f" catalogue, got {given!r}"
        )
    if isinstance(given, Family) and parameters:
        return given(**parameters)
    return reward.bind(**parameters) if parameters else reward


def as_components(given: ComponentsLike) -> list[tuple[str, float | Fraction, Reward]]:
    """Name, weight and `Reward` of each component.

    Example:
        >>> as_components([("accuracy", 1, "c"), ("calibration", 0.5, "brier")])
        [('accuracy', 1, Reward('c')), ('calibration', 0.5, Reward('-(q - c)^2', name='Brier'))]
    """
    return [(name, weight, as_reward(part)) for name, weight, part in given]


def _parsed(text: str, parameters: Mapping[str, Parameter] | None) -> Reward:
    entry = find(text)
    if entry is not None:
        return entry.family.bind(**{**entry.constants, **(parameters or {})})
    return Reward.parse(expand_names(text, parameters or ()), parameters=parameters)


def as_rewards(given: RewardsLike) -> dict[str, Reward]:
    """Rewards by name, from a mapping, a list, or a single reward.

    The name of a reward in a list is its own, or its formula if it has none.

    Raises:
        TypeError: an item is not a reward.
        ValueError: two rewards in a list have the same name.

    Example:
        >>> as_rewards(["c", Reward.parse("c - (q - c)^2", name="RLCR")])
        {'c': Reward('c'), 'RLCR': Reward('c - (q - c)^2', name='RLCR')}
    """
    if isinstance(given, Mapping):
        return {name: as_reward(item) for name, item in given.items()}
    several: Any = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    named: dict[str, Reward] = {}
    for reward in map(as_reward, several):
        name = reward.name or reward.text
        if name in named:
            raise ValueError(
                f"two rewards have the name {name!r}: give a mapping from names to rewards"
            )
        named[name] = reward
    return named
