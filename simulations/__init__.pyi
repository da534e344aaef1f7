"""Written by `make names`."""

from simulations.agents import AGENTS as AGENTS
from simulations.agents import Coupled as Coupled
from simulations.agents import LogitNormal as LogitNormal
from simulations.agents import Rational as Rational
from simulations.agents import SelfProbability as SelfProbability
from simulations.agents import Tabular as Tabular
from simulations.experiment import Experiment as Experiment
from simulations.fitting import Knobs as Knobs
from simulations.fitting import TableRow as TableRow
from simulations.fitting import fit as fit
from simulations.laboratory.mechanism import Mechanism as Mechanism
from simulations.laboratory.pairs import MECHANISMS as MECHANISMS
from simulations.laboratory.pairs import everything_off as everything_off
from simulations.laboratory.pairs import mechanism as mechanism
from simulations.record import Record as Record
from simulations.running import expected_run as expected_run
from simulations.running import run as run
from simulations.signals import SIGNALS as SIGNALS
from simulations.standard import STANDARD_REWARDS as STANDARD_REWARDS
from simulations.standard import standard_experiments as standard_experiments
from simulations.training import LearningRule as LearningRule
from simulations.training import preset as preset
from simulations.worlds import World as World
from simulations.worlds import bank as bank
from simulations.worlds import feature_world as feature_world

__all__: list[str]
