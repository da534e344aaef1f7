"""Whether a configuration of TRL undoes a reward."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import ComponentsLike, RewardLike


class ConfigWarning(UserWarning):
    """Under this configuration the trainer does not optimise the reward that was checked."""


def warn_of_config(
    reward: RewardLike,
    config: object,
    *,
    missing: float,
    parts: ComponentsLike | None = None,
    forecast: bool = False,
    graded: bool = False,
) -> None:
    """Warn if a configuration makes another report or answer better than the truthful one.

    Args:
        reward: what the trainer adds up.
        config: a `GRPOConfig` or `RLOOConfig`, or the same settings as a mapping.
        missing: the reward of an unreadable completion.
        parts: the functions that the trainer adds up, with their weights; by default the reward.
        forecast: see `scorer`.
        graded: see `scorer`.

    Warns:
        ConfigWarning: the first verdict on training that is refuted, or else undecided, with the
            settings that change the optimum.

    Raises:
        ValueError: a setting is outside its domain.

    Example:
        >>> with warnings.catch_warnings(record=True, action="always") as caught:
        ...     warn_of_config("c - (q - c)^2", {"scale_rewards": "none"}, missing=-1)
        ...     warn_of_config("c - (q - c)^2", {"scale_rewards": "group"}, missing=-1)
        >>> [str(one.message)[35:80] for one in caught]
        ['under this advantage estimator a confidence o']
    """
    from scoring_theory.advantage.estimators import estimator_named
    from scoring_theory.checking import check
    from scoring_theory.configs import read_trl

    reading = read_trl(config)
    options: dict[str, Any] = reading.options()
    if estimator_named(reading.trainer.estimator).per_component:
        options["components"] = parts or [("reward", 1, reward)]
    report = check(reward, missing=missing, forecast=forecast, **options)
    training = report.training
    if training is None or graded or training.status == "proved":
        return
    worst = [one for one in training.verdicts.values() if one.status == training.status]
    why = [f"; `{each.name}` = {each.value}: {each.why}" for each in reading.changes]
    headline = training.headline(answers=not forecast)
    told = "" if training.status == "undecided" else f"{headline}; "
    does = "may not optimise" if training.status == "undecided" else "does not optimise"
    warnings.warn(
        f"TRL {does} this reward: {told}{worst[0].reason.rstrip('.')}{''.join(why[:1])}",
        ConfigWarning,
        stacklevel=3,
    )
