"""`read_config`: the configuration of a trainer, from a file, a mapping or an object."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from scoring_theory.configs.files import read_settings
from scoring_theory.configs.given import Given
from scoring_theory.configs.openrlhf import OLDER_NAMES, read_openrlhf
from scoring_theory.configs.reading import ConfigReading
from scoring_theory.configs.trl import NEWEST, read_trl
from scoring_theory.configs.verl import read_verl
from scoring_theory.spelling import framework_name

CONFIG_FRAMEWORKS = ("trl", "verl", "openrlhf")
_TRL_NAMES = {
    "num_generations", "scale_rewards", "loss_type", "beta", "reward_weights", "num_iterations",
    "normalize_advantages", "multi_objective_aggregation", "reward_funcs", "max_completion_length",
}  # fmt: skip


def read_config(
    given: object, *, framework: str | None = None, version: str | None = None
) -> ConfigReading:
    """What a configuration of TRL, verl or OpenRLHF does to a reward.

    Each setting that was read changes the optimum of a reward (then `check` decides, see
    `ConfigReading.options`), is harmless, or is not modelled; what is unknown is named as not read.

    Args:
        given: the path of a YAML file, or of a shell script with a launch command; a mapping; or an
            object with attributes, such as a `GRPOConfig` or a `DictConfig`. Nothing is executed.
        framework: "trl", "verl" or "openrlhf"; by default the names of the settings tell.
        version: for TRL, the release whose defaults stand for what is not stated.

    Raises:
        ValueError: the framework or its release is unknown, or a value is outside its domain.
        ImportError: YAML needs PyYAML, which the extra `configs` installs.
        OSError: the file cannot be read.

    Example:
        >>> reading = read_config({"num_generations": 8, "scale_rewards": "group"})
        >>> reading.framework, reading.release, reading.trainer.estimator
        ('trl', 'TRL 1.16.0', 'group_std')
        >>> [setting.name for setting in reading.changes]
        ['scale_rewards', 'num_generations']
        >>> read_config({"steps": 3})
        Traceback (most recent call last):
        ValueError: these settings are of no known framework: name it, trl, verl or openrlhf
    """
    if framework is not None:
        framework = framework_name(framework, CONFIG_FRAMEWORKS)
    settings, source, told = given, "", ""
    if isinstance(given, str | PathLike):
        stated = read_settings(Path(given))
        settings, source, told = stated.settings, Path(given).name, stated.framework
    chosen = told or _framework(settings) or framework
    if not chosen:
        raise ValueError(
            "these settings are of no known framework: name it,"
            f" {', '.join(CONFIG_FRAMEWORKS[:-1])} or {CONFIG_FRAMEWORKS[-1]}"
        )
    if framework not in (None, chosen):
        raise ValueError(f"{source or 'the configuration'} is of {chosen}, not of {framework}")
    if chosen == "trl":
        return read_trl(settings, version=version or NEWEST, source=source)
    if version is not None:
        raise ValueError(f"`version` is for TRL; of {chosen} one release was read")
    return (read_verl if chosen == "verl" else read_openrlhf)(settings, source=source)


def _framework(settings: object) -> str:
    """The framework to which the names of the settings belong; empty if none is known."""
    names = set(Given(settings).values)
    first = {name.partition(".")[0] for name in names}
    if {"actor_rollout_ref", "algorithm"} & first:
        return "verl"
    if "algo" in first or {"advantage_estimator", "init_kl_coef", "remote_rm_url"} & names:
        return "openrlhf"
    if _TRL_NAMES & names:
        return "trl"
    if not isinstance(settings, Mapping) and OLDER_NAMES.keys() & names:
        return "openrlhf"
    return ""
