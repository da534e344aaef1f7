"""Reward functions that exist as Python code: called on made-up completions, and checked.

`probe` calls a function as its trainer would, in a child process with limits, on completions with
every confidence and on unreadable ones; it fits a formula to the payoffs, which `check` proves or
refutes, and finds loopholes, errors of scale and unsafe sums.
"""

from scoring_theory.probing.child import ProbeError
from scoring_theory.probing.defects import DEFECTS, Defect, Unread
from scoring_theory.probing.probe import PROBED_FRAMEWORKS, probe
from scoring_theory.probing.result import Probe

__all__ = ["DEFECTS", "PROBED_FRAMEWORKS", "Defect", "Probe", "ProbeError", "Unread", "probe"]
