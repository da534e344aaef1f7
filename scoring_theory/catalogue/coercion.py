"""Whatever may stand for a reward, made one: every function that takes a reward begins with this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from scoring_theory.catalogue.words import expand, find
from scoring_theory.reward import Reward
from scoring_theory.reward.parameters import Parameter


class HasReward(Protocol):
    """What holds a reward: an entry of the catalogue, a design, a repair."""

    @property
    def reward(self) -> Reward:
        """The reward."""


@runtime_checkable
class Family(Protocol):
    """An entry of the catalogue, whose defaults give way to parameters."""

    def __call__(self, **values: Any) -> Reward:
        """The reward at these parameters."""


RewardLike = str | Reward | HasReward
RewardsLike = RewardLike | Mapping[str, RewardLike] | Iterable[RewardLike]
ComponentsLike = Sequence[tuple[str, float | Fraction, RewardLike]]
"""Name, weight and reward of each part that a trainer handles on its own."""


def as_reward(given: RewardLike, *, parameters: Mapping[str, Parameter] | None = None) -> Reward:
    """A reward from a formula, a `Reward`, or what holds one, such as an entry of the catalogue.

    Args:
        given: what stands for the reward.
        parameters: values or domains of its parameters, by name.

    Raises:
        TypeError: it is none of these.
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
    """Name, weight and `Reward` of each part."""
    return [(name, weight, as_reward(part)) for name, weight, part in given]


def _parsed(text: str, parameters: Mapping[str, Parameter] | None) -> Reward:
    entry = find(text)
    if entry is not None:
        return entry.family.bind(**{**entry.constants, **(parameters or {})})
    return Reward.parse(expand(text, parameters or ()), parameters=parameters)


def as_rewards(given: RewardsLike) -> dict[str, Reward]:
    """Rewards by the name to report them under: from a mapping, a list, or a single one.

    In a list a reward is called by its name, or by its formula where it has none.

    Raises:
        TypeError: something in it is no reward.
        ValueError: two of a list have the same name.

    Example:
        >>> as_rewards(["c", Reward.parse("c - (q - c)^2", name="RLCR")])
        {'c': Reward('c'), 'RLCR': Reward('c - (q - c)^2', name='RLCR')}
    """
    if isinstance(given, Mapping):
        return {name: as_reward(one) for name, one in given.items()}
    several: Any = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    named: dict[str, Reward] = {}
    for reward in map(as_reward, several):
        name = reward.name or reward.text
        if name in named:
            raise ValueError(
                f"two rewards are called {name!r}: give a mapping from names to rewards"
            )
        named[name] = reward
    return named
