"""Configurations of trainers: which of their settings change what a reward teaches.

`read_config` reads a configuration of TRL, verl or OpenRLHF, from a YAML file, a launch command, a
mapping or an object, and tells for each setting whether it changes the optimum of a reward, is
harmless, or is not modelled. Nothing of a framework is imported, and nothing is executed.
"""

from scoring_theory.configs.read import CONFIG_FRAMEWORKS, read_config
from scoring_theory.configs.reading import ConfigReading, SettingRead
from scoring_theory.configs.trl import read_trl

__all__ = ["CONFIG_FRAMEWORKS", "ConfigReading", "SettingRead", "read_config", "read_trl"]
