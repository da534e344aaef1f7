"""Five ways for confidence to go astray, each alone: with the mechanism, drift; without it, by one change, none.

Under a reward that ignores confidence, the expected gradient on a free confidence head is exactly 0
(`docs/theory.md`, Theorem 35), and an honest one leads it to the truth. So whatever else happens
needs a mechanism:

    coupling    binary reward; confidence reads the policy's own answer probability, which training sharpens
    noise       binary reward; single runs wander off until they have forgotten their prior
    estimator   honest reward; dividing by the group's standard deviation changes the optimum
    proxy       honest reward; the verifier errs, and confidence is honest about the verifier
    shift       honest reward; confidence is learned in one world and read in another

Each is a pair of experiments that differ in one argument, with one number, its effect, and an exact
value to hold the measured one against.

    >>> proxy = mechanism("proxy", scale="short")
    >>> proxy.exact(), proxy.exact(without=True)
    (0.1, 0.0)
"""

from simulations.mechanisms.mechanism import EFFECTS, LIMITS, Line, Mechanism, MechanismName, Trial
from simulations.mechanisms.pairs import MECHANISMS, everything_off, mechanism

__all__ = [
    "EFFECTS",
    "LIMITS",
    "MECHANISMS",
    "Line",
    "Mechanism",
    "MechanismName",
    "Trial",
    "everything_off",
    "mechanism",
]
